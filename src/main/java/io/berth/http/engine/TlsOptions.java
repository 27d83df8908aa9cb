package io.berth.http.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * TLS of a server: what is read from files in PEM, and what is spoken. Immutable.
 *
 * @param certificate the chain, the server's own certificate first
 * @param key its private key: PKCS#8, PKCS#1 (RSA) or SEC1 (EC)
 * @param authorities who signs the certificates of clients; empty: nobody is asked for one. A certificate that none of them signed is refused
 * @param required whether a client without a certificate is turned away
 * @param oldest the oldest version that is spoken, as the Java platform calls it
 * @param cipherSuites what is offered for TLS 1.2; empty: authenticated encryption with forward secrecy. TLS 1.3 has its own, which are always on
 * @param poll how often the files are looked at
 */
public record TlsOptions(Path certificate, Path key, List<Path> authorities, boolean required, String oldest, List<String> cipherSuites,
    Duration poll) {

  public TlsOptions {
    authorities = List.copyOf(authorities);
    cipherSuites = List.copyOf(cipherSuites);
    if (!poll.isPositive()) {
      throw new IllegalArgumentException("poll can't be " + poll);
    }
  }

  /** TLS 1.2 and newer, without certificates of clients. */
  public static TlsOptions of(Path certificate, Path key) {
    return new TlsOptions(certificate, key, List.of(), false, "TLSv1.2", List.of(), Duration.ofSeconds(5));
  }

  /** With certificates of clients. */
  public TlsOptions withClients(List<Path> signedBy, boolean all) {
    return new TlsOptions(certificate, key, signedBy, all, oldest, cipherSuites, poll);
  }

  /** With other versions and cipher suites. */
  public TlsOptions withSpoken(String oldestVersion, List<String> suites) {
    return new TlsOptions(certificate, key, authorities, required, oldestVersion, suites, poll);
  }

  /** With another interval of looking at the files. */
  public TlsOptions withPoll(Duration interval) {
    return new TlsOptions(certificate, key, authorities, required, oldest, cipherSuites, interval);
  }
}
