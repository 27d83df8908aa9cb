package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.oci.BlobContent;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TlsTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0);
  private static final Answering ECHO = Answering.with(r -> new Reply.Bytes(200, new Headers(), Answering.readAll(r.body())));

  @TempDir static Path shared;
  static TestCertificate ec;
  static TestCertificate rsa;

  @TempDir Path folder;

  @BeforeAll
  static void make() throws Exception {
    ec = TestCertificate.selfSigned(shared, "localhost");
    rsa = TestCertificate.selfSigned(shared, "rsa", "-keyalg", "RSA", "-keysize", "2048");
  }

  private static SSLSocket connect(HttpServer server, SSLContext client, String... protocols) throws IOException {
    SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("127.0.0.1", server.address().getPort());
    socket.setSoTimeout(20_000);
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    return socket;
  }

  private static String get(SSLSocket socket) throws IOException {
    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] answer = new byte[12];
    int read = socket.getInputStream().readNBytes(answer, 0, 12);
    return new String(answer, 0, read, StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa new", "rsa old", "ec new", "ec old"})
  void takesKeysInAllTheirForms(String form) throws Exception {
    TestCertificate certificate = form.startsWith("rsa") ? rsa : ec;
    TlsOptions tls = certificate.in(folder);
    Files.writeString(tls.key(), form.endsWith("old") ? certificate.oldKeyPem() : certificate.keyPem());
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(tls), ECHO)) {
      for (String version : List.of("TLSv1.2", "TLSv1.3")) {
        try (SSLSocket socket = connect(server, certificate.client(null), version)) {
          assertThat(get(socket)).isEqualTo("HTTP/1.1 200");
          assertThat(socket.getSession().getProtocol()).isEqualTo(version);
        }
      }
    }
  }

  @Test
  void speaksNothingOlderThanItShould() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(ec.in(folder)), ECHO);
        Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      byte[] hello = new byte[50];
      System.arraycopy(new byte[] {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2}, 0, hello, 0, 11); // a client that knows TLS 1.1 at most
      System.arraycopy(new byte[] {0, 0, 2, (byte) 0xc0, 0x13, 1, 0}, 0, hello, 43, 7);
      socket.getOutputStream().write(hello);
      byte[] alert = socket.getInputStream().readNBytes(7);
      assertThat(alert[0]).isEqualTo((byte) 21);
      assertThat(alert[6]).as("protocol_version").isEqualTo((byte) 70);
    }
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(ec.in(folder).withSpoken("TLSv1.3", List.of())), ECHO);
        SSLSocket socket = connect(server, ec.client(null), "TLSv1.2")) {
      assertThatThrownBy(() -> get(socket)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void offersTheCipherSuitesOfTheOperator() throws Exception {
    String one = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(ec.in(folder).withSpoken("TLSv1.2", List.of(one))), ECHO)) {
      try (SSLSocket socket = connect(server, ec.client(null), "TLSv1.2")) {
        assertThat(get(socket)).isEqualTo("HTTP/1.1 200");
        assertThat(socket.getSession().getCipherSuite()).isEqualTo(one);
      }
      try (SSLSocket socket = connect(server, ec.client(null), "TLSv1.3")) {
        assertThat(get(socket)).isEqualTo("HTTP/1.1 200");
      }
    }
    assertThatThrownBy(() -> HttpServer.start(OPTIONS.withTls(ec.in(folder).withSpoken("TLSv1.2", List.of("ROT13"))), ECHO))
        .isInstanceOf(UnusableCertificateException.class).hasMessageStartingWith("there is no cipher suite ROT13: choose among ");
  }

  @Test
  void refusesToRenegotiate() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(ec.in(folder)), ECHO);
        SSLSocket socket = connect(server, ec.client(null), "TLSv1.2")) {
      assertThat(get(socket)).isEqualTo("HTTP/1.1 200");
      assertThat(again(socket)).isNotEqualTo("HTTP/1.1 200");
    }
  }

  private static String again(SSLSocket socket) {
    try {
      socket.startHandshake();
      return get(socket);
    } catch (IOException refused) {
      return "";
    }
  }

  @Test
  void negotiatesTheVersionOfHttp() throws Exception {
    for (boolean http2 : new boolean[] {true, false}) {
      try (HttpServer server = HttpServer.start(OPTIONS.withTls(ec.in(folder)).withHttp2(http2, false), ECHO)) {
        assertThat(negotiated(server, "h2", "http/1.1")).isEqualTo(http2 ? "h2" : "http/1.1");
        assertThat(negotiated(server, "http/1.1", "h2")).isEqualTo(http2 ? "h2" : "http/1.1");
        assertThat(negotiated(server, "http/1.1")).isEqualTo("http/1.1");
        assertThat(negotiated(server)).isEmpty();
      }
    }
  }

  private static String negotiated(HttpServer server, String... offered) throws Exception {
    try (SSLSocket socket = connect(server, ec.client(null))) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(offered);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket.getApplicationProtocol();
    }
  }

  @Test
  void verifiesTheCertificatesOfClients() throws Exception {
    TestCertificate authority = TestCertificate.selfSigned(folder, "authority", "-ext", "bc:c");
    TestCertificate member = authority.sign(folder, "member");
    TlsOptions tls = ec.in(folder);
    List<Path> authorities = List.of(Files.writeString(folder.resolve("ca.pem"), authority.certificatePem()));
    try (HttpServer asking = HttpServer.start(OPTIONS.withTls(tls.withClients(authorities, false)), ECHO);
        HttpServer requiring = HttpServer.start(OPTIONS.withTls(tls.withClients(authorities, true)), ECHO)) {
      assertThat(isLetIn(asking, member)).isTrue();
      assertThat(isLetIn(asking, null)).isTrue();
      assertThat(isLetIn(asking, rsa)).isFalse();
      assertThat(isLetIn(requiring, member)).isTrue();
      assertThat(isLetIn(requiring, null)).isFalse();
      assertThat(isLetIn(requiring, rsa)).isFalse();
    }
  }

  @Test
  void refusesCertificatesThatAreOverOrNotYetGoodOrNotForClients() throws Exception {
    TestCertificate authority = TestCertificate.selfSigned(folder, "authority", "-ext", "bc:c");
    List<Path> authorities = List.of(Files.writeString(folder.resolve("ca.pem"), authority.certificatePem()));
    TestCertificate good = authority.certify(folder, ec, "-startdate", "-10d", "-validity", "20", "-ext", "eku=clientAuth");
    TestCertificate expired = authority.certify(folder, ec, "-startdate", "-10d", "-validity", "5", "-ext", "eku=clientAuth");
    TestCertificate early = authority.certify(folder, ec, "-startdate", "+5d", "-validity", "5", "-ext", "eku=clientAuth");
    TestCertificate servers = authority.certify(folder, ec, "-ext", "eku=serverAuth");
    TlsOptions tls = ec.in(folder);
    for (boolean required : new boolean[] {false, true}) {
      try (HttpServer server = HttpServer.start(OPTIONS.withTls(tls.withClients(authorities, required)), ECHO)) {
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
          String about = version + (required ? ", required" : ", asked for");
          assertThat(isLetIn(server, Stubborn.client(good), version)).as(about).isTrue();
          assertThat(isLetIn(server, Stubborn.client(expired), version)).as("expired, " + about).isFalse();
          assertThat(isLetIn(server, Stubborn.client(early), version)).as("not yet good, " + about).isFalse();
          assertThat(isLetIn(server, Stubborn.client(servers), version)).as("for servers, " + about).isFalse();
        }
      }
    }
  }

  /** Clients of the JDK show no certificate that is not wanted, so a stranger is told by what it does not show, or by a refusal. */
  private static boolean isLetIn(HttpServer server, TestCertificate own) throws Exception {
    return isLetIn(server, rsa.equals(own) ? Stubborn.client(rsa) : ec.client(own), "TLSv1.2");
  }

  private static boolean isLetIn(HttpServer server, SSLContext client, String version) throws Exception {
    try (SSLSocket socket = connect(server, client, version)) {
      return get(socket).equals("HTTP/1.1 200");
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void saysInWordsWhatIsWrong() throws Exception {
    TlsOptions fine = ec.in(folder);
    Path nothing = folder.resolve("nothing.pem");
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    Path der = Files.write(folder.resolve("der.pem"), ec.chain()[0].getEncoded());
    Path other = Files.writeString(folder.resolve("other.pem"), rsa.keyPem());
    Path backwards = Files.writeString(folder.resolve("backwards.pem"),
        TestCertificate.selfSigned(folder, "first").certificatePem() + ec.certificatePem());
    Path encrypted = Files.writeString(folder.resolve("encrypted.pem"), TestCertificate.pem("ENCRYPTED PRIVATE KEY", new byte[100]));
    Path garbage = Files.writeString(folder.resolve("garbage.pem"), TestCertificate.pem("PRIVATE KEY", new byte[100]));
    refused(TlsOptions.of(nothing, fine.key()), "there is no file " + nothing + " with the certificate: correct the path");
    refused(TlsOptions.of(fine.certificate(), nothing), "there is no file " + nothing + " with the key: correct the path");
    refused(TlsOptions.of(empty, fine.key()), "there is no certificate in " + empty + ": a file in PEM is needed");
    refused(TlsOptions.of(der, fine.key()), "openssl x509 -inform der");
    refused(TlsOptions.of(fine.certificate(), fine.certificate()), "there is no private key in " + fine.certificate());
    Path another = Files.writeString(folder.resolve("another.pem"), TestCertificate.selfSigned(folder, "another").keyPem());
    refused(TlsOptions.of(fine.certificate(), other), "is not the key of the certificate in " + fine.certificate());
    refused(TlsOptions.of(fine.certificate(), another), "is not the key of the certificate in " + fine.certificate() + " (CN=localhost)");
    refused(TlsOptions.of(backwards, fine.key()), "put the server's own certificate first");
    refused(TlsOptions.of(fine.certificate(), encrypted), "is encrypted, and there is nobody to ask for its password");
    refused(TlsOptions.of(fine.certificate(), garbage), "can't be read as what it says it is");
    refused(TlsOptions.of(folder, fine.key()), "can't be read");
    refused(fine.withClients(List.of(nothing), true), "there is no file " + nothing + " with the certificate of an authority");
    refused(fine.withClients(List.of(empty), true), "there is no certificate in " + empty);
  }

  private static void refused(TlsOptions tls, String words) {
    assertThatThrownBy(() -> HttpServer.start(OPTIONS.withTls(tls), ECHO)).isInstanceOf(UnusableCertificateException.class)
        .hasMessageContaining(words);
  }

  @Test
  void servesWithACertificateThatHasExpired() throws Exception {
    TestCertificate old = TestCertificate.selfSigned(folder, "old", "-startdate", "-10d", "-validity", "5");
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(old.in(folder)), ECHO);
        SSLSocket socket = connect(server, Stubborn.client(null))) {
      assertThat(get(socket)).isEqualTo("HTTP/1.1 200");
      assertThat(((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName()).isEqualTo("CN=old");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
  void carriesBodiesBothWays(String version) throws Exception {
    byte[] noise = new byte[20_000_000];
    new Random(1).nextBytes(noise);
    Path file = Files.write(folder.resolve("blob"), noise);
    Answering handler = Answering.with(r -> {
      if (r.method().equals("GET")) {
        FileChannel channel = FileChannel.open(file);
        return new Reply.Blob(200, new Headers(), new BlobContent.InFile(channel, channel.size()), 1000, channel.size() - 2000);
      }
      return new Reply.Bytes(200, new Headers(), Answering.readAll(r.body()));
    });
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(ec.in(folder)), handler);
        HttpClient client = HttpClient.newBuilder().sslContext(ec.client(null)).version(HttpClient.Version.valueOf(version)).build()) {
      URI uri = URI.create("https://localhost:" + server.address().getPort() + "/");
      for (int i = 0; i < 2; i++) {
        HttpResponse<byte[]> down = client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(down.version()).hasToString(version);
        assertThat(down.body()).isEqualTo(java.util.Arrays.copyOfRange(noise, 1000, noise.length - 1000));
        HttpResponse<byte[]> up = client.send(HttpRequest.newBuilder(uri).PUT(HttpRequest.BodyPublishers.ofByteArray(noise)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
        assertThat(up.body()).isEqualTo(noise);
      }
    }
  }

  @Test
  void readsAFileNoFasterThanItIsTaken() throws Exception {
    Path file = folder.resolve("blob");
    try (FileChannel sparse = FileChannel.open(file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)) {
      sparse.write(java.nio.ByteBuffer.wrap(new byte[1]), 200_000_000);
    }
    try (FileChannel channel = FileChannel.open(file);
        HttpServer server = HttpServer.start(OPTIONS.withTls(ec.in(folder)),
            Answering.with(r -> new Reply.Blob(200, new Headers(), new BlobContent.InFile(channel, channel.size()), 0, channel.size())));
        SSLSocket socket = connect(server, ec.client(null))) {
      long before = heapOfBuffers();
      assertThat(get(socket)).isEqualTo("HTTP/1.1 200");
      TimeUnit.MILLISECONDS.sleep(500);
      assertThat(server.answerBytes()).as("pieces that are counted").isLessThanOrEqualTo(4 * 128 * 1024);
      assertThat(heapOfBuffers() - before).as("pieces in memory").isLessThan(64 << 20);
      InputStream in = socket.getInputStream();
      long read = in.skip(199_000_000);
      assertThat(read).isPositive();
    }
  }

  private static long heapOfBuffers() {
    return io.netty.buffer.ByteBufAllocator.DEFAULT instanceof io.netty.buffer.ByteBufAllocatorMetricProvider metrics
        ? metrics.metric().usedHeapMemory()
        : 0;
  }
}
