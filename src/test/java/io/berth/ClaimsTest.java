package io.berth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages name a test for what they claim, and there is such a test. */
final class ClaimsTest {

  private static final List<Path> PAGES = List.of(Path.of("docs/THREAT-MODEL.md"), Path.of("docs/OPERATIONS.md"));
  private static final Pattern METHOD = Pattern.compile("`([A-Z]\\w+(?:Test|IT|Contract))\\.(\\w+)`");
  private static final Pattern EXCHANGE = Pattern.compile("`([a-z0-9-]+\\.http): ([^`]+)`");

  @Test
  void everyTestThatAPageNamesExists() throws IOException {
    Map<String, String> classes = new HashMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        classes.merge(file.getFileName().toString().replace(".java", ""), Files.readString(file), String::concat);
      }
    }
    for (Path page : PAGES) {
      METHOD.matcher(Files.readString(page)).results().forEach(named -> assertThat(classes.getOrDefault(named.group(1), ""))
          .as("%s names %s", page, named.group()).contains("void " + named.group(2) + "("));
    }
  }

  @Test
  void everyExchangeThatAPageNamesExists() throws IOException {
    for (Path page : PAGES) {
      for (var named : EXCHANGE.matcher(Files.readString(page)).results().toList()) {
        Path story = Path.of("src/test/resources/wire", named.group(1));
        assertThat(story).as(page.toString()).exists();
        assertThat(Files.readString(story)).as("%s names %s", page, named.group()).contains("### " + named.group(2) + "\n");
      }
    }
  }

  @Test
  void everyClaimOfTheThreatModelHasATest() throws IOException {
    List<String> rows = Files.readString(PAGES.getFirst()).lines().dropWhile(line -> !line.startsWith("## Names"))
        .filter(line -> line.startsWith("| ") && !line.contains("shown by |")).toList();

    assertThat(rows).hasSizeGreaterThan(40).allMatch(row -> METHOD.matcher(row).find() || EXCHANGE.matcher(row).find());
  }
}
