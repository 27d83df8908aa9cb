package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.EngineOptions.Capacity;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left of an operator's numbers on a machine that allows less. */
class EngineSettingsTest {

  private static Capacity of(int connections, int requests) {
    return new Capacity(connections, 1_000, requests, 100, 400, 100);
  }

  @Test
  void connectionsAndTheFilesOfRequestsFitIntoTheDescriptors() {
    for (Capacity wanted : List.of(of(10_000, 10_000), of(10_000, 10), of(10, 10_000), of(1_000_000, 1_000_000))) {
      for (long descriptors : List.of(256L, 1_024L, 4_096L, 20_000L, 65_536L, 1_048_576L)) {
        Capacity possible = EngineSettings.within(wanted, descriptors);
        assertThat(possible.connections() + possible.requests()).isLessThanOrEqualTo((int) (descriptors - descriptors / 8));
        assertThat(possible.connections()).isBetween(1, wanted.connections());
        assertThat(possible.requests()).isBetween(1, wanted.requests());
      }
    }
  }

  @Test
  void nothingIsTakenAwayWhereThereIsRoom() {
    assertThat(EngineSettings.within(of(10_000, 10_000), 22_858)).isEqualTo(of(10_000, 10_000));
    assertThat(EngineSettings.within(of(10_000, 10), 12_000)).isEqualTo(of(10_000, 10));
  }

  @Test
  void eachOfAsManyConnectionsAsPossibleMayAsk() {
    assertThat(EngineSettings.within(of(10_000, 10_000), 4_096)).isEqualTo(new Capacity(1_792, 448, 1_792, 100, 400, 100));
    assertThat(EngineSettings.within(of(10_000, 100), 4_096)).isEqualTo(new Capacity(3_484, 871, 100, 100, 400, 100));
    assertThat(EngineSettings.within(of(100, 10_000), 4_096)).isEqualTo(of(100, 3_484));
  }
}
