package io.berth.cli.tag;

import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When a tag may be changed only. */
final class Conditions {

  @Option(names = "--if-version", paramLabel = "N",
      description = "Only if the tag still has this version ('show' tells it).") private @Nullable Long version;

  OptionalLong version() {
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }

  /** As header fields. */
  Map<String, String> fields(boolean createOnly) {
    return createOnly ? Map.of("If-None-Match", "*") : version == null ? Map.of() : Map.of("If-Match", etag(version));
  }

  /** The entity tag of a version. */
  static String etag(long version) {
    return "\"" + version + ".json\"";
  }
}
