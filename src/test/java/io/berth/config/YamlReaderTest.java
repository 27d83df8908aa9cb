package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files that are no configuration, or one that a machine should not swallow: each is told in words, with its place. */
@Timeout(20)
final class YamlReaderTest {

  @Test
  void aTabIsCalledATab() {
    assertThat(Reading.problems("log:", "\tlevel: debug")).singleElement().asString()
        .startsWith("config.yml:2:1: not YAML: a tab stands where YAML wants blanks");
  }

  @Test
  void brokenYamlHasAPlaceAndRepeatsNothing() {
    assertThat(Reading.problems("http:", "  secret: hush", " addr: x")).singleElement().asString().startsWith("config.yml:3:2: not YAML: ")
        .doesNotContain("hush");
    assertThat(Reading.problems("http: {secret: hush")).singleElement().asString().startsWith("config.yml:1:20: not YAML: ")
        .doesNotContain("hush");
    assertThat(Reading.problems("log: \u0007")).singleElement().asString().startsWith("config.yml:1:1: not YAML: ");
  }

  @Test
  void aKeyStandsOnce() {
    assertThat(Reading.problems("log: {level: info}", "http: {h2c: {enabled: true, enabled: false}}", "log: {level: debug}"))
        .containsExactly(
            "config.yml:2:29: the key 'enabled' stands twice, first at config.yml:2:14: keep one of them",
            "config.yml:3:1: the key 'log' stands twice, first at config.yml:1:1: keep one of them");
  }

  @Test
  void thereIsOneDocument() {
    assertThat(Reading.problems("version: 0.1", "---", "version: 0.1")).singleElement().asString()
        .isEqualTo("config.yml:2:1: a second document begins here: Berth reads one, remove the '---'");
  }

  @Test
  void aliasesWork() {
    assertThat(Reading.file("log: {level: &l debug, fields: {a: *l}}").serve().log().fields()).containsEntry("a", "debug");
    assertThat(Reading.problems("log: {level: *l}")).singleElement().asString().contains("*l stands for nothing that was written above");
    assertThat(Reading.problems("a: &a [*a]")).singleElement().asString().contains("*a stands for nothing that was written above");
  }

  @Test
  void aliasesThatUnfoldToMillionsAreRefused() {
    var lines = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      lines.append("a%d: &a%d [".formatted(i, i)).append(("*a" + (i - 1) + ", ").repeat(10)).append("x]\n");
    }
    assertThat(Reading.problems(lines.toString())).singleElement().asString().matches("config.yml:\\d+:\\d+: more than 20000 values, .*");
  }

  @Test
  void depthAndLengthAreBounded() {
    assertThat(Reading.problems("[".repeat(100_000))).singleElement().asString()
        .isEqualTo("config.yml:1:32: nested more than 30 levels deep");
    assertThat(Reading.problems("{a: ".repeat(100_000))).singleElement().asString().contains("nested more than 30 levels deep");
    assertThat(Reading.problems("# " + "x".repeat(2 << 20))).singleElement().asString().contains("longer than");
    assertThat(Reading.problems("- x\n".repeat(30_000))).singleElement().asString().contains("more than 20000 values");
  }

  @Test
  void tagsMergeKeysAndKeysOfManyPartsAreRefused() {
    assertThat(Reading.problems("log: !!java/object:java.net.URL [x]")).singleElement().asString().startsWith("config.yml:1:6: ");
    assertThat(Reading.problems("log: !include other.yml")).singleElement().asString().contains("tags (!something) mean nothing here");
    assertThat(Reading.problems("a: &a {level: info}", "log:", "  <<: *a")).anyMatch(problem -> problem.contains("merge keys (<<)"));
    assertThat(Reading.problems("? [a, b]", ": c")).singleElement().asString().contains("a key has to be a word");
  }

  @Test
  void aListOrAWordIsNoConfiguration() {
    assertThat(Reading.problems("- version: 0.1")).singleElement().asString()
        .startsWith("config.yml:1:1: a section with keys belongs here");
    assertThat(Reading.problems("serve")).singleElement().asString().startsWith("config.yml:1:1: a section with keys belongs here");
  }

  @Test
  void whatIsEscapedHasToBeACharacter() {
    for (String escaped : List.of("\\x", "\\x4", "\\u12", "\\UFFFFFFFF", "\\U7FFFFFFF", "\\xZZ")) {
      for (String end : List.of("", "\"")) {
        assertThat(Reading.problems("log:", "  level: info", "  fields: {a: \"" + escaped + end)).as(escaped + end).singleElement()
            .asString()
            .startsWith("config.yml:").contains("not YAML");
      }
    }
    assertThat(Reading.problems("log: {level: info}", "\"\\x")).singleElement().asString()
        .isEqualTo(
            "config.yml:1:14: not YAML: behind here, \\x, \\u or \\U between quotes lacks its 2, 4 or 8 hexadecimal digits, or they are no character");
  }

  /** Whatever stands in a file, reading it ends soon and says something that fits on lines. */
  @Test
  void noTextIsTooWild() {
    String alphabet = "abc: -[]{}&*!|>'\"%@`#,?\n\n  \t~0x\u00e9\u2028<.=/\\";
    Law.forAll(random -> {
      var text = new StringBuilder("log:\n  level: info\n");
      int length = random.nextInt(60);
      for (int i = 0; i < length; i++) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      return text.toString();
    }, text -> assertThat(Reading.problems(text)).allMatch(problem -> problem.length() < 2_000));
  }

  @Test
  void timesAndSizesReadBack() {
    Law.forAll(random -> Duration.ofNanos(random.nextLong(Duration.ofDays(300).toNanos())), time -> {
      var problems = new ArrayList<Problem>();
      Node node = YamlReader.variable("X", Quantities.shown(time), problems);
      assertThat(Quantities.time(Duration.ZERO, Duration.ofDays(365)).read().read(node)).isEqualTo(time);
    });
    Law.forAll(random -> random.nextLong(1L << random.nextInt(1, 45)), size -> {
      Node node = YamlReader.variable("X", Quantities.size(size).toString(), new ArrayList<>());
      assertThat(Quantities.bytes(0, 1L << 45).read().read(node)).isEqualTo(size);
    });
  }
}
