package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code berth tag} against a real registry. */
class TagCommandTest {

  @TempDir private Path folder;

  private TagStand stand;
  private Digest first;
  private Digest second;

  @BeforeEach
  void start() throws Exception {
    stand = new TagStand(folder, UnaryOperator.identity());
    first = stand.push("team/app", "first", "1.0");
    second = stand.push("team/app", "second");
  }

  @AfterEach
  void stop() {
    stand.close();
  }

  private static JsonNode json(String text) throws Json.InvalidJson {
    return Json.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> rows(String table) {
    return table.lines().skip(1).map(row -> row.strip().replaceAll(" +", " ")).toList();
  }

  private String digest(String tag) throws Json.InvalidJson {
    return json(stand.tag("show", "@team/app:" + tag, "--format", "json")).path("target").path("digest").asString();
  }

  @Test
  void moveMakesTagsOfDigestsAndOfOtherTags() throws Exception {
    assertThat(stand.tag("move", "@team/app:2.0", second.toString(), "--description", "the second", "--meta", "ci=42", "--meta", "by=me"))
        .contains("team/app:2.0 -> " + second + " (created, version 2)");
    assertThat(stand.tag("move", "@team/app:1.0", "2.0")).contains("team/app:1.0 -> " + second + " (set, version 3)");

    assertThat(digest("1.0")).isEqualTo(second.toString());
    assertThat(json(stand.tag("show", "@team/app:2.0", "--format", "json"))).isEqualTo(json("""
        {"name":"%s/team/app:2.0","description":"the second","meta":{"ci":"42","by":"me"},
         "target":{"mediatype":"application/vnd.oci.image.manifest.v1+json","size":%s,"digest":"%s"}}
        """.formatted(stand.host(), json(stand.tag("show", "@team/app:1.0", "--format", "json")).path("target").path("size"), second)));
  }

  @Test
  void severalTagsMoveAtOnceOrNotAtAll() throws Exception {
    String said = stand.tag("move", "@team/app", "a=" + first, "b=1.0", "c=" + second);
    assertThat(said).contains("team/app:a -> " + first, "team/app:b -> " + first, "team/app:c -> " + second, "3 tags at once, version 2");

    String refusal = stand.refused(1, "move", "@team/app", "a=" + second, "d=sha256:" + "0".repeat(64));

    assertThat(refusal).contains("operations[1]");
    assertThat(digest("a")).isEqualTo(first.toString());
    assertThat(json(stand.tag("move", "@team/app", "a=c", "d=c", "--format", "json")).path("results").findValuesAsString("tag"))
        .containsExactly("a", "d");
  }

  @Test
  void aTagThatChangedMeanwhileIsLeftAlone() throws Exception {
    stand.tag("move", "@team/app:1.0", second.toString(), "--if-version", "1");

    assertThat(stand.refused(1, "move", "@team/app:1.0", first.toString(), "--if-version", "1")).contains("answered 412");
    assertThat(stand.refused(1, "move", "@team/app:1.0", first.toString(), "--create-only")).contains("answered 412");
    assertThat(stand.refused(1, "move", "@team/app", "1.0=" + first, "new=" + first, "--create-only")).contains("answered 412");
    assertThat(stand.refused(1, "delete", "@team/app:1.0", "--if-version", "1")).contains("answered 412");
    assertThat(digest("1.0")).isEqualTo(second.toString());
  }

  @Test
  void lsPrintsNameDigestAgeAndDescription() throws Exception {
    stand.tag("move", "@team/app:v1", second.toString(), "--description", "caf\u00e9 \u4e2d");
    stand.tag("move", "@team/app", "v1.1=" + second, "v2=" + first);

    assertThat(rows(stand.tag("ls", "@team/app"))).extracting(row -> row.replaceAll(" [0-9]+s", " AGE")).containsExactly(
        "1.0 " + first + " AGE",
        "v1 " + second + " AGE caf\u00e9 \u4e2d", "v1.1 " + second + " AGE", "v2 " + first + " AGE");
    assertThat(rows(stand.tag("ls", "@team/app", "--prefix", "v1"))).extracting(row -> row.replaceAll(" [0-9]+s.*", " AGE"))
        .containsExactly("v1 " + second + " AGE", "v1.1 " + second + " AGE");
    assertThat(rows(stand.tag("ls", "@team/app", "--target", first.toString()))).extracting(row -> row.replaceAll(" [0-9]+s.*", " AGE"))
        .containsExactly("1.0 " + first + " AGE", "v2 " + first + " AGE");
    assertThat(rows(stand.tag("ls", "@team/app", "--at", "1"))).containsExactly("1.0 " + first + " -");
  }

  @Test
  void longListsAreReadToTheirEnd() throws Exception {
    stand.tag(
        Stream.concat(Stream.of("move", "@team/app"), Stream.iterate(0, i -> i + 1).limit(990).map(i -> "x%04d=%s".formatted(i, first)))
            .toArray(String[]::new));
    stand.tag(
        Stream.concat(Stream.of("move", "@team/app"), Stream.iterate(0, i -> i + 1).limit(990).map(i -> "y%04d=%s".formatted(i, first)))
            .toArray(String[]::new));

    JsonNode list = json(stand.tag("ls", "@team/app", "--format", "json"));

    assertThat(list.path("name").asString()).isEqualTo("team/app");
    assertThat(list.path("tags").valueStream().map(tag -> tag.path("name").asString())).hasSize(1_981).doesNotHaveDuplicates().isSorted();
    assertThat(rows(stand.tag("ls", "@team/app"))).hasSize(1_981).noneMatch(row -> row.endsWith("-"));
    assertThat(stand.tag("verify", "@team/app", "--list")).contains("all 1981 tags");
  }

  @Test
  void showTellsAllThatATagSaysNowAndThen() {
    stand.tag("move", "@team/app:1.0", second.toString(), "--description", "next");

    assertThat(stand.tag("show", "@team/app:1.0").replaceAll(" +", " ")).contains("name " + stand.host() + "/team/app:1.0",
        "digest " + second,
        "description next", "version 2", "signed no");
    assertThat(stand.tag("show", "@team/app:1.0", "--at", "1").replaceAll(" +", " ")).contains("digest " + first, "version 1")
        .doesNotContain("next");
    assertThat(stand.refused(1, "show", "@team/app:1.0", "--at", "2001-01-01T00:00:00Z")).contains("answered 404");
  }

  @Test
  void historyIsToldNewestFirstAndOutlivesTheTag() throws Exception {
    stand.tag("move", "@team/app:1.0", second.toString());
    assertThat(stand.tag("delete", "@team/app:1.0"))
        .isEqualTo("removed " + stand.host() + "/team/app:1.0, which pointed at " + second + "\n");

    assertThat(rows(stand.tag("history", "@team/app:1.0"))).extracting(row -> row.substring(row.indexOf(' ') + 1)).containsExactly(
        "3 deleted " + second + " anonymous", "2 moved " + second + " anonymous", "1 created " + first + " anonymous");
    assertThat(rows(stand.tag("history", "@team/app:1.0", "-n", "1"))).singleElement().asString().contains("deleted");
    assertThat(rows(stand.tag("history", "@team/app:1.0", "--digest", first.toString()))).singleElement().asString().contains("created");
    assertThat(json(stand.tag("history", "@team/app:1.0", "--format", "json")).path("manifests")).hasSize(3);
    assertThat(rows(stand.tag("history", "@team/app:unknown"))).isEmpty();
  }

  @Test
  void rollbackPutsBackWhatWasBeforeTheNewestChange() throws Exception {
    stand.tag("move", "@team/app:1.0", first.toString(), "--description", "good");
    stand.tag("move", "@team/app:1.0", second.toString(), "--description", "bad");

    assertThat(stand.tag("rollback", "@team/app:1.0", "--dry-run")).startsWith("would put").contains(first.toString(), "as it was at 2");
    assertThat(digest("1.0")).isEqualTo(second.toString());
    assertThat(stand.tag("rollback", "@team/app:1.0")).startsWith("put").contains(first.toString(), "version 4");
    assertThat(stand.tag("show", "@team/app:1.0")).contains("good", first.toString());
    stand.tag("rollback", "@team/app:1.0", "--to", "3");
    assertThat(stand.tag("show", "@team/app:1.0")).contains("bad", second.toString());
  }

  @Test
  void rollbackBringsARemovedTagBackAndSaysWhereThereIsNothingToGoBackTo() throws Exception {
    assertThat(stand.refused(1, "rollback", "@team/app:1.0")).contains("did not exist before its newest change");
    assertThat(stand.refused(1, "rollback", "@team/app:never")).contains("has no history here");
    stand.tag("delete", "@team/app:1.0");

    stand.tag("rollback", "@team/app:1.0");

    assertThat(digest("1.0")).isEqualTo(first.toString());
  }

  @Test
  void deleteTakesSeveralAtOnceAndNothingInADryRun() throws Exception {
    stand.tag("move", "@team/app", "a=1.0", "b=1.0");

    assertThat(stand.tag("delete", "--dry-run", "@team/app:a", "@team/app:b")).contains("would remove", "team/app:a", "team/app:b");
    assertThat(rows(stand.tag("ls", "@team/app"))).hasSize(3);
    assertThat(stand.refused(1, "delete", "@team/app:a", "@team/app:unknown")).contains("answered 404");
    assertThat(rows(stand.tag("ls", "@team/app"))).hasSize(3);
    stand.tag("delete", "@team/app:a", "@team/app:b");
    assertThat(rows(stand.tag("ls", "@team/app"))).hasSize(1);
    assertThat(rows(stand.tag("history", "@team/app:a")).getFirst()).contains(" 3 deleted");
    assertThat(rows(stand.tag("history", "@team/app:b")).getFirst()).contains(" 3 deleted");
  }

  @Test
  void watchTellsWhatWasAndWhatComesAndOfOneTagIfAsked() throws Exception {
    var watching = CompletableFuture.supplyAsync(() -> stand.tag("watch", "@team/app", "--since", "0", "--limit", "3"));
    stand.tag("move", "@team/app", "a=1.0", "b=1.0");
    stand.tag("delete", "@team/app:a");

    assertThat(
        watching.get(60, TimeUnit.SECONDS).lines().map(row -> row.replaceAll(" +", " ")).map(row -> row.substring(row.indexOf(' ') + 1)))
        .containsExactly("1 created 1.0 " + first + " anonymous", "2 created a " + first + " anonymous",
            "2 created b " + first + " anonymous",
            "3 deleted a " + first + " anonymous");
    assertThat(stand.tag("watch", "@team/app:b", "--since", "0", "--limit", "1", "--format", "json").lines()).singleElement()
        .satisfies(line -> assertThat(json(line).path("sequence").asLong()).isEqualTo(2));
  }

  @Test
  void withoutAHostTheTagIsOneOfTheRegistryThatIsNamed() {
    assertThat(stand.tag("show", "team/app:1.0", "--registry", stand.url())).contains(stand.host() + "/team/app:1.0");
    assertThat(stand.tag("show", "registry.example.com/team/app:1.0", "--registry", stand.url())).contains(first.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"show @team/app", "ls @team/app:1.0", "show @team/app:1.0@sha256:00", "show @Team/app:1.0",
    "move @team/app:1.0 sha256:00",
    "move @team/app a", "move @team/app a=1.0 a=1.0", "move @team/app:1.0 a=1.0 b=1.0", "delete @team/app:1 @team/other:1",
    "delete @team/app:1 @team/app:1", "show @team/app:1.0 --at yesterday", "rollback @team/app:1.0 --to -1", "ls @team/app --target 1.0",
    "verify @team/app:1.0", "sign @team/app:1.0", "watch @team/app --limit 0", "history @team/app:1.0 -n 0",
    "show team/app:1.0 --registry ftp://127.0.0.1", "move @team/app:1.0 a --create-only --if-version 1"})
  void whatMakesNoSenseIsRefusedBeforeAnythingIsAsked(String line) {
    assertThat(stand.refused(2, line.split(" ", -1))).isNotBlank();
  }

  @Test
  void aRegistryThatDoesNotRunIsSaidToBeUnreachable() {
    stand.stop();

    assertThat(stand.refused(1, "ls", "@team/app")).contains("can't be reached");
  }
}
