package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.condition.Variable;
import io.berth.config.Key.Kinship;
import io.berth.config.Key.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pages about configuration say what the table of settings says: their own tables are made from it. After a change of a setting,
 * {@code mvn test -Dtest=DocumentationTest -Dberth.docs=write} writes them anew.
 */
final class DocumentationTest {

  private static final Path CONFIGURATION = Path.of("docs/CONFIGURATION.md");
  private static final Path ACCESS = Path.of("docs/ACCESS.md");
  private static final Path COMPATIBILITY = Path.of("docs/COMPATIBILITY.md");

  @Test
  void theTableOfSettingsIsThatOfTheCode() throws IOException {
    compare(CONFIGURATION, "settings", settings());
  }

  @Test
  void theTableOfCompatibilityIsThatOfTheCode() throws IOException {
    compare(COMPATIBILITY, "keys", keys());
  }

  @Test
  void theTableOfWhatConditionsSeeIsThatOfTheCode() throws IOException {
    compare(ACCESS, "variables", "| variable | type | is |\n|---|---|---|\n" + Arrays.stream(Variable.values())
        .map(one -> "| `" + one.word() + "` | `" + one.type() + "` | " + one.meaning() + " |\n").collect(Collectors.joining()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONFIGURATION.md", "ACCESS.md"})
  void theExamplesAreConfigurations(String page) throws IOException {
    List<String> examples = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("docs", page))).results()
        .map((MatchResult match) -> match.group(1)).toList();

    assertThat(examples).hasSizeGreaterThan(3).allSatisfy(example -> {
      assertThat(Reading.problems(example)).as(example).isEmpty();
      assertThat(Reading.file(example).warnings()).as(example).isEmpty();
    });
  }

  @Test
  void theVariablesThatThePageNamesAreSettings() throws IOException {
    Map<String, String> named = Pattern.compile("`(REGISTRY_[A-Za-z0-9_-]+)(?:='?([^`']*)'?)?`").matcher(Files.readString(CONFIGURATION))
        .results().collect(Collectors.toMap(match -> match.group(1), match -> match.group(2) == null ? "" : match.group(2)));

    assertThat(named).hasSizeGreaterThan(5);
    named.keySet().removeIf(name -> name.equals("REGISTRY_"));
    assertThat(Reading.read(Reading.sources("", named)).warnings()).isEmpty();
  }

  private static void compare(Path page, String name, String table) throws IOException {
    String text = Files.readString(page);
    String begin = "<!-- " + name + " -->\n";
    String end = "<!-- /" + name + " -->";
    int from = text.indexOf(begin) + begin.length();
    int to = text.indexOf(end);
    if (System.getProperty("berth.docs", "").equals("write")) {
      Files.writeString(page, text.substring(0, from) + table + text.substring(to));
      return;
    }
    assertThat(text.substring(from, to)).as("the table of %s; -Dberth.docs=write makes it anew", page).isEqualTo(table);
  }

  private static String settings() {
    var rows = new ArrayList<String>();
    rows.add("| setting | value | default | what it does |");
    rows.add("|---|---|---|---|");
    Settings.ALL.forEach(setting -> rows.add(row(setting)));
    return String.join("\n", rows) + "\n";
  }

  private static <T> String row(Setting<T> setting) {
    T byDefault = setting.byDefault();
    String shown = byDefault == null ? "" : "`" + setting.kind().plain().apply(byDefault) + "`";
    return "| `" + setting.path() + "`" + (setting.reloadable() ? " ↻" : "") + " | " + cell(setting.kind().words()) + " | "
        + shown.replace("`{}`", "").replace("`[]`", "") + " | " + cell(setting.doc()) + " |";
  }

  private static String keys() {
    var rows = new ArrayList<String>();
    rows.add("| key | Berth | remark |");
    rows.add("|---|---|---|");
    Keys.ALL.stream().filter(key -> !(key instanceof Setting<?> setting && setting.kinship() instanceof Kinship.Own))
        .sorted(Comparator.comparing(Key::path)).map(DocumentationTest::verdict).forEach(rows::add);
    return String.join("\n", rows) + "\n";
  }

  private static String verdict(Key key) {
    return switch (key) {
      case Setting<?> setting -> "| `" + key.path() + "` | honoured | "
          + (setting.kinship() instanceof Kinship.Differs(String how) ? cell(how) : "") + " |";
      case Key.Ignored ignored -> "| " + names(key.path(), ignored.below()) + " | ignored | " + cell(ignored.reason()) + " |";
      case Key.Refused refused ->
          "| " + names(key.path(), refused.below()) + " | refused | " + cell(refused.reason() + ": " + refused.remedy())
              + refused.allowed().map(words -> "; allowed if " + cell(words)).orElse("") + " |";
    };
  }

  private static String names(String path, List<String> below) {
    return "`" + path + "`"
        + (below.isEmpty() ? "" : " with " + below.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", ")));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
