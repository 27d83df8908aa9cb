package io.berth.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.RegistrySession.Ask;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session sends, to whom, and what it believes: against registries that are made up to be hostile. */
final class RegistrySessionTest {

  private static final Credentials ALICE = new Credentials("alice", "s3cret");
  private static final String BASIC = "Basic " + Base64.getEncoder().encodeToString("alice:s3cret".getBytes(StandardCharsets.UTF_8));
  private static final Ask ASK = Ask.get("/v2/x", "*/*");

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> elsewhere = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private HttpServer other;
  private String url = "";
  private String otherUrl = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    otherUrl = "http://127.0.0.1:" + other.getAddress().getPort();
    other.createContext("/", exchange -> {
      elsewhere.add(line(exchange));
      answer(exchange, 200, "{\"token\":\"t0ken\"}");
    });
    server.start();
    other.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    other.stop(0);
  }

  /** Method, target and credentials of a request. */
  private static String line(HttpExchange exchange) {
    return exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Authorization");
  }

  private static void answer(HttpExchange exchange, int status, String body, String... field) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      if (field.length > 0) {
        exchange.getResponseHeaders().add(field[0], field[1]);
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private void answers(int status, String body, String... field) {
    server.createContext("/", exchange -> {
      asked.add(line(exchange));
      answer(exchange, status, body, field);
    });
  }

  private RegistrySession session() {
    return new RegistrySession(RegistryAddress.at(URI.create(url), false), Optional.of(ALICE));
  }

  @Test
  void credentialsAreSentFromTheStartOverWhatIsPrivate() {
    answers(200, "{}");

    try (var session = session()) {
      assertThat(session.send(ASK).json()).isEmpty();
    }

    assertThat(asked).containsExactly("GET /v2/x " + BASIC);
  }

  @Test
  void credentialsDoNotGoThroughANetworkReadable() {
    URI far = URI.create("http://registry.example.com");

    assertThatThrownBy(() -> new RegistrySession(RegistryAddress.at(far, false), Optional.of(ALICE)).close())
        .isInstanceOf(RegistryFailure.class).hasMessageContaining("--plain-http").hasMessageNotContaining("s3cret");
    new RegistrySession(RegistryAddress.at(far, true), Optional.of(ALICE)).close();
    new RegistrySession(RegistryAddress.at(far, false), Optional.empty()).close();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectionIsToldAndNotFollowed(int status) {
    answers(status, "", "Location", otherUrl + "/v2/x");

    try (var session = session()) {
      assertThatThrownBy(() -> session.send(ASK)).hasMessageContaining("it sends elsewhere, to").hasMessageContaining(otherUrl);
    }

    assertThat(elsewhere).isEmpty();
  }

  @Test
  void aChallengeForATokenIsAnsweredWithOneFromTheRealm() {
    server.createContext("/", exchange -> {
      asked.add(line(exchange));
      boolean known = "Bearer t0ken".equals(exchange.getRequestHeaders().getFirst("Authorization"));
      answer(exchange, known ? 200 : 401, "{}", "WWW-Authenticate",
          "Bearer realm=\"" + otherUrl + "/token?a=b\",service=\"my registry\",scope=\"repository:x:pull\"");
    });

    try (var session = session()) {
      session.send(ASK);
      session.send(ASK);
    }

    assertThat(asked).containsExactly("GET /v2/x " + BASIC, "GET /v2/x Bearer t0ken", "GET /v2/x Bearer t0ken");
    assertThat(elsewhere).containsExactly("GET /token?a=b&service=my+registry&scope=repository%3Ax%3Apull " + BASIC);
  }

  @Test
  void aTokenThatIsRefusedIsFetchedOnceOnlyForEachRequest() {
    answers(401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"no\"}]}", "WWW-Authenticate", "Bearer realm=\"" + otherUrl + "\"");

    try (var session = session()) {
      assertThatThrownBy(() -> session.send(ASK)).hasMessageContaining("answered 401: no");
    }

    assertThat(asked).hasSize(2);
    assertThat(elsewhere).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://registry.example.com/token", "ftp://127.0.0.1/", "/token", "", "https://user:password@127.0.0.1/", "\\\\",
    "https:",
    "https://127.0.0.1/#x", "http://localhost.example.com/", "http://127.0.0.1.example.com/"})
  void aRealmThatEveryoneCanReadOrThatIsNoneIsNotAsked(String realm) {
    answers(401, "", "WWW-Authenticate", "Bearer realm=\"" + realm + "\"");

    try (var session = session()) {
      assertThatThrownBy(() -> session.send(ASK)).hasMessageContaining("which is not asked");
    }

    assertThat(asked).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example/v2/x?last=b", "//evil.example/v2/x", "/other", "/v2/../admin", "http://127.0.0.1:1/v2/x",
    "/v2/x", "%zz"})
  void aNextPageElsewhereIsRefused(String link) {
    answers(200, "{}", "Link", "<" + link + ">; rel=\"next\"");

    try (var session = session()) {
      Answer answer = session.send(ASK);
      assertThatThrownBy(() -> session.next(answer)).isInstanceOf(RegistryFailure.class).hasMessageContaining("names a next page");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"</v2/x?last=b%2Fc&n=2>; rel=\"next\"", "<?last=b%2Fc&n=2>;rel=next",
    "</help>; rel=\"help\", </v2/x?last=b%2Fc&n=2>; rel=\"next\""})
  void theNextPageIsFollowedAsItIsWritten(String link) {
    answers(200, "{}", "Link", link);

    try (var session = session()) {
      assertThat(session.next(session.send(ASK))).contains("/v2/x?last=b%2Fc&n=2");
    }
  }

  @Test
  void allErrorsOfARefusalAreToldAndNothingActsOnATerminal() {
    answers(403,
        "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"first\\u001b[2J\",\"detail\":\"operations[0]\"},{\"code\":\"DENIED\",\"message\":\"second\"}]}");

    try (var session = session()) {
      assertThatThrownBy(() -> session.send(ASK)).isInstanceOfSatisfying(RegistryFailure.class, e -> assertThat(e.status()).isEqualTo(403))
          .hasMessageContaining("answered 403: first\\u001b[2J (operations[0]); second");
    }
  }

  @Test
  void whatIsNoRegistryIsRefusedInWords() {
    answers(200, "<html>");

    try (var session = session()) {
      assertThatThrownBy(() -> session.send(ASK).json()).hasMessageContaining("is it a registry");
    }
    server.stop(0);
    try (var session = session()) {
      assertThatThrownBy(() -> session.send(ASK)).hasMessageContaining("can't be reached").hasMessageNotContaining("s3cret");
    }
  }
}
