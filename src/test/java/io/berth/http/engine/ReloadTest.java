package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ReloadTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0);
  private static final Answering HANDLER = Answering.immediately(r -> Answering.text(200, "here"));

  @TempDir static Path shared;
  static List<TestCertificate> certificates = new ArrayList<>();

  @TempDir Path folder;

  @BeforeAll
  static void make() throws Exception {
    for (int i = 0; i < 4; i++) {
      certificates.add(TestCertificate.selfSigned(shared, "c" + i));
    }
  }

  private static BigInteger serial(HttpServer server, SSLContext client) throws IOException {
    try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(20_000);
      get(socket);
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }

  private static void get(SSLSocket socket) throws IOException {
    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith("here")) {
      int b = socket.getInputStream().read();
      if (b < 0) {
        throw new IOException("ended after " + answer);
      }
      answer.append((char) b);
    }
    if (!answer.toString().startsWith("HTTP/1.1 200")) {
      throw new IOException(answer.toString());
    }
  }

  @Test
  void takesANewPairWhenItIsToldTo() throws Exception {
    TlsOptions tls = certificates.getFirst().in(folder).withPoll(Duration.ofHours(1));
    SSLContext client = Stubborn.client(null);
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(tls), HANDLER)) {
      assertThat(server.reloadCertificate()).as("unchanged, and in use").isTrue();
      certificates.get(1).in(folder);
      assertThat(serial(server, client)).isEqualTo(certificates.getFirst().chain()[0].getSerialNumber());
      assertThat(server.reloadCertificate()).isTrue();
      assertThat(serial(server, client)).isEqualTo(certificates.get(1).chain()[0].getSerialNumber());
    }
  }

  @Test
  void keepsTheOldPairWhereTheNewOneIsNone() throws Exception {
    TlsOptions tls = certificates.getFirst().in(folder).withPoll(Duration.ofHours(1));
    SSLContext client = Stubborn.client(null);
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(tls), HANDLER)) {
      Files.writeString(tls.key(), certificates.get(1).keyPem());
      assertThat(server.reloadCertificate()).isFalse();
      assertThat(server.reloadCertificate()).isFalse();
      Files.writeString(tls.certificate(), "what?");
      assertThat(server.reloadCertificate()).isFalse();
      Files.delete(tls.certificate());
      assertThat(server.reloadCertificate()).isFalse();
      assertThat(serial(server, client)).isEqualTo(certificates.getFirst().chain()[0].getSerialNumber());
      certificates.getFirst().in(folder);
      assertThat(server.reloadCertificate()).as("the old pair is back").isTrue();
      Files.writeString(tls.certificate(), certificates.get(1).certificatePem());
      assertThat(server.reloadCertificate()).isFalse();
      Files.writeString(tls.key(), certificates.get(1).keyPem());
      assertThat(server.reloadCertificate()).isTrue();
      assertThat(serial(server, client)).isEqualTo(certificates.get(1).chain()[0].getSerialNumber());
    }
  }

  @Test
  void doesNotFailARequestWhileCertificatesChange() throws Exception {
    TlsOptions tls = certificates.getFirst().in(folder).withPoll(Duration.ofMillis(5));
    AtomicBoolean enough = new AtomicBoolean();
    AtomicLong answered = new AtomicLong();
    Set<BigInteger> seen = ConcurrentHashMap.newKeySet();
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (HttpServer server = HttpServer.start(OPTIONS.withTls(tls), HANDLER)) {
      List<Thread> load = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean keeping = i == 0;
        load.add(Thread.startVirtualThread(() -> {
          try {
            if (keeping) {
              keepAsking(server, enough, answered);
            } else {
              while (!enough.get()) {
                seen.add(serial(server, Stubborn.client(null)));
                answered.incrementAndGet();
              }
            }
          } catch (Exception e) {
            failures.add(e);
          }
        }));
      }
      TestCertificate last = certificates.getFirst();
      for (int i = 1; i <= 40; i++) {
        last = certificates.get(i % certificates.size());
        last.in(folder);
        if (i % 5 == 0) {
          Files.writeString(tls.key(), "half a k");
          Thread.sleep(10);
          last.in(folder);
        }
        server.reloadCertificate();
        Thread.sleep(20);
      }
      BigInteger expected = last.chain()[0].getSerialNumber();
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> serial(server, Stubborn.client(null)).equals(expected));
      enough.set(true);
      for (Thread thread : load) {
        thread.join();
      }
    }
    assertThat(failures).isEmpty();
    assertThat(answered.get()).isGreaterThan(50);
    assertThat(seen).hasSizeGreaterThan(2);
  }

  /** One connection lives through all of it. */
  private static void keepAsking(HttpServer server, AtomicBoolean enough, AtomicLong answered) throws Exception {
    try (SSLSocket socket =
        (SSLSocket) Stubborn.client(null).getSocketFactory().createSocket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(20_000);
      while (!enough.get()) {
        get(socket);
        answered.incrementAndGet();
      }
    }
  }
}
