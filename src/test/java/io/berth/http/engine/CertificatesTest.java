package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.auth.Admission;
import io.berth.auth.Certificates;
import io.berth.auth.Epochs;
import io.berth.auth.Gate;
import io.berth.auth.Holder;
import io.berth.auth.Logins;
import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.Request;
import io.berth.http.RequestHandler;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Identity;
import io.berth.policy.Scope;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the certificate of a client names, and that it comes from the connection and from nowhere else. */
final class CertificatesTest {

  @TempDir Path folder;

  private static Optional<Identity> named(TestCertificate shown, Certificates.Field field, Instant now) {
    return gate(field, now).holder(() -> Optional.of(shown.chain()[0])).map(Holder::identity);
  }

  private static Gate gate(Certificates.Field field, Instant now) {
    return new Gate(AccessPolicy.USERS, new Logins(List.of()), "Berth", Optional.empty(), Epochs.NEVER,
        Optional.of(new Certificates(field, "office", () -> now)));
  }

  @Test
  void theOneNameOfItsKindSaysWhoItIs() throws Exception {
    TestCertificate shown = TestCertificate.selfSigned(folder, "alice");
    Instant now = Instant.now();

    assertThat(named(shown, Certificates.Field.CN, now)).contains(new Identity.User("office/alice"));
    assertThat(named(shown, Certificates.Field.DNS, now)).contains(new Identity.User("office/localhost"));
    assertThat(named(shown, Certificates.Field.URI, now)).as("which it has not").isEmpty();
    assertThat(named(shown, Certificates.Field.EMAIL, now)).isEmpty();
    assertThat(named(shown, Certificates.Field.CN, now.plusSeconds(400L * 24 * 3600))).as("when it has expired").isEmpty();
  }

  @Test
  void aNameWithinAnotherNameIsNone() throws Exception {
    TestCertificate shown = TestCertificate.selfSigned(folder, "alice,O=x\\,CN=root");

    assertThat(shown.chain()[0].getSubjectX500Principal().getName()).isEqualTo("CN=alice,O=x\\,CN\\=root");
    assertThat(named(shown, Certificates.Field.CN, Instant.now())).contains(new Identity.User("office/alice"));
  }

  @Test
  void severalNamesAreNone() throws Exception {
    TestCertificate shown = TestCertificate.selfSigned(folder, "alice,CN=root");

    assertThat(named(shown, Certificates.Field.CN, Instant.now())).isEmpty();
  }

  @Test
  void aHolderIsAskedNothingAndCredentialsGoBefore() throws Exception {
    Gate gate = gate(Certificates.Field.CN, Instant.now());
    TestCertificate shown = TestCertificate.selfSigned(folder, "alice");
    Optional<Holder> holder = gate.holder(() -> Optional.of(shown.chain()[0]));

    assertThat(gate.admit(Optional.empty(), holder, "", new Scope.Entry())).isInstanceOf(Admission.Admitted.class);
    assertThat(gate.admitAtOnce(Optional.empty(), holder, new Scope.Entry())).isInstanceOf(Admission.Admitted.class);
    assertThat(gate.admit(Optional.of("Basic YTpi"), holder, "", new Scope.Entry())).isInstanceOf(Admission.Challenged.class);
    assertThat(gate.admitAtOnce(Optional.of("Basic YTpi"), holder, new Scope.Entry())).isNull();
  }

  /** What the server saw of the client. */
  private static final RequestHandler TELLING = new RequestHandler() {
    @Override
    public @Nullable Reply immediate(Request request) {
      return null;
    }

    @Override
    public Reply handle(Request request) {
      String text = request.certificate().map(X509Certificate::getSubjectX500Principal).map(Object::toString).orElse("nobody");
      return new Reply.Bytes(200, new Headers(), text.getBytes(StandardCharsets.UTF_8));
    }
  };

  @Test
  void theConnectionTellsWithBothVersionsOfHttpAndHeadersDoNot() throws Exception {
    TestCertificate own = TestCertificate.selfSigned(folder, "server");
    TestCertificate authority = TestCertificate.selfSigned(folder, "authority", "-ext", "bc:c");
    TestCertificate member = authority.sign(folder, "member");
    List<Path> authorities = List.of(Files.writeString(folder.resolve("ca.pem"), authority.certificatePem()));

    try (HttpServer server =
        HttpServer.start(EngineOptions.defaults("127.0.0.1", 0).withTls(own.in(folder).withClients(authorities, false)), TELLING)) {
      URI url = URI.create("https://localhost:" + server.address().getPort() + "/");
      for (HttpClient.Version version : HttpClient.Version.values()) {
        assertThat(got(own, member, version, url)).isEqualTo("CN=member");
        assertThat(got(own, null, version, url)).isEqualTo("nobody");
      }
    }
  }

  private static String got(TestCertificate server, @Nullable TestCertificate client, HttpClient.Version version, URI url)
      throws Exception {
    try (HttpClient http = HttpClient.newBuilder().version(version).sslContext(server.client(client)).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(url).header("X-SSL-Client-Cert", "CN=root").header("X-Forwarded-Client-Cert", "By=x;CN=root")
              .header("SSL_CLIENT_S_DN", "CN=root").build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(version);
      return answer.body();
    }
  }
}
