package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.berth.Fuzz;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Any file and any variable: a configuration, or problems with their places; never a stack trace. */
final class ConfigurationFuzzTest {

  @FuzzTest
  void files(byte[] input) {
    read(new Configuration.Sources(Optional.of(new Configuration.File("config.yml", Fuzz.text(input))), Map.of(), List.of()));
  }

  /** The first line is the name of a variable behind {@code REGISTRY_}, the rest its value. */
  @FuzzTest
  void variables(byte[] input) {
    String[] parts = Fuzz.text(input).split("\n", 2);
    read(new Configuration.Sources(Optional.empty(), Map.of("REGISTRY_" + parts[0], parts.length < 2 ? "" : parts[1]), List.of()));
  }

  private static void read(Configuration.Sources sources) {
    try {
      Configuration configuration = Configuration.read(sources);
      assertThat(configuration.effective()).isNotEmpty();
    } catch (InvalidConfiguration e) {
      assertThat(e.problems()).isNotEmpty();
      assertThat(String.valueOf(e.getMessage())).isNotBlank();
    }
  }
}
