package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What becomes of a configuration of CNCF Distribution: every key of its reference is honoured, ignored or refused, and none is unknown. */
final class DistributionTest {

  /** The verdict on every key of the full example, written down a second time. */
  @Test
  void everyDocumentedKeyHasItsVerdict() {
    var verdicts = new TreeMap<String, String>();
    flatten("", YamlReader.file("full", Reading.resource("distribution-full.yml"), new ArrayList<>()), verdicts);

    var expected = new TreeMap<String, String>();
    Reading.resource("distribution-verdicts.txt").lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> {
      List<String> words = List.of(line.strip().split("\\s+", 2));
      expected.put(words.get(0), words.get(1));
    });

    assertThat(verdicts).isEqualTo(expected);
  }

  private static void flatten(String path, Node node, Map<String, String> verdicts) {
    switch (node) {
      case Node.Empty _, Node.Scalar _ -> verdicts.put(path, verdict(path));
      case Node.Listing listing -> {
        if (listing.items().stream().anyMatch(Node.Section.class::isInstance)) {
          listing.items().forEach(item -> flatten(path, item, verdicts));
        } else {
          verdicts.put(path, verdict(path));
        }
      }
      case Node.Section section -> section.entries().forEach((key, entry) -> flatten(Keys.join(path, key), entry.value(), verdicts));
    }
  }

  private static String verdict(String path) {
    for (Key key : Keys.ALL) {
      if (path.equals(key.path()) || path.startsWith(key.path() + ".")) {
        String below = path.equals(key.path()) ? "" : path.substring(key.path().length() + 1);
        return switch (key) {
          case Key.Setting<?> setting ->
              below.isEmpty() || Set.of(Kind.Shape.MAP, Kind.Shape.SECTIONS).contains(setting.kind().shape()) ? "honoured" : "unknown";
          case Key.Ignored ignored -> knows(ignored.below(), below) ? "ignored" : "unknown";
          case Key.Refused refused -> knows(refused.below(), below) ? "refused" : "unknown";
        };
      }
    }
    return "unknown";
  }

  private static boolean knows(List<String> names, String below) {
    return below.isEmpty() || names.contains(below)
        || names.stream().anyMatch(name -> (name.endsWith("options") || name.endsWith("headers")) && below.startsWith(name + "."));
  }

  @Test
  void whatIsRefusedIsSaidAtOnceWithPlaceReasonAndRemedy() {
    InvalidConfiguration refused = catchThrowableOfType(InvalidConfiguration.class,
        () -> Configuration.read(Reading.sources(Reading.resource("distribution-full.yml"), Map.of())));
    var paths = new ArrayList<>(Foreign.ALL.stream().filter(Key.Refused.class::isInstance).map(Key::path).toList());
    paths.remove("http.tls.letsencrypt"); // there is a certificate beside it
    paths.add("auth.none"); // and a password file too

    assertThat(refused.problems()).extracting(Problem::path).containsExactlyInAnyOrderElementsOf(paths);
    assertThat(String.valueOf(refused.getMessage()).lines())
        .allMatch(line -> line.matches("config\\.yml:\\d+:\\d+: [a-z0-9.]+: (refused: .+; .+|'none' and 'htpasswd' .+)"));
    assertThat(refused.getMessage()).doesNotContain("not-to-be-seen");
  }

  @Test
  void whatTheImagesBringAlongStarts() {
    Configuration stock = Reading.file(Reading.resource("distribution-stock.yml"));

    assertThat(stock.serve().data()).hasToString("/var/lib/registry");
    assertThat(stock.serve().http().listen()).hasToString("0.0.0.0:5000");
    assertThat(stock.serve().authentication())
        .hasToString("Sources[passwordFile=Optional[PasswordFile[file=/etc/registry, realm=basic-realm]], accounts=false]");
    assertThat(stock.serve().log().fields()).containsEntry("service", "registry");
    assertThat(stock.warnings()).isEmpty();
    assertThat(stock.ignored()).extracting(Problem::path).containsExactlyInAnyOrder("storage.cache", "storage.tag.concurrencylimit",
        "health.storagedriver");
  }

  /** What is ignored or asks for nothing leaves a configuration that runs. */
  @Test
  void theFullExampleWithoutWhatIsRefusedStarts() {
    var problems = new ArrayList<Problem>();
    Node tree = YamlReader.file("full", Reading.resource("distribution-full.yml"), problems);
    var kept = new LinkedHashMap<String, String>();
    collect("", tree, kept);

    Configuration rest = Reading.file(Reading.yaml(kept));

    assertThat(problems).isEmpty();
    assertThat(rest.serve().uploads().idle()).hasHours(72);
    assertThat(rest.serve().http().tls()).isPresent();
    assertThat(rest.serve().readOnly()).isTrue();
    assertThat(rest.serve().deletion().enabled()).isFalse();
    assertThat(rest.serve().lists()).isEqualTo(new ListsConfig(200, 500));
    assertThat(rest.serve().debug().orElseThrow().metricsPath()).contains("/numbers");
    assertThat(rest.effective() + rest.ignored() + rest.warnings() + rest.serve()).doesNotContain("not-to-be-seen");
  }

  private static void collect(String path, Node node, Map<String, String> kept) {
    if (node instanceof Node.Section section && Keys.at(path) == null) {
      section.entries().forEach((key, entry) -> collect(Keys.join(path, key), entry.value(), kept));
    } else if (Keys.at(path) instanceof Key.Setting<?> setting && !path.equals("auth.none")) {
      kept.put(path, text(node, setting));
    } else if (Keys.at(path) instanceof Key.Ignored ignored && ignored.below().isEmpty()) {
      kept.put(path, node instanceof Node.Scalar(String text, Origin _) ? text : "");
    }
  }

  private static String text(Node node, Key.Setting<?> setting) {
    return switch (node) {
      case Node.Empty _ -> "";
      case Node.Scalar(String text, Origin _) -> text;
      case Node.Listing listing -> listing.items().stream().map(item -> text(item, setting)).toList().toString();
      case Node.Section section -> section.entries().entrySet().stream()
          .map(entry -> entry.getKey() + ": " + text(entry.getValue().value(), setting)).toList().toString().replaceAll("^\\[", "{")
          .replaceAll("]$", "}");
    };
  }
}
