package io.berth.cli;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.oci.StoreFailure;
import io.berth.ops.Health;
import io.berth.registry.Mode;
import io.berth.registry.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What has to work for the registry to be ready, each thing found out cheaply. While it is read-only, nobody needs to write. */
final class Readiness {

  private Readiness() {}

  /** The checks of a registry that keeps everything in one folder. */
  static Map<String, Health.Check> checks(Path folder, MetadataStore metadata, Mode mode) {
    Map<String, Health.Check> checks = new LinkedHashMap<>();
    checks.put("metadata", () -> metadata(metadata));
    checks.put("storage", () -> mode.isReadOnly() ? Optional.empty() : writable(folder));
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

  /** A full disk is no reason to turn clients away: they can still pull, and somebody has to delete. */
  private static Optional<String> writable(Path folder) {
    try {
      Files.write(folder.resolve("readyz"), new byte[] {'\n'});
      return Optional.empty();
    } catch (IOException e) {
      return new StorageException("the data folder can't be written", e).kind() == StoreFailure.Kind.FULL ? Optional.empty()
          : Optional.of("the data folder can't be written");
    }
  }
}
