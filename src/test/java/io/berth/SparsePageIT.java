package io.berth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/SPARSE.md} shows is what happens; {@link TypedPage} says how it is tried. */
final class SparsePageIT {

  @Test
  void whatThePageShowsIsWhatHappens(@TempDir Path folder) throws Exception {
    try (var page = new TypedPage("SPARSE.md", folder)) {
      assertThat(page.type("bash", "curl", "jq")).as("answers compared").isGreaterThan(12);
    }
  }
}
