package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a text in Graphviz's language says, read more strictly than Graphviz does: nothing but the forms that {@code berth graph} writes, one on a line.
 *
 * @param nodes what is written on each of them
 * @param edges {@code FROM KIND TO}
 */
record Dot(String title, Map<String, String> nodes, List<String> edges, String remark) {

  private static final String TEXT = "\"((?:[^\"\\\\\\p{Cntrl}]|\\\\[\"\\\\n])*)\"";
  private static final Pattern TITLE = Pattern.compile("digraph " + TEXT + " \\{");
  private static final Pattern REMARK = Pattern.compile("  label=" + TEXT + ";");
  private static final Pattern NODE = Pattern.compile("  " + TEXT + " \\[label=" + TEXT + "(?:, penwidth=2)?(?:, style=dashed)?\\];");
  private static final Pattern EDGE =
      Pattern.compile("  " + TEXT + " -> " + TEXT + " \\[label=" + TEXT + ", tooltip=" + TEXT + "(, style=dashed)?\\];");
  private static final Pattern STYLE = Pattern.compile("  (?:node|edge) \\[[a-z0-9=, \"]+\\];");

  static Dot parse(String text) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    Matcher title = TITLE.matcher(lines.removeFirst());
    assertThat(title.matches()).as(text).isTrue();
    assertThat(lines.removeLast()).isEqualTo("}");
    Map<String, String> nodes = new LinkedHashMap<>();
    List<String> edges = new ArrayList<>();
    String remark = "";
    for (String line : lines) {
      Matcher node = NODE.matcher(line);
      Matcher edge = EDGE.matcher(line);
      Matcher about = REMARK.matcher(line);
      if (node.matches()) {
        nodes.put(node.group(1), meant(node.group(2)));
      } else if (edge.matches()) {
        edges.add(edge.group(1) + " " + meant(edge.group(3)) + " " + edge.group(2));
      } else if (about.matches()) {
        remark = meant(about.group(1));
      } else {
        assertThat(STYLE.matcher(line).matches()).as(line).isTrue();
      }
    }
    return new Dot(meant(title.group(1)), nodes, edges, remark);
  }

  /** Without escapes, and without entities, of which there must be no others. */
  private static String meant(String quoted) {
    assertThat(quoted.replace("&amp;", "")).doesNotContain("&");
    var meant = new StringBuilder();
    for (int i = 0; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      if (c == '\\') {
        char escaped = quoted.charAt(++i);
        meant.append(escaped == 'n' ? '\n' : escaped);
      } else {
        meant.append(c);
      }
    }
    return meant.toString().replace("&amp;", "&");
  }
}
