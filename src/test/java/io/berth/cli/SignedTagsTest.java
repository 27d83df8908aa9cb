package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Json;
import io.berth.signing.Jws;
import io.berth.signing.RegistryKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth tag sign} and {@code berth tag verify}: with a real registry, and with one that lies. */
class SignedTagsTest {

  @TempDir private Path folder;

  private TagStand stand;
  private Digest first;
  private Digest second;
  private String alice;
  private String bob;

  @BeforeEach
  void start() throws Exception {
    stand = new TagStand(folder, UnaryOperator.identity());
    first = stand.push("team/app", "first", "1.0");
    second = stand.push("team/app", "second");
    alice = TagStand.key(folder, "alice");
    bob = TagStand.key(folder, "bob");
  }

  @AfterEach
  void stop() {
    stand.close();
  }

  private String key(String name) {
    return folder.resolve(name + ".pub").toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jws", "prettyjws"})
  void whatOneHasSignedTheOtherVerifies(String form) {
    assertThat(stand.tag("sign", "@team/app:1.0", "--key", alice, "--form", form, "--description", "released", "--meta", "ci=42"))
        .contains("signed " + stand.host() + "/team/app:1.0 -> " + first + " (1 signatures, version 2)");

    assertThat(stand.tag("verify", "@team/app:1.0", "--key", key("alice")))
        .isEqualTo("verified: " + stand.host() + "/team/app:1.0 -> " + first + ", signed by " + key("alice") + "\n");
    assertThat(stand.tag("show", "@team/app:1.0")).contains("released", "\"ci\":\"42\"", "signed       yes");
    assertThat(stand.refused(3, "verify", "@team/app:1.0", "--key", key("bob"))).contains("NOT VERIFIED: none of the 1 signatures");
  }

  @Test
  void optionsMayStandBeforeTheTag() {
    stand.tag("sign", "--key", alice, "--meta", "ci=42", "--meta", "by=me", "@team/app:1.0");

    assertThat(stand.tag("verify", "--key", key("bob"), "--key", key("alice"), "@team/app:1.0"))
        .endsWith("signed by " + key("alice") + "\n");
    assertThat(stand.tag("move", "--meta", "ci=43", "@team/app:1.0", second.toString())).contains("(set, version 3)");
    assertThat(everyCommand(Berth.command())).hasSizeGreaterThan(20).flatExtracting(command -> command.getCommandSpec().options())
        .filteredOn(option -> option.arity().max() > 1).as("options that would take what follows their value").isEmpty();
  }

  private static List<CommandLine> everyCommand(CommandLine command) {
    return Stream.concat(Stream.of(command), command.getSubcommands().values().stream().flatMap(sub -> everyCommand(sub).stream()))
        .toList();
  }

  @Test
  void aSecondSignatureIsAddedToTheFirst() throws Exception {
    stand.tag("sign", "@team/app:1.0", "--key", alice);
    assertThat(stand.tag("sign", "@team/app:1.0", "--key", bob)).contains("2 signatures");

    assertThat(Json.parse(stand.tag("verify", "@team/app:1.0", "--key", key("alice"), "--key", key("bob"), "--format", "json")
        .getBytes(StandardCharsets.UTF_8)).path("keys")).hasSize(2);
    assertThat(stand.tag("sign", "@team/app:1.0", "--key", bob, "--description", "another statement")).contains("1 signatures");
  }

  @Test
  void aTagMayBeSignedBeforeItExistsOrMoves() {
    stand.tag("sign", "@team/app:2.0", second.toString(), "--key", alice);
    assertThat(stand.tag("verify", "@team/app:2.0", "--key", key("alice"))).contains(second.toString());
    stand.tag("sign", "@team/app:2.0", first.toString(), "--key", alice);
    assertThat(stand.tag("verify", "@team/app:2.0", "--key", key("alice"))).contains(first.toString());

    assertThat(stand.refused(1, "sign", "@team/app:3.0", "--key", alice)).contains("say the digest");
    assertThat(stand.refused(1, "sign", "@team/app:3.0", "sha256:" + "0".repeat(64), "--key", alice)).contains("answered 404");
  }

  @Test
  void aDocumentCanBeWrittenToAFileAndVerifiedFromThere() throws Exception {
    Path file = folder.resolve("1.0.jws");
    stand.tag("sign", "@team/app:1.0", "--key", alice, "--output", file.toString());
    assertThat(stand.refused(3, "verify", "@team/app:1.0", "--key", key("alice"))).contains("is not signed");

    assertThat(stand.tag("verify", "@team/app:1.0", "--key", key("alice"), "--file", file.toString())).startsWith("verified");
    assertThat(stand.refused(3, "verify", "@team/app:other", "--key", key("alice"), "--file", file.toString()))
        .contains("signed for another tag");

    stand.tag("move", "@team/app:1.0", second.toString());
    assertThat(stand.refused(3, "verify", "@team/app:1.0", "--key", key("alice"), "--file", file.toString()))
        .contains("serves " + second + " under the tag, but " + first + " was signed");
  }

  /** A tag that points at a blob, and its signed document in a file. */
  private Path signedBlob() throws Exception {
    pointAtBlob("first");
    stand.tag("sign", "@team/app:blob", "--key", alice);
    Path file = folder.resolve("blob.jws");
    stand.tag("sign", "@team/app:blob", "--key", alice, "--output", file.toString());
    return file;
  }

  private void pointAtBlob(String content) throws IOException, InterruptedException {
    String object = "{\"target\":{\"mediatype\":\"application/wasm\",\"digest\":\"" + Documents.digest(content) + "\"}}";
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(stand.url() + "/v2/team/app/tags/blob"))
          .header("Content-Type", "application/vnd.docker.distribution.tag.v1+json").PUT(HttpRequest.BodyPublishers.ofString(object))
          .build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    }
  }

  @Test
  void aTagOfABlobIsVerifiedWhereItPointsNow() throws Exception {
    String file = signedBlob().toString();
    assertThat(stand.tag("verify", "@team/app:blob", "--key", key("alice"))).contains(Documents.digest("first").toString());
    assertThat(stand.tag("verify", "@team/app:blob", "--key", key("alice"), "--file", file)).startsWith("verified");

    pointAtBlob("second");
    assertThat(stand.refused(3, "verify", "@team/app:blob", "--key", key("alice"), "--file", file)).contains(
        "points at " + Documents.digest("second") + ", but " + Documents.digest("first") + " was signed");

    stand.tag("move", "@team/app:blob", first.toString());
    assertThat(stand.refused(3, "verify", "@team/app:blob", "--key", key("alice"), "--file", file)).contains("serves " + first);
  }

  @Test
  void aTagOfABlobThatIsGoneIsNotVerified() throws Exception {
    String file = signedBlob().toString();
    stand.tag("delete", "@team/app:blob");

    assertThat(stand.refused(3, "verify", "@team/app:blob", "--key", key("alice"), "--file", file)).contains("there is no such tag");
  }

  @Test
  void aTagOfAManifestThatIsGoneIsNotVerified() {
    Path file = folder.resolve("1.0.jws");
    stand.tag("sign", "@team/app:1.0", "--key", alice, "--output", file.toString());
    stand.tag("delete", "@team/app:1.0");

    assertThat(stand.refused(3, "verify", "@team/app:1.0", "--key", key("alice"), "--file", file.toString()))
        .contains("there is no such tag");
  }

  @Test
  void oneByteThatWasChangedIsFound() throws Exception {
    Path file = folder.resolve("1.0.jws");
    stand.tag("sign", "@team/app:1.0", "--key", alice, "--output", file.toString(), "--form", "prettyjws", "--description", "good");
    Files.writeString(file, Files.readString(file).replace("good", "food"));

    assertThat(stand.refused(3, "verify", "@team/app:1.0", "--key", key("alice"), "--file", file.toString())).contains("NOT VERIFIED");
  }

  @Test
  void keysThatAreNoneAreRefusedInWordsAndPrivateOnesNotShown() throws Exception {
    assertThat(stand.refused(1, "sign", "@team/app:1.0", "--key", key("alice"))).contains("no private key");
    assertThat(stand.refused(1, "sign", "@team/app:1.0", "--key", "/nonexistent")).contains("does not exist");
    assertThat(stand.refused(1, "verify", "@team/app:1.0", "--key", alice))
        .doesNotContain(Files.readString(Path.of(alice)).lines().toList().get(1));
  }

  @Test
  void theListOfAllTagsIsVerifiedByTheRegistrysOwnKeys() throws Exception {
    TagStand.Said said = stand.run("verify", "@team/app", "--list");
    assertThat(said.status()).as(said.toString()).isZero();
    assertThat(said.out()).startsWith("verified: all 1 tags of " + stand.host() + "/team/app, as of sequence 1");
    assertThat(said.err()).contains("trusted on first use");

    Files.writeString(folder.resolve("registry.jwks"), get("/v2/_berth/keys"));
    TagStand.Said again =
        stand.run("verify", "@team/app", "--list", "--key", folder.resolve("registry.jwks").toString(), "--format", "json");
    assertThat(again.err()).isEmpty();
    assertThat(Json.parse(again.out().getBytes(StandardCharsets.UTF_8)).path("tags").path("1.0").asString()).isEqualTo(first.toString());
    assertThat(stand.refused(3, "verify", "@team/app", "--list", "--key", key("alice"))).contains("signed by none of the keys");
  }

  private String get(String path) throws IOException, InterruptedException {
    return get(path, "*/*").body();
  }

  private HttpResponse<String> get(String path, String accept) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(URI.create(stand.url() + path)).header("Accept", accept).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  /** What a mirror in front of the registry makes of the pages of the list. */
  private interface Lie {
    /** The page to answer with, and the link to the next. */
    Page page(String query, UnaryOperator<String> truth) throws Exception;
  }

  private record Page(String body, Optional<String> next) {}

  /** Asks through a mirror that lies, with the registry's own keys in hand. */
  private String throughAMirror(Lie lie, String... options) throws Exception {
    Path keys = Files.writeString(folder.resolve("registry.jwks"), get("/v2/_berth/keys"));
    HttpServer mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    mirror.createContext("/v2/", exchange -> {
      try (exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        Page page = lie.page(query == null || query.startsWith("at=") ? "" : query, this::signed);
        page.next.ifPresent(next -> exchange.getResponseHeaders().add("Link", "</v2/team/app/tags/?" + next + ">; rel=\"next\""));
        byte[] body = page.body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
    mirror.start();
    try {
      return stand.refused(3, Stream.concat(Stream.of("verify", "@team/app", "--list", "--key", keys.toString(), "--registry",
          "http://127.0.0.1:" + mirror.getAddress().getPort()), Stream.of(options)).toArray(String[]::new));
    } finally {
      mirror.stop(0);
    }
  }

  private String signed(String query) {
    try {
      HttpResponse<String> answer = get("/v2/team/app/tags/?" + query, "application/vnd.docker.distribution.tags.v1+jws");
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aListThatIsCutShortIsFound() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0", "c=1.0");

    assertThat(throughAMirror((_, truth) -> new Page(truth.apply("n=2"), Optional.empty()))).contains("ends before its end");
  }

  @Test
  void aListWhoseMiddleIsMissingIsFound() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0", "c=1.0");

    assertThat(throughAMirror((query, truth) -> query.isEmpty() ? new Page(truth.apply("n=1"), Optional.of("more"))
        : new Page(truth.apply("n=9&last=a&at=2"), Optional.empty()))).contains("does not begin where the former ended");
  }

  @Test
  void aListOfTwoTimesIsFound() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0", "c=1.0");
    stand.tag("delete", "@team/app:c");

    assertThat(throughAMirror((query, truth) -> query.isEmpty() ? new Page(truth.apply("n=1"), Optional.of("more"))
        : new Page(truth.apply("n=9&last=1.0&at=2"), Optional.empty()))).contains("different times");
  }

  @Test
  void anOldListThatIsPassedOffAsTheNewestIsFound() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0");
    stand.tag("delete", "@team/app:b");

    assertThat(throughAMirror((_, truth) -> new Page(truth.apply("at=2"), Optional.empty())))
        .contains("it is an old list, as of sequence 2, and the newest was 3");
    assertThat(throughAMirror((_, truth) -> new Page(truth.apply("at=2"), Optional.empty()), "--at", "1"))
        .contains("as of sequence 2, and 1 was asked for");
  }

  @Test
  void aListOfAnotherTimeIsVerifiedWhenItIsAskedFor() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0");

    assertThat(stand.tag("verify", "@team/app", "--list", "--at", "1")).startsWith("verified: all 1 tags of ")
        .contains("as of sequence 1,");
    assertThat(stand.tag("verify", "@team/app", "--list", "--at", "2100-01-01T00:00:00Z")).contains("all 3 tags", "as of sequence 2,");
    assertThat(stand.refused(2, "verify", "@team/app:a", "--key", key("alice"), "--at", "1")).contains("--at is for --list");
  }

  @Test
  void aListThatDoesNotSayWhatIsNewestIsRefused() throws Exception {
    RegistryKeys own = RegistryKeys.open(folder.resolve("data/keys"), RegistryKeys.OVERLAP, Instant.now());
    String type = "application/vnd.docker.distribution.tags.v1+jws";

    assertThat(throughAMirror((_, truth) -> {
      ObjectNode statement = (ObjectNode) Json.parse(Jws.parse(truth.apply("").getBytes(StandardCharsets.UTF_8)).payload());
      statement.remove("newest");
      return new Page(new String(own.sign(Json.MAPPER.writeValueAsBytes(statement), type, Instant.now()), StandardCharsets.UTF_8),
          Optional.empty());
    })).contains("does not say what the newest sequence is");
  }

  @Test
  void aListThatLeavesTagsOutByAFilterIsFound() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0");

    assertThat(throughAMirror((_, truth) -> new Page(truth.apply("prefix=a"), Optional.empty()))).contains("leaves tags out");
  }

  @Test
  void aListThatBeginsLateIsFound() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0");

    assertThat(throughAMirror((_, truth) -> new Page(truth.apply("last=a"), Optional.empty()))).contains("does not begin where");
  }

  @Test
  void aListOfAnotherRegistryOrRepositoryIsFound() throws Exception {
    assertThat(throughAMirror((_, _) -> {
      stand.push("other", "first", "1.0");
      return new Page(get("/v2/other/tags/", "application/vnd.docker.distribution.tags.v1+jws").body(), Optional.empty());
    })).contains("about another repository");
  }

  @Test
  void aListThatNobodySignedOrSomebodyChangedIsFound() throws Exception {
    assertThat(throughAMirror((_, _) -> new Page("{\"name\":\"team/app\",\"tags\":[]}", Optional.empty()))).contains("no signed list");
    assertThat(throughAMirror((_, truth) -> {
      String body = truth.apply("n=9");
      int at = body.indexOf("\"payload\":\"") + 40;
      return new Page(body.substring(0, at) + (body.charAt(at) == 'A' ? 'B' : 'A') + body.substring(at + 1), Optional.empty());
    })).contains("NOT VERIFIED");
  }
}
