package io.berth.cli;

import io.berth.config.ServeConfig;
import io.berth.config.TagsConfig.KeyFile;
import io.berth.http.TagNames;
import io.berth.http.TagOptions;
import io.berth.policy.TagTerms;
import io.berth.registry.TagTrust;
import io.berth.signing.InvalidKey;
import io.berth.signing.RegistryKeys;
import io.berth.signing.TagSignatures;
import io.berth.signing.TrustedKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a configuration means for tags. */
final class TagSettings {

  /** Where the registry's own keys are, in the folder of its data. */
  static final String KEYS = "keys";

  private TagSettings() {}

  static TagTerms terms(ServeConfig config) {
    return new TagTerms(config.deletion(), config.tags().rules(), config.tags().historyWindow());
  }

  /** Reads the keys whose signatures count. */
  static TrustedKeys trusted(ServeConfig config) {
    Map<String, Path> files = new LinkedHashMap<>();
    for (KeyFile key : config.tags().keys()) {
      files.put(key.name(), key.file());
    }
    try {
      return TrustedKeys.read(files);
    } catch (InvalidKey e) {
      throw new Refusal("tags.keys: " + e.getMessage(), e);
    }
  }

  static TagTrust trust(TrustedKeys keys) {
    return document -> TagSignatures.parse(document).verify(keys);
  }

  /** What the registry is called in the names of tags. */
  private static TagNames names(ServeConfig config) {
    Optional<String> canonical = config.http().externalUrl().map(URI::getAuthority).map(host -> host.toLowerCase(Locale.ROOT));
    return new TagNames(canonical, new HashSet<>(config.tags().aliases()));
  }

  static TagOptions options(ServeConfig config, TrustedKeys trusted, DataFolder folder, InstantSource clock) {
    return new TagOptions(names(config), trusted, keys(folder, clock.instant()), config.authentication().isOpen(), clock);
  }

  /** Opens the keys with which the registry signs, and makes the first. */
  private static RegistryKeys keys(DataFolder folder, Instant now) {
    try {
      return RegistryKeys.open(folder.path().resolve(KEYS), RegistryKeys.OVERLAP, now);
    } catch (InvalidKey e) {
      throw new Refusal(e);
    }
  }
}
