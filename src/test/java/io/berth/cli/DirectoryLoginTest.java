package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.berth.auth.People;
import io.berth.config.Configuration;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.oci.Json;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People of a directory at the door of a registry that knows others, too. */
final class DirectoryLoginTest {

  private static final String PUSH = "/v2/team/app/blobs/uploads/";

  @TempDir Path folder;

  private People people;
  private Wiring berth;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    people = People.plain();
    Files.writeString(folder.resolve("users"), "carol:" + BcryptFunction.getInstance(Bcrypt.Y, 4).hash("of the file").getResult() + "\n");
    Files.writeString(folder.resolve("secret"), "let me look\n");
    berth = Wiring.start(config("[dev]"), new ByteArrayOutputStream());
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    http.close();
    berth.close();
    people.close();
  }

  private ServeConfig config(String group) throws Exception {
    String file = """
        auth:
          htpasswd: {path: '%s'}
          accounts: {enabled: true}
          ldap:
            url: ldap://127.0.0.1:%d
            plain: true
            binddn: %s
            bindpasswordfile: '%s'
            base: %s
            groupbase: %s
            remember: 0s
        access:
          rules:
            - {name: developers, who: %s, repositories: [team/**], actions: [pull, push]}
            - {name: carol, who: 'user:carol', repositories: [team/**], actions: [pull, push]}
        """.formatted(folder.resolve("users"), people.port(), People.ACCOUNT, folder.resolve("secret"), People.BASE, People.GROUPS,
        group.replace("[", "['group:").replace("]", "']"));
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("test.yml", file)), Map.of(), List.of());
    return Configuration.read(sources).serve().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0));
  }

  private HttpResponse<String> send(String method, String path, String authorization, String body) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(berth.url() + path)).method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    return http.send(request.header("Authorization", authorization).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private int push(String user, String password) throws Exception {
    return send("POST", PUSH, basic(user, password), "").statusCode();
  }

  @Test
  void rulesKnowPeopleByTheirGroupsAndAChangeOfGroupsCountsAtTheNextLogin() throws Exception {
    assertThat(push("alice", "wonder")).isEqualTo(202);
    assertThat(push("bob", "builder")).as("who is in no group").isEqualTo(403);
    assertThat(push("alice", "wrong")).isEqualTo(401);
    people.groups("alice");
    assertThat(push("alice", "wonder")).isEqualTo(403);
    people.remove("alice");
    assertThat(push("alice", "wonder")).isEqualTo(401);
  }

  @Test
  void whomTheFileKnowsTheDirectoryIsNotAskedFor() throws Exception {
    people.person("carol", "of the directory", "cn=dev," + People.GROUPS);

    assertThat(push("carol", "of the file")).isEqualTo(202);
    assertThat(push("carol", "of the directory")).isEqualTo(401);
    assertThat(people.binds()).noneMatch(name -> name.startsWith("uid=carol"));
  }

  @Test
  void whileTheDirectoryIsAwayNobodyOfItIsKnownOrRefusedAndTheOthersComeIn() throws Exception {
    people.stop();

    HttpResponse<String> alice = send("POST", PUSH, basic("alice", "wonder"), "");
    assertThat(alice.statusCode()).isEqualTo(503);
    assertThat(alice.headers().firstValue("Retry-After")).isPresent();
    assertThat(send("GET", "/token?scope=repository:team/app:pull", basic("alice", "wonder"), "").statusCode()).isEqualTo(503);
    assertThat(push("carol", "of the file")).isEqualTo(202);
    assertThat(push("carol", "wrong")).isEqualTo(401);
  }

  @Test
  void theirTokensAreShortAndTheirKeysEndWithThem() throws Exception {
    var token = Json.parse(send("GET", "/token?offline_token=true&scope=repository:team/app:push", basic("alice", "wonder"), "").body()
        .getBytes(UTF_8));
    assertThat(token.path("scope").asString()).isEqualTo("repository:team/app:push");
    assertThat(token.has("refresh_token")).isFalse();
    assertThat(send("POST", PUSH, "Bearer " + token.path("access_token").asString(), "").statusCode()).isEqualTo(202);

    HttpResponse<String> made = send("POST", "/v2/_berth/apikeys", basic("alice", "wonder"), "{\"description\":\"laptop\"}");
    assertThat(made.statusCode()).isEqualTo(201);
    String key = Json.parse(made.body().getBytes(UTF_8)).path("secret").asString();
    assertThat(push("alice", key)).isEqualTo(202);
    assertThat(Json.parse(send("GET", "/token?offline_token=true", basic("alice", key), "").body().getBytes(UTF_8)).has("refresh_token"))
        .isFalse();
    people.groups("alice");
    assertThat(push("alice", key)).as("with the groups of the moment").isEqualTo(403);
    people.remove("alice");
    assertThat(push("alice", key)).isEqualTo(401);
  }

  @Test
  void aReloadThatChangesNothingOfItKeepsItsConnectionsAndAnotherDirectoryTakesOver() throws Exception {
    assertThat(push("alice", "wonder")).isEqualTo(202);
    berth.reload(config("[nobody]"));
    assertThat(push("alice", "wonder")).isEqualTo(403);

    try (People others = People.plain()) {
      others.person("dora", "explorer", "cn=nobody," + People.GROUPS);
      people.close();
      people = others;
      berth.reload(config("[nobody]"));
      assertThat(push("dora", "explorer")).isEqualTo(202);
    }
  }
}
