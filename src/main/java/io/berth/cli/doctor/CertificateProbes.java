package io.berth.cli.doctor;

import io.berth.config.TlsConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Probes of the certificate chain that the registry will show to clients. */
final class CertificateProbes {

  private static final Duration SOON = Duration.ofDays(21);
  private static final String WHAT = "certificate";

  private CertificateProbes() {}

  static List<Finding> run(TlsConfig tls, Instant now) {
    List<X509Certificate> chain;
    try (InputStream file = Files.newInputStream(tls.certificate())) {
      chain = CertificateFactory.getInstance("X.509").generateCertificates(file).stream().map(X509Certificate.class::cast).toList();
    } catch (IOException | GeneralSecurityException e) {
      return List.of(
          Finding.problem(WHAT, tls.certificate() + " can't be read: " + e.getMessage(), "give a chain in PEM, the server's own first"));
    }
    if (chain.isEmpty()) {
      return List.of(Finding.problem(WHAT, tls.certificate() + " holds no certificate", "give a chain in PEM, the server's own first"));
    }
    var findings = new ArrayList<Finding>();
    chain.forEach(certificate -> findings.add(validity(certificate, now)));
    findings.add(names(chain.getFirst()));
    findings.add(order(chain));
    return findings;
  }

  private static Finding validity(X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    String found = certificate.getSubjectX500Principal() + " is valid until " + end;
    if (end.isBefore(now) || certificate.getNotBefore().toInstant().isAfter(now)) {
      return Finding.problem(WHAT, found + ", not now", "renew it; Berth takes the new files without a restart");
    }
    return end.isBefore(now.plus(SOON)) ? Finding.warning(WHAT, found, "renew it soon") : Finding.ok(WHAT, found);
  }

  private static Finding names(X509Certificate own) {
    try {
      var names = own.getSubjectAlternativeNames();
      return names == null || names.isEmpty()
          ? Finding.problem(WHAT, "it names no host (subjectAltName), so no client will accept it",
              "issue it with the registry's host name")
          : Finding.ok(WHAT, "it names " + names.stream().map(name -> String.valueOf(name.get(1))).toList());
    } catch (GeneralSecurityException e) {
      return Finding.problem(WHAT, "its names can't be read: " + e.getMessage(), "issue it anew");
    }
  }

  /** Clients build the way to an authority they know from what is sent, in order. */
  private static Finding order(List<X509Certificate> chain) {
    for (int i = 0; i + 1 < chain.size(); i++) {
      try {
        chain.get(i).verify(chain.get(i + 1).getPublicKey());
      } catch (GeneralSecurityException e) {
        return Finding.problem(WHAT, "number " + (i + 1) + " of the chain is not signed by number " + (i + 2),
            "order the file: the server's own first, each followed by the one that signed it");
      }
    }
    return Finding.ok(WHAT, "the chain of " + chain.size() + " is in order");
  }
}
