package io.berth.config;

import io.berth.config.Key.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Variables of the environment as CNCF Distribution maps them: {@code REGISTRY_HTTP_TLS_KEY} sets {@code http.tls.key}, a number names an entry of
 * a list, a whole section may be given as YAML. Applied in the order of their names, so that a section goes before what is in it.
 */
final class Environment {

  /** What Kubernetes sets in every container for a service that is called {@code registry}, or {@code registry-something}. */
  private static final Pattern KUBERNETES =
      Pattern.compile("REGISTRY_([A-Z0-9]+_)*(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

  private final List<Problem> problems;
  private final List<Problem> warnings;

  Environment(List<Problem> problems, List<Problem> warnings) {
    this.problems = problems;
    this.warnings = warnings;
  }

  /** The tree with all variables applied. */
  Node apply(Node tree, Map<String, String> variables) {
    Node changed = tree;
    for (var variable : new TreeMap<>(variables).entrySet()) {
      if (variable.getKey().startsWith(Key.PREFIX)) {
        changed = apply(changed, variable.getKey(), variable.getValue());
      }
    }
    return changed;
  }

  private Node apply(Node tree, String name, String text) {
    var origin = new Origin.Variable(name);
    List<String> words = List.of(name.substring(Key.PREFIX.length()).split("_", -1));
    List<String> path = path(words);
    if (path == null || path.equals(List.of("version"))) {
      if (!KUBERNETES.matcher(name).matches()) {
        warnings.add(new Problem(origin, "", "no setting is called so, the variable is ignored; " + suggestion(words)));
      }
      return tree;
    }
    try {
      return Overlay.put(tree, path, value(path, name, text));
    } catch (Overlay.Misfit e) {
      problems.add(new Problem(origin, "", String.valueOf(e.getMessage())));
      return tree;
    }
  }

  /** Where the variable points; {@code null} if nowhere. */
  private static @Nullable List<String> path(List<String> words) {
    String path = "";
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.equals(word.toUpperCase(Locale.ROOT))) {
        return null;
      }
      path = Keys.join(path, word.toLowerCase(Locale.ROOT));
      Key key = Keys.at(path);
      if (key != null) {
        List<String> rest = rest(key, words.subList(i + 1, words.size()));
        return rest == null ? null : joined(path, rest);
      }
      if (!Keys.isSection(path)) {
        return null;
      }
    }
    return List.of(path.split("\\.", -1));
  }

  private static List<String> joined(String path, List<String> rest) {
    var whole = new ArrayList<>(List.of(path.split("\\.", -1)));
    whole.addAll(rest);
    return whole;
  }

  /** What stands behind the name of a key: a number of a list, a name of a map, or names of Distribution's that mean nothing here. */
  private static @Nullable List<String> rest(Key key, List<String> words) {
    List<String> lower = words.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
    if (words.isEmpty()) {
      return List.of();
    }
    return switch (key) {
      case Setting<?> setting -> switch (setting.kind().shape()) {
        case ONE -> null;
        case LIST, SECTIONS -> words.size() == 1 && words.getFirst().matches("\\d{1,4}") ? words : null;
        case MAP -> setting.equals(Settings.HEADERS) && words.size() > 1 && words.getLast().matches("\\d{1,4}")
            ? List.of(String.join("_", lower.subList(0, lower.size() - 1)), words.getLast())
            : List.of(String.join("_", lower));
      };
      case Key.Ignored foreign -> known(foreign.below(), lower);
      case Key.Refused foreign -> known(foreign.below(), lower);
    };
  }

  private static @Nullable List<String> known(List<String> below, List<String> words) {
    String path = String.join(".", words.stream().filter(word -> !word.matches("\\d{1,4}")).toList());
    boolean isThere = below.contains(path) || below.stream().anyMatch(name -> path.startsWith(name + ".") && !name.equals("options"))
        || path.startsWith("options.");
    return isThere ? words : null;
  }

  private static String suggestion(List<String> words) {
    var names = new HashMap<String, String>();
    Keys.ALL.forEach(key -> names.put(key.path().replace(".", ""), key.variable()));
    return Words.nearest(String.join("", words), names.keySet()).map(near -> "did you mean " + names.get(near) + "?")
        .orElse("remove it if it was meant for Berth");
  }

  /** One value is taken as it is, quotes aside, so that no character of a password means anything; sections, lists and maps are YAML. */
  private Node value(List<String> path, String name, String text) {
    var origin = new Origin.Variable(name);
    if (text.isEmpty()) {
      return new Node.Empty(origin);
    }
    Key key = Keys.at(String.join(".", path));
    Key parent = path.size() < 2 ? null : Keys.at(String.join(".", path.subList(0, path.size() - 1)));
    boolean isOne = key instanceof Setting<?> setting && setting.kind().shape() == Kind.Shape.ONE
        || parent instanceof Setting<?> several && several.kind().shape() != Kind.Shape.SECTIONS && !several.equals(Settings.HEADERS);
    boolean isQuoted = text.length() > 1 && (text.startsWith("\"") && text.endsWith("\"") || text.startsWith("'") && text.endsWith("'"));
    return isOne && !isQuoted ? new Node.Scalar(text, origin) : YamlReader.variable(name, text, problems);
  }
}
