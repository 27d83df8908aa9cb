package io.berth.config;

import io.berth.policy.TagRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What an operator demands of tags, and what is kept of their past. Immutable.
 *
 * @param historyWindow how long what only the past of a tag refers to is kept
 * @param aliases other hosts by which clients know the registry, {@code HOST} or {@code HOST:PORT}, in small letters
 * @param keys whose signatures on tags count; each name stands once
 * @param rules what is demanded of which tags; whose signatures they want is among the keys
 */
public record TagsConfig(Duration historyWindow, List<String> aliases, List<KeyFile> keys, TagRules rules) {

  public TagsConfig {
    aliases = List.copyOf(aliases);
    keys = List.copyOf(keys);
  }

  /**
   * A public key in a file, which is read when the registry starts, and again on a reload.
   *
   * @param name what rules call it by
   * @param file in PEM, or a JWK Set
   */
  public record KeyFile(String name, Path file) {}
}
