package io.berth.http.engine;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;

/**
 * The contents of the files for TLS at one moment. Two are the same if the contents are. Immutable; every failure says in words what is wrong and
 * what to do.
 */
final class Credentials {

  private static final int MOST = 4 << 20;

  private final TlsOptions options;
  private final List<Path> paths = new ArrayList<>();
  private final List<byte[]> contents = new ArrayList<>();

  private Credentials(TlsOptions options) {
    this.options = options;
  }

  /** Reads the files. */
  static Credentials read(TlsOptions options) throws UnusableCertificateException {
    Credentials read = new Credentials(options);
    read.add("certificate", options.certificate());
    read.add("key", options.key());
    for (Path authority : options.authorities()) {
      read.add("certificate of an authority", authority);
    }
    return read;
  }

  private void add(String what, Path file) throws UnusableCertificateException {
    try {
      if (Files.size(file) > MOST) {
        throw new UnusableCertificateException("the file of the " + what + ", " + file + ", is too large to be one: give a file in PEM");
      }
      contents.add(Files.readAllBytes(file));
      paths.add(file);
    } catch (NoSuchFileException e) {
      throw new UnusableCertificateException("there is no file " + file + " with the " + what + ": correct the path, or put the file there",
          e);
    } catch (AccessDeniedException e) {
      throw new UnusableCertificateException("the file of the " + what + ", " + file
          + ", may not be read: let the user that runs Berth read it, and the folders above it", e);
    } catch (UnusableCertificateException e) {
      throw e;
    } catch (IOException e) {
      throw new UnusableCertificateException("the file of the " + what + ", " + file + ", can't be read: " + e.getMessage(), e);
    }
  }

  boolean isSame(Credentials other) {
    return Arrays.deepEquals(contents.toArray(), other.contents.toArray());
  }

  /** What TLS needs, checked. */
  Usable use(boolean http2, Vertx vertx) throws UnusableCertificateException {
    KeyManagerFactory keys = keys(vertx);
    X509KeyManager manager = manager(keys);
    String alias = alias(manager);
    X509Certificate[] chain = manager.getCertificateChain(alias);
    requirePair(manager.getPrivateKey(alias), chain);
    SslContextBuilder builder = SslContextBuilder.forServer(keys).sslProvider(SslProvider.JDK).protocols(protocols());
    builder.ciphers(suites(), SupportedCipherSuiteFilter.INSTANCE);
    if (!options.authorities().isEmpty()) {
      builder.trustManager(authorities(vertx)).clientAuth(options.required() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
    }
    List<String> spoken =
        http2 ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1) : List.of(ApplicationProtocolNames.HTTP_1_1);
    builder.applicationProtocolConfig(
        new ApplicationProtocolConfig(Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, spoken));
    try {
      return new Usable(builder.build(), chain[0]);
    } catch (SSLException | IllegalArgumentException e) {
      throw new UnusableCertificateException("TLS can't be set up: " + e.getMessage(), e);
    }
  }

  /**
   * What came of it.
   *
   * @param context what makes connections secure
   * @param certificate the server's own
   */
  record Usable(SslContext context, X509Certificate certificate) {}

  private KeyManagerFactory keys(Vertx vertx) throws UnusableCertificateException {
    requirePem(0, "CERTIFICATE", "certificate", "openssl x509 -inform der -in FILE -out FILE.pem");
    requirePem(1, "PRIVATE KEY", "private key", "openssl pkey -inform der -in FILE -out FILE.pem");
    String key = text(1);
    if (key.contains("ENCRYPTED PRIVATE KEY-----") || key.contains("Proc-Type: 4,ENCRYPTED")) {
      throw new UnusableCertificateException("the private key in " + options.key()
          + " is encrypted, and there is nobody to ask for its password: decrypt it (openssl pkey -in FILE -out FILE.plain), and let only "
          + "the user that runs Berth read it");
    }
    try {
      return new PemKeyCertOptions().addCertValue(Buffer.buffer(contents.get(0))).addKeyValue(Buffer.buffer(contents.get(1)))
          .getKeyManagerFactory(vertx);
    } catch (Exception e) {
      if (String.valueOf(e.getMessage()).contains("does not match algorithm of public key")) {
        throw strangers("");
      }
      if (String.valueOf(e.getMessage()).contains("chain is not valid")) {
        throw new UnusableCertificateException("the certificates in " + options.certificate()
            + " are in no order: put the server's own certificate first, and behind each one the one that signed it", e);
      }
      throw new UnusableCertificateException("the certificate in " + options.certificate() + " or the key in " + options.key()
          + " can't be read as what it says it is (keys may be RSA or EC): " + e.getMessage(), e);
    }
  }

  private TrustManagerFactory authorities(Vertx vertx) throws UnusableCertificateException {
    PemTrustOptions trust = new PemTrustOptions();
    for (int i = 2; i < contents.size(); i++) {
      requirePem(i, "CERTIFICATE", "certificate", "openssl x509 -inform der -in FILE -out FILE.pem");
      trust.addCertValue(Buffer.buffer(contents.get(i)));
    }
    try {
      return trust.getTrustManagerFactory(vertx);
    } catch (Exception e) {
      throw new UnusableCertificateException("the certificates of authorities in " + options.authorities() + " can't be read: "
          + e.getMessage(), e);
    }
  }

  private void requirePem(int index, String label, String what, String remedy) throws UnusableCertificateException {
    if (!text(index).matches("(?s).*-----BEGIN [A-Z ]*" + label + "-----.*")) {
      throw new UnusableCertificateException(
          "there is no " + what + " in " + paths.get(index) + ": a file in PEM is needed, with a line -----BEGIN "
              + label + "-----; what is in DER is turned into one by " + remedy);
    }
  }

  private String text(int index) {
    return new String(contents.get(index), StandardCharsets.ISO_8859_1);
  }

  private static X509KeyManager manager(KeyManagerFactory keys) throws UnusableCertificateException {
    for (KeyManager manager : keys.getKeyManagers()) {
      if (manager instanceof X509KeyManager found) {
        return found;
      }
    }
    throw new UnusableCertificateException("the platform makes nothing of the key");
  }

  private static String alias(X509KeyManager manager) throws UnusableCertificateException {
    for (String kind : List.of("RSA", "EC")) {
      String[] aliases = manager.getServerAliases(kind, null);
      if (aliases != null) {
        return aliases[0];
      }
    }
    throw new UnusableCertificateException("the certificate's key is neither RSA nor EC: get one that is");
  }

  /** The key signs what the certificate verifies. */
  private void requirePair(PrivateKey key, X509Certificate[] chain) throws UnusableCertificateException {
    if (!isPair(key, chain[0].getPublicKey())) {
      throw strangers(" (" + chain[0].getSubjectX500Principal() + ")");
    }
  }

  private UnusableCertificateException strangers(String subject) {
    return new UnusableCertificateException("the key in " + options.key() + " is not the key of the certificate in " + options.certificate()
        + subject + ": give the two files that belong together");
  }

  private static boolean isPair(PrivateKey key, PublicKey certified) {
    if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
      return false;
    }
    try {
      Signature signature = Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
      byte[] probe = new byte[32];
      new SecureRandom().nextBytes(probe);
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private String[] protocols() {
    return options.oldest().equals("TLSv1.3") ? new String[] {"TLSv1.3"} : new String[] {"TLSv1.3", "TLSv1.2"};
  }

  private Set<String> suites() throws UnusableCertificateException {
    if (options.cipherSuites().isEmpty()) {
      return new LinkedHashSet<>(Http2SecurityUtil.CIPHERS);
    }
    Set<String> known = new LinkedHashSet<>();
    Set<String> chosen = new LinkedHashSet<>();
    try {
      known.addAll(List.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites()));
    } catch (GeneralSecurityException e) {
      throw new UnusableCertificateException("the platform has no TLS: " + e.getMessage(), e);
    }
    known.stream().filter(suite -> !suite.contains("_WITH_")).forEach(chosen::add); // those of TLS 1.3
    for (String suite : options.cipherSuites()) {
      if (!known.contains(suite)) {
        throw new UnusableCertificateException("there is no cipher suite " + suite + ": choose among " + String.join(", ", known));
      }
      chosen.add(suite);
    }
    return chosen;
  }
}
