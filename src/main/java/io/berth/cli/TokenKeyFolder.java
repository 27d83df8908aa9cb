package io.berth.cli;

import io.berth.auth.NodeKeys;
import io.berth.metadata.MetadataStore;
import io.berth.signing.InvalidKey;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The keys of tokens, which are made and published when tokens are wanted for the first time. Safe for any thread. */
final class TokenKeyFolder {

  private static final String NAME = "tokenkeys";

  private final Path path;
  private final MetadataStore metadata;
  private final InstantSource clock;
  private @Nullable NodeKeys keys;

  TokenKeyFolder(DataFolder folder, MetadataStore metadata, InstantSource clock) {
    this.path = folder.path().resolve(NAME);
    this.metadata = metadata;
    this.clock = clock;
  }

  synchronized NodeKeys open() {
    NodeKeys open = keys;
    try {
      if (open == null) {
        open = NodeKeys.open(path, metadata, clock);
        keys = open;
      }
      return open;
    } catch (InvalidKey e) {
      throw new Refusal(e);
    }
  }
}
