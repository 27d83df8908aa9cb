package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code berth graph} against a real registry. */
final class GraphCommandTest {

  private static final String IMAGE = Documents.image("{}", "content");
  private static final String INDEX = Documents.index(IMAGE);
  private static final String SIGNATURE = Documents.about(INDEX, "application/x.signature", "{}");

  @TempDir Path folder;

  private TagStand stand;

  @BeforeEach
  void begin() throws Exception {
    stand = new TagStand(folder, UnaryOperator.identity());
    stand.push("team/app", "content", "amd64");
    stand.putAs("team/app", "1.0", Documents.INDEX, INDEX);
    stand.putAs("team/app", Documents.digest(SIGNATURE).toString(), Documents.MANIFEST, SIGNATURE);
  }

  @AfterEach
  void end() {
    stand.close();
  }

  private String graph(String... arguments) {
    TagStand.Said said = stand.type("graph", arguments);
    assertThat(said.status()).as(said.toString()).isZero();
    return said.out();
  }

  private static String shortened(String content) {
    return Documents.digest(content).toString().substring(0, 19);
  }

  @Test
  void anImageIsATreeOfWhatItNeedsAndOfWhatIsSaidOfIt() {
    assertThat(graph("@team/app:1.0")).isEqualTo("""
        HOST/team/app:1.0
        INDEX  application/vnd.oci.image.index.v1+json  LENGTH bytes  tagged 1.0
        points at
        `-- child     IMAGE  application/vnd.oci.image.manifest.v1+json  400 bytes  tagged amd64
            |-- config    CONFIG  application/vnd.oci.image.config.v1+json  2 bytes
            `-- layer     LAYER  application/vnd.oci.image.layer.v1.tar+gzip  7 bytes
        is pointed at by
        `-- subject   SIGNATURE  application/x.signature  SIZE bytes
        """.replace("HOST", stand.host()).replace("INDEX", shortened(INDEX)).replace("IMAGE", shortened(IMAGE))
        .replace("CONFIG", shortened("{}")).replace("LAYER", shortened("content")).replace("SIGNATURE", shortened(SIGNATURE))
        .replace("LENGTH", "" + INDEX.length()).replace("SIZE", "" + SIGNATURE.length()).replace("400", "" + IMAGE.length()));
  }

  @Test
  void directionAndDepthAreThoseThatAreAskedFor() {
    assertThat(graph("@team/app:1.0", "--direction", "up")).contains("is pointed at by").doesNotContain("points at\n");
    assertThat(graph("@team/app:1.0", "--direction", "down")).contains("layer").doesNotContain("is pointed at by");
    assertThat(graph("@team/app:1.0", "--direction", "down", "--depth", "1")).contains("child").doesNotContain("layer");
    assertThat(graph("@team/app:1.0", "--depth", "0").lines()).hasSize(2);
    assertThat(stand.type("graph", "@team/app:1.0", "--depth", "101").status()).isEqualTo(2);
    assertThat(stand.type("graph", "@team/app:1.0", "--direction", "left").status()).isEqualTo(2);
  }

  @Test
  void whatSeveralPointAtHasOneBranchAndIsNamedElsewhere() throws Exception {
    String layers = Documents.image("{}", "content", "content");
    String both = Documents.index(IMAGE, layers);
    stand.putAs("team/app", Documents.digest(layers).toString(), Documents.MANIFEST, layers);
    stand.putAs("team/app", "both", Documents.INDEX, both);

    String tree = graph("@team/app:both", "--direction", "down");
    assertThat(tree.lines().filter(line -> line.contains(shortened("content")))).hasSize(3)
        .satisfies(lines -> assertThat(lines.getFirst()).endsWith("7 bytes"))
        .satisfies(lines -> assertThat(lines.subList(1, 3)).allMatch(line -> line.endsWith(shortened("content") + "  (above)")));
  }

  @Test
  void whatIsNotThereIsSaidToBeAbsent() throws Exception {
    String early = Documents.about("comes later", "application/x.signature", "{}");
    stand.putAs("team/app", Documents.digest(early).toString(), Documents.MANIFEST, early);

    String tree = graph("@team/app@" + Documents.digest("comes later"));
    assertThat(tree.lines().skip(1).findFirst()).contains(shortened("comes later") + "  absent");
    assertThat(tree).contains("is pointed at by\n`-- subject   " + shortened(early));
    TagStand.Said none = stand.type("graph", "@team/app:none");
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.err()).contains("404");
    assertThat(stand.type("graph", "@team/app").status()).isEqualTo(2);
  }

  @Test
  void anEntryOfAnIndexIsForAPlatform() throws Exception {
    String index =
        Documents.indexOf(Documents.descriptor(Documents.MANIFEST, IMAGE, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\"}"), "");
    stand.putAs("team/app", "for", Documents.INDEX, index);

    assertThat(graph("@team/app:for", "--direction", "down")).contains("child     linux/arm " + shortened(IMAGE));
    assertThat(graph("@team/app:amd64", "--direction", "up")).contains("child     linux/arm " + shortened(index));
    assertThat(Dot.parse(graph("@team/app:for", "--format", "dot")).edges())
        .contains(Documents.digest(index) + " child\nlinux/arm " + Documents.digest(IMAGE));
  }

  @Test
  void programsGetTheAnswerOfTheRegistry() throws Exception {
    var json = Json.parse(graph("@team/app:1.0", "--format", "json").getBytes(StandardCharsets.UTF_8));
    assertThat(json.path("root").asString()).isEqualTo(Documents.digest(INDEX).toString());
    assertThat(json.path("nodes")).hasSize(5);
    assertThat(json.path("truncated").asBoolean(true)).isFalse();
  }

  @Test
  void graphvizDrawsIt() throws Exception {
    Dot dot = Dot.parse(graph("@team/app:1.0", "--format", "dot"));
    Digest image = Documents.digest(IMAGE);
    assertThat(dot.title()).isEqualTo(stand.host() + "/team/app:1.0");
    assertThat(dot.nodes()).hasSize(5).containsEntry(image.toString(),
        shortened(IMAGE) + "\n" + Documents.MANIFEST + "\n" + IMAGE.length() + " bytes\namd64");
    assertThat(dot.edges()).hasSize(4).contains(Documents.digest(INDEX) + " child " + image,
        Documents.digest(SIGNATURE) + " subject " + Documents.digest(INDEX));
  }
}
