package io.berth.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Which certificates of servers are believed where it is not the system that says so. */
public final class Trust {

  private static final int FILE_BYTES = 4 << 20;

  private Trust() {}

  /**
   * Belief in the certificates of a file and whatever they have signed, and in nothing else.
   *
   * @param pem certificates, one behind the other
   * @throws RegistryFailure if there are none in it
   */
  public static SSLContext in(Path pem) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int number = 0;
      for (Certificate certificate : certificates(pem)) {
        store.setCertificateEntry("certificate " + number++, certificate);
      }
      TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new RegistryFailure(pem + ": its certificates can't be used: " + e, e);
    }
  }

  private static Collection<? extends Certificate> certificates(Path pem) throws IOException, CertificateException {
    byte[] content;
    try (var in = Files.newInputStream(pem)) {
      content = in.readNBytes(FILE_BYTES);
    } catch (IOException e) {
      throw new RegistryFailure(pem + " can't be read: " + e, e);
    }
    Collection<? extends Certificate> found;
    try {
      found = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(content));
    } catch (CertificateException e) {
      throw new RegistryFailure(pem + ": expected certificates in PEM form, -----BEGIN CERTIFICATE-----", e);
    }
    if (found.isEmpty()) {
      throw new RegistryFailure(pem + " has no certificate: expected PEM form, -----BEGIN CERTIFICATE-----");
    }
    return found;
  }
}
