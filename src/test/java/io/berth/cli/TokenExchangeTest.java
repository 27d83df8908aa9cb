package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.auth.Platform;
import io.berth.config.Configuration;
import io.berth.config.ListenAddress;
import io.berth.oci.Json;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A job of a platform, from its platform's token to a push, over the wire. */
final class TokenExchangeTest {

  @TempDir Path folder;

  private Platform platform;
  private Wiring berth;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    platform = new Platform();
    String file = """
        auth:
          workloads:
            - {name: hub, issuer: '%s', audience: berth, claims: {repository: ['acme/*']}, plainhttp: true}
        access:
          rules:
            - {name: jobs push, who: ['claim:repository=acme/app'], repositories: [acme/app], actions: [pull, push]}
        """.formatted(platform.url());
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("test.yml", file)), Map.of(), List.of());
    berth =
        Wiring.start(Configuration.read(sources).serve().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0)),
            new ByteArrayOutputStream());
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    http.close();
    berth.close();
    platform.close();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(berth.url() + path));
  }

  private HttpResponse<String> exchanged(String token) throws Exception {
    return send(to("/token").header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(
        "grant_type=" + URLEncoder.encode("urn:ietf:params:oauth:grant-type:token-exchange", UTF_8) + "&subject_token_type="
            + URLEncoder.encode("urn:ietf:params:oauth:token-type:id_token", UTF_8) + "&subject_token=" + token
            + "&scope=repository:acme/app:pull,push")));
  }

  @Test
  void aJobExchangesItsTokenAndPushesWithTheOther() throws Exception {
    HttpResponse<String> answer = exchanged(platform.sign(platform.claims(Instant.now())));
    JsonNode json = Json.parse(answer.body().getBytes(UTF_8));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json.path("issued_token_type").asString()).isEqualTo("urn:ietf:params:oauth:token-type:access_token");
    assertThat(json.path("scope").asString()).isEqualTo("repository:acme/app:pull,push");
    assertThat(json.has("refresh_token")).isFalse();
    String bearer = "Bearer " + json.path("access_token").asString();
    assertThat(send(to("/v2/acme/app/blobs/uploads/").header("Authorization", bearer).POST(HttpRequest.BodyPublishers.noBody()))
        .statusCode()).isEqualTo(202);
    assertThat(send(to("/v2/acme/app/_berth/repository").header("Authorization", bearer).DELETE()).statusCode()).isEqualTo(401);
  }

  @Test
  void aJobLogsInWithItsTokenAsPassword() throws Exception {
    String basic = "Basic " + Base64.getEncoder().encodeToString(("oidc:" + platform.sign(platform.claims(Instant.now()))).getBytes(UTF_8));

    assertThat(send(to("/v2/").header("Authorization", basic)).statusCode()).isEqualTo(200);
    assertThat(send(to("/token?scope=repository:acme/app:push").header("Authorization", basic)).body())
        .contains("\"scope\":\"repository:acme/app:push\"");
  }

  @Test
  void aJobOfSomebodyElseIsNobody() throws Exception {
    var claims = platform.claims(Instant.now());
    claims.put("repository", "evil/app");

    assertThat(exchanged(platform.sign(claims)).statusCode()).isEqualTo(401);
    assertThat(exchanged("x").statusCode()).isEqualTo(401);
  }
}
