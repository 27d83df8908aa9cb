package io.berth.cli;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.ops.Health;
import io.berth.registry.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What has to work for the registry to be ready, each thing found out cheaply. While it is read-only, nobody needs to write. */
final class Readiness {

  /** Below this, not even a small push ends well, and the metadata store may fail to commit. */
  private static final long LEAST_FREE = 64L << 20;

  private Readiness() {}

  /** The checks of a registry that keeps everything in one folder. */
  static Map<String, Health.Check> checks(Path folder, MetadataStore metadata, Mode mode) {
    Map<String, Health.Check> checks = new LinkedHashMap<>();
    checks.put("metadata", () -> metadata(metadata));
    checks.put("storage", () -> mode.isReadOnly() ? Optional.empty() : writable(folder));
    checks.put("space", () -> mode.isReadOnly() ? Optional.empty() : space(folder));
    return checks;
  }

  private static Optional<String> metadata(MetadataStore metadata) {
    try {
      var _ = metadata.read(tx -> tx.upload("readyz"));
      return Optional.empty();
    } catch (MetadataException e) {
      return Optional.of("the metadata store can't be read");
    }
  }

  private static Optional<String> writable(Path folder) {
    try {
      Files.write(folder.resolve("readyz"), new byte[] {'\n'});
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("the data folder can't be written");
    }
  }

  private static Optional<String> space(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace() >= LEAST_FREE ? Optional.empty()
        : Optional.of("less than " + (LEAST_FREE >> 20) + " MiB are free where the data folder is");
  }
}
