package io.berth.oci;

import org.jspecify.annotations.Nullable;

/** The platform of an index entry (image specification, "Image Index"): what is needed to name and select it. */
public record Platform(String os, String architecture, @Nullable String variant) {

  /** {@code os/architecture} or {@code os/architecture/variant}, as clients write it on a command line. */
  @Override
  public String toString() {
    return variant == null ? os + "/" + architecture : os + "/" + architecture + "/" + variant;
  }
}
