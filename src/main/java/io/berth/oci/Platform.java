package io.berth.oci;

import org.jspecify.annotations.Nullable;

/** The platform of an index entry (image specification, "Image Index"): what is needed to name and select it. */
public record Platform(String os, String architecture, @Nullable String variant) {

  /** What {@link #toString} has made of one whose operating system and architecture have no slash in them. */
  public static Platform ofText(String text) {
    String[] parts = text.split("/", 3);
    return new Platform(parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : null);
  }

  /** {@code os/architecture} or {@code os/architecture/variant}, as clients write it on a command line. */
  @Override
  public String toString() {
    return variant == null ? os + "/" + architecture : os + "/" + architecture + "/" + variant;
  }
}
