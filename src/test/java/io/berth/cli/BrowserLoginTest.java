package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.auth.Platform;
import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.oci.Json;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From the browser to a push, over the wire. */
final class BrowserLoginTest {

  private static final String LOGIN = "/v2/_berth/login";
  private static final String PUSH = "/v2/team/app/blobs/uploads/";

  @TempDir Path folder;

  private Platform provider;
  private Wiring berth;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    provider = new Platform();
    Files.writeString(folder.resolve("secret"), "secret\n");
    berth = Wiring.start(config("https://registry.example.com", "corp"), new ByteArrayOutputStream());
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    http.close();
    berth.close();
    provider.close();
  }

  private ServeConfig config(String host, String... names) throws InvalidConfiguration {
    var file = new StringBuilder("http: {host: '" + host + "'}\nauth:\n  logins:\n");
    for (String name : names) {
      file.append("    - {name: " + name + ", issuer: '" + provider.url() + "', clientid: berth, clientsecretfile: '"
          + folder.resolve("secret") + "', plainhttp: true}\n");
    }
    file.append("""
        access:
          rules:
            - {name: developers, who: ['group:/dev'], repositories: [team/**], actions: [pull, push]}
        """);
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("test.yml", file.toString())), Map.of(), List.of());
    return Configuration.read(sources).serve().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0));
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(berth.url() + path));
    return http.send((headers.length == 0 ? request : request.headers(headers)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static Map<String, String> query(HttpResponse<?> answer) {
    var query = new LinkedHashMap<String, String>();
    for (String field : URI.create(header(answer, "Location")).getRawQuery().split("&", -1)) {
      query.put(field.substring(0, field.indexOf('=')), URLDecoder.decode(field.substring(field.indexOf('=') + 1), UTF_8));
    }
    return query;
  }

  private HttpResponse<String> comeBack(HttpResponse<String> begun, List<String> groups) throws Exception {
    Map<String, String> sent = query(begun);
    Map<String, Object> claims = provider.claims(Instant.now());
    claims.put("nonce", sent.get("nonce"));
    claims.put("preferred_username", "alice");
    claims.put("groups", groups);
    provider.redeems(_ -> Map.of("id_token", provider.sign(claims)));
    return get(LOGIN + "/corp/callback?code=x&session_state=y&state=" + sent.get("state"), "Cookie",
        "other=1; " + header(begun, "Set-Cookie").split(";", -1)[0]);
  }

  private static String key(HttpResponse<String> page) {
    Matcher key = Pattern.compile("berth_[0-9A-Za-z]{49}").matcher(page.body());
    assertThat(key.find()).as(page.body()).isTrue();
    return key.group();
  }

  private int push(String user, String password) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create(berth.url() + PUSH)).POST(HttpRequest.BodyPublishers.noBody())
        .header("Authorization", basic(user, password)).build(), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static void assertInert(HttpResponse<String> answer) {
    assertThat(header(answer, "Content-Security-Policy")).contains("default-src 'none'").contains("frame-ancestors 'none'");
    assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(answer.body()).doesNotContain("<script").doesNotContainPattern("<[^>]* (on|src|style)");
  }

  @Test
  void somebodyLogsInWithABrowserAndPushesWithWhatTheyAreShown() throws Exception {
    HttpResponse<String> begun = get(LOGIN);
    assertThat(begun.statusCode()).isEqualTo(303);
    assertThat(header(begun, "Set-Cookie")).startsWith("__Host-berth-login=").contains("; Path=/;").contains("; HttpOnly")
        .contains("; SameSite=Lax").contains("; Secure").doesNotContain("Domain");
    assertThat(header(begun, "Cache-Control")).isEqualTo("no-store");

    HttpResponse<String> page = comeBack(begun, List.of("/dev"));
    assertThat(page.statusCode()).isEqualTo(200);
    assertInert(page);
    assertThat(page.body()).contains("docker login registry.example.com --username corp/alice");
    assertThat(header(page, "Set-Cookie")).startsWith("__Host-berth-login=;").contains("Max-Age=0");
    String key = key(page);
    assertThat(push("corp/alice", key)).isEqualTo(202);
    assertThat(push("alice", key)).isEqualTo(401);
    var token = Json.parse(get("/token?offline_token=true&scope=repository:team/app:push", "Authorization", basic("corp/alice", key)).body()
        .getBytes(UTF_8));
    assertThat(token.path("scope").asString()).isEqualTo("repository:team/app:push");
    assertThat(token.has("refresh_token")).isFalse();
    assertThat(push("corp/alice", key(comeBack(get(LOGIN), List.of())))).as("who is in the group no more").isEqualTo(403);
    assertThat(push("corp/alice", key)).as("and with the other key neither").isEqualTo(403);
  }

  @Test
  void aCallbackThatComesTwiceOrFromElsewhereIsAPageThatSaysSo() throws Exception {
    HttpResponse<String> begun = get(LOGIN + "/corp");
    comeBack(begun, List.of());
    HttpResponse<String> again = comeBack(begun, List.of());
    assertThat(again.statusCode()).isEqualTo(400);
    assertInert(again);
    assertThat(get(LOGIN + "/corp/callback?code=x&state=%3Cscript%3E&error=%3Cscript%3E").statusCode()).isEqualTo(400);
    assertThat(get(LOGIN + "/corp/callback?code=x&code=y").statusCode()).isEqualTo(400);
    HttpResponse<String> other = get(LOGIN);
    String cookie = header(other, "Set-Cookie").split(";", -1)[0];
    assertThat(get(LOGIN + "/corp/callback?code=x&state=" + query(other).get("state"), "Cookie", cookie + "; " + cookie).statusCode())
        .as("with two cookies").isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"//evil.example", "/%5Cevil.example", "https:evil.example", "https://evil.example", "%09//evil.example", "%0d%0aX:y"})
  void nothingThatARequestSaysSendsAnybodyElsewhere(String elsewhere) throws Exception {
    for (String parameter : List.of("redirect_uri", "next", "return_to", "state", "iss")) {
      HttpResponse<String> begun =
          get(LOGIN + "?" + parameter + "=" + elsewhere, "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http");
      assertThat(begun.headers().map()).doesNotContainKey("X");
      if (begun.statusCode() == 400) {
        continue; // what can't be in a query
      }
      assertThat(header(begun, "Location")).startsWith(provider.url() + "/authorize?").doesNotContain("evil");
      assertThat(query(begun)).containsEntry("redirect_uri", "https://registry.example.com/v2/_berth/login/corp/callback");
    }
    assertThat(get(LOGIN + "/" + elsewhere.replace("%0d%0aX:y", "x")).statusCode()).isIn(400, 404);
  }

  @Test
  void ofSeveralProvidersOneIsChosen() throws Exception {
    berth.reload(config("https://registry.example.com/inner", "corp", "partners"));

    HttpResponse<String> page = get(LOGIN);
    assertThat(page.statusCode()).isEqualTo(200);
    assertInert(page);
    assertThat(page.body()).contains("href=\"/inner/v2/_berth/login/corp\"").contains("href=\"/inner/v2/_berth/login/partners\"");
    assertThat(query(get(LOGIN + "/partners")).get("redirect_uri"))
        .isEqualTo("https://registry.example.com/inner/v2/_berth/login/partners/callback");
    assertThat(get(LOGIN + "/nobody").statusCode()).isEqualTo(404);
  }

  @Test
  void whoseProviderIsTakenOutOfTheConfigurationComesInNoMore() throws Exception {
    String key = key(comeBack(get(LOGIN), List.of("/dev")));
    berth.reload(config("https://registry.example.com", "partners"));
    assertThat(push("corp/alice", key)).isEqualTo(401);
    assertThat(push("partners/alice", key)).isEqualTo(401);
  }

  @Test
  void aLoginThatWasBegunBeforeAReloadEndsAfterIt() throws Exception {
    HttpResponse<String> begun = get(LOGIN);
    berth.reload(config("https://registry.example.com", "corp"));
    assertThat(comeBack(begun, List.of("/dev")).statusCode()).isEqualTo(200);
  }

  @Test
  void whileTheProviderIsAwayAPageSaysSo() throws Exception {
    provider.says("issuer", "https://somebody.example");
    HttpResponse<String> page = get(LOGIN);
    assertThat(page.statusCode()).isEqualTo(503);
    assertThat(header(page, "Retry-After")).isNotEmpty();
    assertInert(page);
  }

  @Test
  void onThisMachineItWorksWithoutTls() throws Exception {
    berth.reload(config("http://127.0.0.1:5000", "corp"));
    assertThat(header(get(LOGIN), "Set-Cookie")).startsWith("berth-login=").contains("HttpOnly").doesNotContain("Secure");
  }
}
