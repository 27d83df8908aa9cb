package io.berth.signing;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Certificates that an operator trusts, for tokens that bring the certificates of their signer along: these count only if one of the trusted ones has
 * signed the last of them. Revocation is not looked up. Immutable.
 */
public final class TrustRoots {

  private static final int LONGEST_CHAIN = 10;

  private final List<X509Certificate> roots;

  private TrustRoots(List<X509Certificate> roots) {
    this.roots = List.copyOf(roots);
  }

  /** None. */
  public static final TrustRoots NONE = new TrustRoots(List.of());

  /** Reads a file of certificates in PEM. */
  public static TrustRoots read(Path file) throws InvalidKey {
    var roots = new ArrayList<X509Certificate>();
    try {
      for (Pem block : Pem.parse(Pem.text(KeyFile.read(file)))) {
        if (!block.label().equals("CERTIFICATE")) {
          throw new InvalidKey("has a block '" + block.label() + "', and only certificates belong there");
        }
        roots.add(certificate(block.content()));
      }
    } catch (InvalidKey e) {
      throw e.getMessage() != null && e.getMessage().startsWith(file.toString()) ? e : new InvalidKey(file + " " + e.getMessage());
    }
    if (roots.isEmpty()) {
      throw new InvalidKey(file + " has no certificate in it");
    }
    return new TrustRoots(roots);
  }

  private static X509Certificate certificate(byte[] content) throws InvalidKey {
    try {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(content));
    } catch (CertificateException e) {
      throw new InvalidKey("has a certificate that can't be read");
    }
  }

  /** The keys of the trusted ones themselves, as far as they can verify. */
  public PublicKeySet keys() {
    PublicKeySet keys = PublicKeySet.NONE;
    for (X509Certificate root : roots) {
      try {
        keys = keys.and(PublicKeySet.of(VerifyingKey.of(root.getPublicKey())));
      } catch (InvalidKey e) {
        // of a kind that signs no tokens
      }
    }
    return keys;
  }

  /** The key of the first certificate that a token brings along, if the chain of them ends at a trusted one. */
  public Optional<VerifyingKey> verify(List<String> chain, Instant now) {
    if (chain.isEmpty() || chain.size() > LONGEST_CHAIN || roots.isEmpty()) {
      return Optional.empty();
    }
    try {
      var certificates = new ArrayList<X509Certificate>();
      for (String text : chain) {
        certificates.add(certificate(Base64.getDecoder().decode(text)));
      }
      X509Certificate first = certificates.getFirst();
      if (roots.contains(first)) {
        first.checkValidity(Date.from(now));
        return Optional.of(VerifyingKey.of(first.getPublicKey()));
      }
      certificates.removeIf(roots::contains);
      Set<TrustAnchor> anchors = new HashSet<>();
      roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
      var parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(certificates), parameters);
      return Optional.of(VerifyingKey.of(first.getPublicKey()));
    } catch (GeneralSecurityException | InvalidKey | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
