package io.berth.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.berth.client.RegistrySession.Ask;
import io.berth.http.engine.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose certificates a session believes. */
final class TrustTest {

  @TempDir Path folder;

  private TestCertificate own;
  private HttpsServer server;

  @BeforeEach
  void start() throws Exception {
    own = TestCertificate.selfSigned(folder, "own");
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(own.client(own)));
    server.createContext("/", exchange -> {
      try (exchange) {
        exchange.sendResponseHeaders(200, -1);
      }
    });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private int status(String host, Optional<SSLContext> trust) {
    RegistryAddress address = RegistryAddress.at(URI.create("https://" + host + ":" + server.getAddress().getPort()), false);
    try (var session = new RegistrySession(address, Optional.empty(), trust)) {
      return session.send(Ask.get("/v2/", "*/*")).status();
    }
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("ca.pem"), content);
  }

  @Test
  void aCertificateOfTheFileIsBelievedBesideOthersAndWords() throws Exception {
    TestCertificate other = TestCertificate.selfSigned(folder, "other");
    Path both = file("the other one\n" + other.certificatePem() + "\nthe registry\n" + own.certificatePem());

    assertThat(status("127.0.0.1", Optional.of(Trust.in(both)))).isEqualTo(200);
  }

  @Test
  void othersAreNotBelieved() throws Exception {
    Path other = file(TestCertificate.selfSigned(folder, "other").certificatePem());

    for (Optional<SSLContext> trust : List.of(Optional.<SSLContext>empty(), Optional.of(Trust.in(other)))) {
      assertThatThrownBy(() -> status("127.0.0.1", trust)).isInstanceOf(RegistryFailure.class)
          .hasMessageContaining("is not believed to be what it says").hasMessageContaining("--tls-ca");
    }
  }

  @Test
  void aCertificateForAnotherNameIsNotBelieved() throws Exception {
    Path file = file(own.certificatePem());

    assertThatThrownBy(() -> status("127.0.0.2", Optional.of(Trust.in(file)))).isInstanceOf(RegistryFailure.class);
  }

  @Test
  void aFileWithoutCertificatesIsRefusedInWords() throws Exception {
    for (String content : new String[] {"", "no certificate", own.keyPem(),
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      own.certificatePem().substring(0, 200)}) {
      Path file = file(content);
      assertThatThrownBy(() -> Trust.in(file)).as(content).isInstanceOf(RegistryFailure.class).hasMessageContaining("ca.pem")
          .hasMessageContaining("PEM form");
    }
    assertThatThrownBy(() -> Trust.in(folder.resolve("none"))).isInstanceOf(RegistryFailure.class).hasMessageContaining("can't be read");
  }
}
