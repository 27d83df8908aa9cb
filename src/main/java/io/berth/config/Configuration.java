package io.berth.config;

import io.berth.config.Key.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A configuration that holds together: the records, where each value comes from, and what was said about the rest. Made of the defaults, a
 * file, the environment and flags, each going before the one named earlier. Immutable; reading it touches no file.
 */
public final class Configuration {

  private final ServeConfig serve;
  private final Values values;
  private final List<Problem> ignored;
  private final List<Problem> warnings;

  private Configuration(ServeConfig serve, Values values, List<Problem> ignored, List<Problem> warnings) {
    this.serve = serve;
    this.values = values;
    this.ignored = List.copyOf(ignored);
    this.warnings = List.copyOf(warnings);
  }

  /**
   * What to read.
   *
   * @param file the text of the configuration file, and the name that messages call it by
   * @param environment all variables; those that do not begin with {@code REGISTRY_} are not looked at
   * @param flags in the order given
   */
  public record Sources(Optional<File> file, Map<String, String> environment, List<Flag> flags) {

    public Sources {
      environment = Map.copyOf(environment);
      flags = List.copyOf(flags);
    }

    /** Nothing but defaults. */
    public static final Sources NONE = new Sources(Optional.empty(), Map.of(), List.of());
  }

  /** A file that was read. */
  public record File(String name, String text) {}

  /**
   * A flag of the command line.
   *
   * @param name {@code --listen}
   * @param path the keys that lead to what it sets
   * @param value one value; empty means that nothing is said
   */
  public record Flag(String name, List<String> path, String value) {

    public Flag {
      path = List.copyOf(path);
    }
  }

  /**
   * Reads all sources.
   *
   * @throws InvalidConfiguration with everything that is wrong
   */
  public static Configuration read(Sources sources) throws InvalidConfiguration {
    var problems = new ArrayList<Problem>();
    var ignored = new ArrayList<Problem>();
    var warnings = new ArrayList<Problem>();
    Node tree =
        sources.file().map(file -> YamlReader.file(file.name(), file.text(), problems)).orElse(new Node.Empty(new Origin.Default()));
    tree = new Environment(problems, warnings).apply(tree, sources.environment());
    for (Flag flag : sources.flags()) {
      tree = apply(tree, flag);
    }
    Values values = Walk.through(Overlay.normal(tree), problems, ignored);
    boolean onlyFlags = !problems.isEmpty() && problems.stream().allMatch(problem -> problem.origin() instanceof Origin.Flag);
    ServeConfig serve = Assembly.of(values, problems, warnings);
    if (!problems.isEmpty()) {
      throw new InvalidConfiguration(problems, onlyFlags);
    }
    return new Configuration(serve, values, ignored, warnings);
  }

  private static Node apply(Node tree, Flag flag) {
    var origin = new Origin.Flag(flag.name());
    try {
      return Overlay.put(tree, flag.path(), flag.value().isEmpty() ? new Node.Empty(origin) : new Node.Scalar(flag.value(), origin));
    } catch (Overlay.Misfit e) {
      throw new IllegalArgumentException("no flag sets an entry of a list", e);
    }
  }

  /** What holds where nothing is said. */
  static ServeConfig defaults() {
    return Assembly.of(new Values(), new ArrayList<>(), new ArrayList<>());
  }

  /** The records that the program is put together from. */
  public ServeConfig serve() {
    return serve;
  }

  /** Keys that change nothing, each with the reason. */
  public List<Problem> ignored() {
    return ignored;
  }

  /** What is allowed, but hardly meant. */
  public List<Problem> warnings() {
    return warnings;
  }

  /** Where each rule of access stands, by its name. */
  public Map<String, Origin> placesOfRules() {
    return values.optional(AuthSettings.ACCESS_RULES).stream().flatMap(List::stream)
        .collect(Collectors.toUnmodifiableMap(text -> text.rule().name(), AccessRuleText::origin));
  }

  /** The whole as YAML that reads back as the same, each value with its origin; secrets are masked. */
  public String effective() {
    return EffectiveYaml.of(values);
  }

  /** The settings that the other one has another value for, and that a running server does not take over. */
  public List<String> needingRestart(Configuration other) {
    return Settings.ALL.stream().filter(setting -> !setting.reloadable() && differs(setting, other)).map(Setting::path).toList();
  }

  private <T> boolean differs(Setting<T> setting, Configuration other) {
    return !Objects.equals(values.optional(setting), other.values.optional(setting));
  }
}
