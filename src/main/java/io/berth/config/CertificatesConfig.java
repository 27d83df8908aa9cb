package io.berth.config;

/**
 * Whom the certificates of clients name. Immutable.
 *
 * @param field where the name stands
 * @param provider what stands before the name of the user
 */
public record CertificatesConfig(Field field, String provider) {

  /** Where a certificate has a name: an alternative name of one kind, or the common name of the subject. */
  public enum Field {
    URI, DNS, EMAIL, CN
  }
}
