package io.berth.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * TLS of a listener. The files are read when the listener starts, and again on a reload.
 *
 * @param certificate the chain in PEM, the server's own certificate first
 * @param key its private key in PEM
 * @param clients who has to show a certificate; absent: nobody is asked for one
 * @param minimum the oldest version that is spoken
 * @param cipherSuites what is offered for TLS 1.2, by the names of RFC 5246 and its successors; empty: what the platform thinks good
 */
public record TlsConfig(Path certificate, Path key, Optional<ClientCertificates> clients, Version minimum, List<String> cipherSuites) {

  public TlsConfig {
    cipherSuites = List.copyOf(cipherSuites);
  }

  /** Versions of TLS that may be the oldest one. */
  public enum Version {
    V1_2("tls1.2", "TLSv1.2"), V1_3("tls1.3", "TLSv1.3");

    private final String word;
    private final String protocol;

    Version(String word, String protocol) {
      this.word = word;
      this.protocol = protocol;
    }

    /** As in the configuration: {@code tls1.2}. */
    public String word() {
      return word;
    }

    /** As the Java platform calls it: {@code TLSv1.2}. */
    public String protocol() {
      return protocol;
    }
  }

  /**
   * Certificates of clients.
   *
   * @param authorities files in PEM with the authorities that sign them; not empty
   * @param required whether a client without a certificate is turned away; one with a wrong certificate always is
   */
  public record ClientCertificates(List<Path> authorities, boolean required) {

    public ClientCertificates {
      authorities = List.copyOf(authorities);
    }
  }
}
