package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.berth.metadata.GraphReads;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Edge.Kind;
import io.berth.oci.ErrorCode;
import io.berth.oci.Platform;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.registry.Graphs.Direction;
import io.berth.registry.Graphs.Graph;
import io.berth.registry.Graphs.Link;
import io.berth.registry.Graphs.Node;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The view of what points at what: complete within its limits, and it ends whatever the graph is. */
@Timeout(120)
final class GraphsTest {

  @TempDir Path folder;

  private House house;
  private final String image = Documents.image("config", "layer");
  private final String index = Documents.index(image);
  private final String signature = Documents.about(image, "application/x.signature", "{}");

  @BeforeEach
  void begin() {
    house = new House(folder);
    house.image(APP, tag("1"), "config", "layer");
    house.put(APP, tag("all"), index);
    house.blob(APP, "{}");
    house.put(APP, signature);
  }

  @AfterEach
  void end() {
    house.close();
  }

  private Graph around(Digest digest, Direction direction, int depth) {
    return house.graphs.around(ALICE, APP, digest, direction, depth);
  }

  private static Digest digest(String content) {
    return Documents.digest(content);
  }

  @Test
  void anImageIsSeenWithWhatItNeedsAndWhatPointsAtIt() {
    Graph graph = house.graphs.around(ALICE, APP, tag("1"), Direction.BOTH, 5);

    assertThat(graph.root()).isEqualTo(digest(image));
    assertThat(graph.truncated()).isFalse();
    assertThat(graph.links()).containsExactlyInAnyOrder(new Link(digest(image), digest("config"), Kind.CONFIG, "/config", null),
        new Link(digest(image), digest("layer"), Kind.LAYER, "/layers/0", null),
        new Link(digest(index), digest(image), Kind.CHILD, "/manifests/0", null),
        new Link(digest(signature), digest(image), Kind.SUBJECT, "/subject", null));
    assertThat(graph.nodes()).extracting(Node::digest, Node::size, Node::present).containsExactlyInAnyOrder(
        tuple(digest(image), (long) image.length(), true), tuple(digest("config"), 6L, true), tuple(digest("layer"), 5L, true),
        tuple(digest(index), (long) index.length(), true), tuple(digest(signature), (long) signature.length(), true));
    assertThat(graph.nodes().getFirst().tags()).containsExactly(tag("1"));
  }

  @Test
  void anEntryIsForItsPlatformWhicheverWayItIsMetAndWhetherOrNotItIsThere() {
    String absent = Documents.image("config", "other");
    String sparse =
        Documents.indexOf(SparsePushesTest.entry(image, "linux", "amd64") + "," + SparsePushesTest.entry(absent, "linux", "arm64"),
            "");
    house.manifests(new SparseRules(List.of(), SparseTerms.NOTHING)).put(ALICE, APP, tag("sparse"), List.of(), null, Precondition.NONE,
        Documents.bytes(sparse));
    var here = new Link(digest(sparse), digest(image), Kind.CHILD, "/manifests/0", new Platform("linux", "amd64", null));
    var elsewhere = new Link(digest(sparse), digest(absent), Kind.CHILD, "/manifests/1", new Platform("linux", "arm64", null));

    assertThat(around(digest(sparse), Direction.DOWN, 1).links()).containsExactly(here, elsewhere);
    assertThat(around(digest(image), Direction.UP, 1).links()).contains(here);
    assertThat(around(digest(absent), Direction.UP, 1).links()).containsExactly(elsewhere);
    assertThat(around(digest(absent), Direction.UP, 1).nodes()).extracting(Node::present).containsExactly(false, true);
  }

  @Test
  void aPlatformAtLengthIsNotToldEitherWay() {
    for (int length : List.of(GraphReads.PLATFORM_LENGTH, GraphReads.PLATFORM_LENGTH + 1)) {
      String name = "\ud83d\ude80".repeat(length - "linux/".length());
      String entry = SparsePushesTest.entry(image, "linux", name);
      house.put(APP, tag("long"), Documents.indexOf(entry, ""));
      Digest above = digest(Documents.indexOf(entry, ""));

      assertThat(around(above, Direction.DOWN, 1).links()).extracting(Link::platform)
          .containsExactly(length > GraphReads.PLATFORM_LENGTH ? null : new Platform("linux", name, null));
      assertThat(around(digest(image), Direction.UP, 1).links()).containsAll(around(above, Direction.DOWN, 1).links());
    }
  }

  @Test
  void eachDirectionIsSeenByItself() {
    assertThat(around(digest(image), Direction.DOWN, 5).links()).extracting(Link::kind).containsExactly(Kind.CONFIG, Kind.LAYER);
    assertThat(around(digest(image), Direction.UP, 5).links()).extracting(Link::kind).containsExactly(Kind.CHILD, Kind.SUBJECT);
    assertThat(around(digest("layer"), Direction.UP, 5).links()).extracting(Link::from).contains(digest(index), digest(signature));
  }

  @Test
  void theWalkEndsAtTheDepthThatWasAskedFor() {
    assertThat(around(digest(index), Direction.DOWN, 0).nodes()).hasSize(1);
    assertThat(around(digest(index), Direction.DOWN, 1).nodes()).hasSize(2);
    assertThat(around(digest(index), Direction.DOWN, 2).nodes()).hasSize(4);
  }

  @Test
  void whatIsNotThereIsSeenWithWhatPointsAtIt() {
    String referrer = Documents.about("nowhere", "application/x.signature", "{}");
    house.put(APP, referrer);
    Graph graph = around(digest("nowhere"), Direction.BOTH, 5);
    assertThat(graph.nodes()).extracting(Node::digest, Node::present).containsExactly(tuple(digest("nowhere"), false),
        tuple(digest(referrer), true));
    assertThat(around(digest("nobody knows it"), Direction.BOTH, 5).nodes()).hasSize(1);
    assertThat(refusal(() -> house.graphs.around(ALICE, APP, tag("none"), Direction.BOTH, 5))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void aTowerOfAThousandLevelsIsSeenAsFarAsAsked() {
    String top = image;
    for (int i = 0; i < 1_000; i++) {
      top = Documents.index(top);
      house.put(APP, top);
    }
    assertThat(around(digest(top), Direction.DOWN, Graphs.MAX_DEPTH).nodes()).hasSize(Graphs.MAX_DEPTH + 1);
  }

  @Test
  void anImageWithTooManyPartsIsCutOffAndThatIsSaid() {
    String[] children = IntStream.range(0, Graphs.NODES + 5).mapToObj(i -> "child " + i).toArray(String[]::new);
    String about = String.join(",", IntStream.range(0, children.length)
        .mapToObj(i -> Documents.descriptor("x/y", "layer", ",\"reference\":" + Documents.descriptor("x/y", children[i]))).toList());
    String large = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}".formatted(Documents.MANIFEST,
        Documents.descriptor(Documents.CONFIG, "config"), about);
    house.put(APP, large);
    Graph graph = around(digest(large), Direction.DOWN, 5);
    assertThat(graph.truncated()).isTrue();
    assertThat(graph.nodes()).hasSize(Graphs.NODES);
  }
}
