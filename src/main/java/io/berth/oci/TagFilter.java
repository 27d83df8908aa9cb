package io.berth.oci;

import org.jspecify.annotations.Nullable;

/**
 * Which tags a list is about.
 *
 * @param prefix with what their names begin; empty for all
 * @param target where they point; {@code null} for anywhere
 */
public record TagFilter(String prefix, @Nullable Digest target) {

  /** All of them. */
  public static final TagFilter ALL = new TagFilter("", null);
}
