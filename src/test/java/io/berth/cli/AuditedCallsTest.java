package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.berth.config.Configuration;
import io.berth.config.ListenAddress;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.ops.audit.AuditFolder;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** What stands in the audit of a running registry, and that it is verified. */
@Timeout(60)
final class AuditedCallsTest {

  private static final String INDEX = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
  private static final String TYPE = "Content-Type: application/vnd.oci.image.index.v1+json";
  private static final String DIGEST = Digest.Algorithm.SHA256.of(INDEX.getBytes(UTF_8)).toString();
  private static final String ALICE = basic("alice", "right");
  private static final String BOB = basic("bob", "right");

  @TempDir private Path folder;

  private final ByteArrayOutputStream accessLog = new ByteArrayOutputStream();
  private Wiring berth;
  private Calls calls;

  @BeforeEach
  void start() throws Exception {
    String hash = BcryptFunction.getInstance(Bcrypt.Y, 4).hash("right").getResult();
    Path passwords = Files.writeString(folder.resolve("htpasswd"), "alice:" + hash + "\nbob:" + hash + "\n");
    String file = """
        auth: {htpasswd: {path: '%s'}}
        audit: {tokens: true}
        access:
          rules:
            - {name: everyone reads, who: authenticated, actions: pull}
            - {name: developers, who: ['user:*'], repositories: [team/**], tags: ['dev-*'], actions: [push, delete]}
            - {name: releases, who: ['user:alice'], repositories: [team/**], tags: ['*.*'], actions: create}
            - {name: operators, who: ['user:alice'], repositories: [team/**], actions: delete}
        """.formatted(passwords);
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("test.yml", file)), Map.of(), List.of());
    berth =
        Wiring.start(Configuration.read(sources).serve().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0)),
            accessLog);
    calls = new Calls(berth.url());
  }

  @AfterEach
  void stop() throws Exception {
    calls.close();
    berth.close();
  }

  private static String basic(String user, String password) {
    return "Authorization: Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  /** What was written, but for what the audit says of itself. */
  private List<JsonNode> lines() throws Exception {
    stop();
    var lines = new ArrayList<JsonNode>();
    for (Path file : AuditFolder.files(folder.resolve("data/audit"))) {
      for (String line : Files.readAllLines(file)) {
        JsonNode read = Json.parse(line.getBytes(UTF_8));
        if (!read.path("identity").asString().equals("registry")) {
          lines.add(read);
        }
      }
    }
    return lines;
  }

  private JsonNode only() throws Exception {
    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(1);
    return lines.getFirst();
  }

  private void push(String tag, String who, int status) throws Exception {
    assertThat(calls.call("PUT", "/v2/team/app/manifests/" + tag, INDEX, TYPE, who).status()).isEqualTo(status);
  }

  private static void is(JsonNode line, String action, String decision, String rule) {
    assertThat(line.path("action").asString()).isEqualTo(action);
    assertThat(line.path("decision").asString()).isEqualTo(decision);
    assertThat(line.path("rule").asString("")).isEqualTo(rule);
  }

  @Test
  void aPushNamesTheRuleThatAllowsItsTagThoughAnotherOneOpenedTheGate() throws Exception {
    push("1.0", ALICE, 201);
    JsonNode line = only();
    is(line, "PutManifest", "allowed", "releases");
    assertThat(line.path("identity").asString()).isEqualTo("user:alice");
    assertThat(line.path("repository").asString()).isEqualTo("team/app");
    assertThat(line.path("tags").toString()).isEqualTo("[\"1.0\"]");
    assertThat(line.path("digest").asString()).isEqualTo(DIGEST);
    assertThat(line.path("address").asString()).isEqualTo("127.0.0.1");
    assertThat(line.path("request").asString()).hasSize(32);
  }

  @Test
  void whatAVerbRefusesIsRefusedThoughTheGateWasOpen() throws Exception {
    push("1.0", BOB, 403);
    JsonNode line = only();
    assertThat(line.path("decision").asString()).isEqualTo("refused");
    assertThat(line.path("rule").asString()).startsWith("no rule of access (access.rules) allows user:bob to ")
        .endsWith(" the tag '1.0' of team/app");
    assertThat(line.path("status").asInt()).isEqualTo(403);
  }

  @Test
  void whatTheGateRefusesNamesWhoWasRefused() throws Exception {
    assertThat(calls.call("DELETE", "/v2/other/manifests/1.0", "", BOB).status()).isEqualTo(403);
    JsonNode line = only();
    is(line, "DeleteManifest", "refused", "no rule of access allows it");
    assertThat(line.path("identity").asString()).isEqualTo("user:bob");
  }

  @Test
  void whoseTokenIsNotGoodForThisIsNamedAndWhoseIsNobodysIsNot() throws Exception {
    String answer = calls.get("/token?scope=repository:team/app:pull", BOB).body();
    String bearer = "Authorization: Bearer " + Json.parse(answer.getBytes(UTF_8)).path("token").asString();
    assertThat(calls.call("PUT", "/v2/team/app/manifests/dev-1", INDEX, TYPE, bearer).status()).isEqualTo(401);
    assertThat(calls.call("PUT", "/v2/team/app/manifests/dev-1", INDEX, TYPE, bearer + "x").status()).isEqualTo(401);
    List<JsonNode> lines = lines().subList(1, 3);
    is(lines.getFirst(), "PutManifest", "refused", "the token is not good for this");
    is(lines.getLast(), "PutManifest", "refused", "the token is not valid, or not any more");
    assertThat(lines).extracting(line -> line.path("identity").asString()).containsExactly("user:bob", "unknown");
    assertThat(accessLog.toString(UTF_8).lines().filter(line -> line.contains("PUT /v2/team/app/manifests/dev-1"))).satisfiesExactly(
        line -> assertThat(line).contains(" user:bob ").contains(" 401 "), line -> assertThat(line).contains(" - - ").contains(" 401 "));
  }

  @Test
  void aChangeThatCouldNotBeDoneFailed() throws Exception {
    assertThat(calls.call("DELETE", "/v2/team/app/manifests/dev-none", "", ALICE).status()).isEqualTo(404);
    JsonNode line = only();
    assertThat(line.path("decision").asString()).isEqualTo("failed");
    assertThat(line.path("status").asInt()).isEqualTo(404);
  }

  @Test
  void aLoginThatFailedSaysAsWhomSomebodyCame() throws Exception {
    assertThat(calls.get("/v2/", basic("alice", "wrong")).status()).isEqualTo(401);
    assertThat(calls.get("/v2/", "Authorization: Bearer nonsense").status()).isEqualTo(401);
    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(2);
    is(lines.getFirst(), "Ping", "refused", "the user name or password is wrong");
    assertThat(lines.getFirst().path("identity").asString()).isEqualTo("unknown");
    assertThat(lines.getFirst().path("account").asString()).isEqualTo("alice");
    is(lines.getLast(), "Ping", "refused", "the token is not valid, or not any more");
  }

  @Test
  void whoAsksWhatIsNeededOrReadsHasNoLine() throws Exception {
    assertThat(calls.get("/v2/").status()).isEqualTo(401);
    assertThat(calls.get("/v2/", ALICE).status()).isEqualTo(200);
    assertThat(calls.get("/v2/team/app/tags/list", ALICE).status()).isBetween(200, 404);
    assertThat(calls.call("POST", "/v2/team/app/blobs/uploads/", "", ALICE).status()).isEqualTo(202);
    assertThat(lines()).isEmpty();
  }

  @Test
  void aTokenThatIsIssuedHasALineWhereThatIsWantedAndSoHasALoginForOneThatFailed() throws Exception {
    assertThat(calls.get("/token?scope=repository:team/app:pull", ALICE).status()).isEqualTo(200);
    assertThat(calls.get("/token?scope=repository:team/app:pull", basic("bob", "wrong")).status()).isEqualTo(401);
    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(2);
    is(lines.getFirst(), "IssueToken", "allowed", "repository:team/app:pull");
    is(lines.getLast(), "IssueToken", "refused", "the user name or password is wrong");
    assertThat(lines.getLast().path("account").asString()).isEqualTo("bob");
  }

  @Test
  void aMountNamesTheOriginThatItHadAndNoneThatIsOnlyClaimed() throws Exception {
    String blob = Digest.Algorithm.SHA256.of("a layer".getBytes(UTF_8)).toString();
    assertThat(calls.call("POST", "/v2/team/base/blobs/uploads/?digest=" + blob, "a layer", ALICE).status()).isEqualTo(201);
    String mount = "/v2/team/app/blobs/uploads/?mount=" + blob;
    assertThat(calls.call("POST", mount + "&from=team/none", "", ALICE).status()).isEqualTo(202);
    assertThat(calls.call("POST", mount + "&from=team/base", "", ALICE).status()).isEqualTo(201);
    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(3);
    JsonNode claimed = lines.get(1);
    assertThat(claimed.path("action").asString()).isEqualTo("MountBlob");
    assertThat(claimed.path("digest").asString()).isEqualTo(blob);
    assertThat(claimed.path("status").asInt()).isEqualTo(202);
    assertThat(claimed.has("from")).isFalse();
    assertThat(lines.get(2).path("from").asString()).isEqualTo("team/base");
  }

  @Test
  void aBatchOfTagsNamesThemAll() throws Exception {
    push("dev-1", ALICE, 201);
    String batch = "{\"operations\":[{\"op\":\"delete\",\"tag\":\"dev-1\"},{\"op\":\"delete\",\"tag\":\"dev-2\"}]}";
    calls.call("POST", "/v2/team/app/tags/", batch, ALICE);
    JsonNode line = lines().getLast();
    assertThat(line.path("action").asString()).isEqualTo("ChangeTags");
    assertThat(line.path("tags").toString()).isEqualTo("[\"dev-1\",\"dev-2\"]");
  }

  @Test
  void whatTheClientSaidItIsAboutStandsThereToo() throws Exception {
    assertThat(calls.call("PUT", "/v2/team/app/manifests/dev-1", INDEX, TYPE, ALICE, "OCI-Ref: r.example/team/app:dev-1").status())
        .isEqualTo(201);
    assertThat(only().path("references").asString()).isEqualTo("r.example/team/app:dev-1");
  }

  private int verify(StringWriter out, String... arguments) {
    CommandLine command = Berth.command();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(out, true));
    var all = new ArrayList<>(List.of("audit", "verify", "--data", folder.resolve("data").toString()));
    all.addAll(List.of(arguments));
    return command.execute(all.toArray(String[]::new));
  }

  @Test
  void itIsVerifiedWhileTheRegistryRunsAndTheHeadIsAnAnchorForLater() throws Exception {
    push("dev-1", ALICE, 201);
    var first = new StringWriter();
    assertThat(verify(first)).isZero();
    String head =
        first.toString().lines().filter(line -> line.startsWith("whole: ")).findFirst().orElseThrow().substring("whole: ".length());

    push("dev-2", ALICE, 201);
    stop();
    var second = new StringWriter();
    assertThat(verify(second, "--anchor", head)).isZero();
    assertThat(verify(second, "--anchor", "nonsense")).isEqualTo(2);

    Path file = AuditFolder.files(folder.resolve("data/audit")).getFirst();
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.removeIf(line -> line.contains("dev-1"));
    Files.write(file, lines);
    var third = new StringWriter();
    assertThat(verify(third, "--anchor", head)).isEqualTo(1);
    assertThat(third.toString()).contains("CHANGED: " + file + ":2: ").contains("CHANGED: no line is " + head);
  }

  @Test
  void whatIsNoAuditIsRefusedInWords() {
    var out = new StringWriter();
    assertThat(verify(out, folder.resolve("none").toString())).isEqualTo(1);
    assertThat(out.toString()).contains("can't be read").doesNotContain("\tat ");
  }
}
