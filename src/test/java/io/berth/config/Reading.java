package io.berth.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.config.Configuration.File;
import io.berth.config.Configuration.Flag;
import io.berth.config.Configuration.Sources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads configurations for tests, which are about one source mostly. */
final class Reading {

  private Reading() {}

  static Configuration file(String... lines) {
    return read(sources(String.join("\n", lines), Map.of()));
  }

  static Configuration environment(String... namesAndValues) {
    return read(sources("", variables(namesAndValues)));
  }

  static Configuration flags(String text, Flag... flags) {
    return read(new Sources(Optional.of(new File("config.yml", text)), Map.of(), List.of(flags)));
  }

  static Configuration read(Sources sources) {
    try {
      return Configuration.read(sources);
    } catch (InvalidConfiguration e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** All that is wrong with a file, as an operator reads it. */
  static List<String> problems(String... lines) {
    return problems(sources(String.join("\n", lines), Map.of()));
  }

  static List<String> problemsOfEnvironment(String... namesAndValues) {
    return problems(sources("", variables(namesAndValues)));
  }

  static List<String> problems(Sources sources) {
    InvalidConfiguration thrown = catchThrowableOfType(InvalidConfiguration.class, () -> Configuration.read(sources));
    return thrown == null ? List.of() : String.valueOf(thrown.getMessage()).lines().toList();
  }

  static Sources sources(String text, Map<String, String> environment) {
    return new Sources(Optional.of(new File("config.yml", text)), environment, List.of());
  }

  static Map<String, String> variables(String... namesAndValues) {
    var variables = new TreeMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      variables.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return variables;
  }

  static String resource(String name) {
    try (var in = Reading.class.getResourceAsStream("/config/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file in which each path ({@code http.tls.key}) has its value. */
  static String yaml(Map<String, String> values) {
    var text = new StringBuilder();
    var open = List.<String>of();
    for (var entry : new TreeMap<>(values).entrySet()) {
      List<String> path = List.of(entry.getKey().split("\\.", -1));
      int same = 0;
      while (same < path.size() - 1 && same < open.size() - 1 && path.get(same).equals(open.get(same))) {
        same++;
      }
      for (int i = same; i < path.size(); i++) {
        text.append("  ".repeat(i)).append(path.get(i)).append(':').append(i == path.size() - 1 ? " " + entry.getValue() : "").append('\n');
      }
      open = path;
    }
    return text.toString();
  }
}
