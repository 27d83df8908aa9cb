package io.berth.http.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate and its key, made by the JDK's keytool. */
public record TestCertificate(PrivateKey key, X509Certificate[] chain, Path store) {

  private static final String PASSWORD = "changeit";
  private static final int RSA_HEADER = 26;
  private static final int EC_HEADER = 35;

  /** One that signs itself, for this machine. {@code options} are keytool's. */
  public static TestCertificate selfSigned(Path folder, String name, String... options) throws Exception {
    Path store = folder.resolve(name + ".p12");
    List<String> command =
        new ArrayList<>(List.of("-genkeypair", "-alias", "own", "-dname", "CN=" + name, "-keystore", store.toString(), "-ext",
            "SAN=dns:localhost,ip:127.0.0.1"));
    List<String> more = Arrays.asList(options);
    command.addAll(more.contains("-keyalg") ? List.of() : List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(more);
    keytool(command.toArray(String[]::new));
    return load(store);
  }

  /** One that this one has signed. */
  public TestCertificate sign(Path folder, String name) throws Exception {
    TestCertificate signed = selfSigned(folder, name);
    Path request = folder.resolve(name + ".csr");
    Path answer = folder.resolve(name + ".crt");
    Path authority = Files.writeString(folder.resolve(name + ".ca"), pem("CERTIFICATE", chain[0].getEncoded()));
    keytool("-certreq", "-alias", "own", "-keystore", signed.store.toString(), "-file", request.toString());
    keytool("-gencert", "-alias", "own", "-keystore", store.toString(), "-infile", request.toString(), "-outfile", answer.toString());
    keytool("-importcert", "-alias", "ca", "-noprompt", "-keystore", signed.store.toString(), "-file", authority.toString());
    keytool("-importcert", "-alias", "own", "-noprompt", "-keystore", signed.store.toString(), "-file", answer.toString());
    return load(signed.store);
  }

  /** Another certificate by this one for the same key. {@code options} are those of keytool's {@code -gencert}. */
  TestCertificate certify(Path folder, TestCertificate subject, String... options) throws Exception {
    Path request = Files.createTempFile(folder, "subject", ".csr");
    Path answer = folder.resolve(request.getFileName() + ".crt");
    keytool("-certreq", "-alias", "own", "-keystore", subject.store.toString(), "-file", request.toString());
    List<String> command = new ArrayList<>(List.of("-gencert", "-alias", "own", "-keystore", store.toString(), "-infile",
        request.toString(), "-outfile", answer.toString()));
    command.addAll(List.of(options));
    keytool(command.toArray(String[]::new));
    try (InputStream certificate = Files.newInputStream(answer)) {
      var signed = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(certificate);
      return new TestCertificate(subject.key, new X509Certificate[] {signed, chain[0]}, subject.store);
    }
  }

  private static TestCertificate load(Path store) throws GeneralSecurityException, IOException {
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    Certificate[] chain = keys.getCertificateChain("own");
    return new TestCertificate((PrivateKey) keys.getKey("own", PASSWORD.toCharArray()),
        Arrays.copyOf(chain, chain.length, X509Certificate[].class),
        store);
  }

  private static void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-Xshare:auto"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(said);
    }
  }

  public String certificatePem() throws GeneralSecurityException {
    StringBuilder all = new StringBuilder();
    for (X509Certificate one : chain) {
      all.append(pem("CERTIFICATE", one.getEncoded()));
    }
    return all.toString();
  }

  /** The key in PKCS#8. */
  public String keyPem() {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  /** The key in the older form of its kind: PKCS#1 or SEC1. */
  String oldKeyPem() {
    byte[] encoded = key.getEncoded();
    if (key instanceof RSAKey) {
      return pem("RSA PRIVATE KEY", Arrays.copyOfRange(encoded, RSA_HEADER, encoded.length));
    }
    byte[] secret = Arrays.copyOfRange(encoded, EC_HEADER, EC_HEADER + 32);
    byte[] old = new byte[51];
    System.arraycopy(new byte[] {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20}, 0, old, 0, 7);
    System.arraycopy(secret, 0, old, 7, 32);
    System.arraycopy(new byte[] {(byte) 0xa0, 0x0a, 0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07}, 0, old, 39,
        12);
    return pem("EC PRIVATE KEY", old);
  }

  static String pem(String label, byte[] content) {
    return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + label
        + "-----\n";
  }

  /** Options with this certificate, in files of the folder. */
  TlsOptions in(Path folder) throws Exception {
    return TlsOptions.of(Files.writeString(folder.resolve("cert.pem"), certificatePem()),
        Files.writeString(folder.resolve("key.pem"), keyPem()));
  }

  /** A client that trusts this certificate only, and shows {@code own} if there is one. */
  public SSLContext client(TestCertificate own) throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", chain[chain.length - 1]);
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManager[] keys = null;
    if (own != null) {
      KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(KeyStore.getInstance(own.store.toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
      keys = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), null);
    return context;
  }
}
