package io.berth.registry;

import io.berth.oci.Digest;
import org.jspecify.annotations.Nullable;

/** Something on the way up from content to a tag, and what of it is still to be looked at, a page at a time. For one {@link Reach}. */
final class Foothold {

  static final int FIRST_PAGE = 16;

  private static final int PAGE = 1_000;

  final Digest digest;

  /** From where one came; {@code null} where one begins. */
  final @Nullable Foothold below;

  /** Whether what is below points at it; otherwise it needs what is below. */
  final boolean isSubject;

  @Nullable String tags;
  boolean holders;
  boolean subjects;
  String afterSubject = "";
  long afterHolder;
  int page = FIRST_PAGE;

  /** Everything of where one begins, or of what something is about. */
  Foothold(Digest digest, @Nullable Foothold below) {
    this(digest, below, true, "", true, true);
  }

  Foothold(Digest digest, @Nullable Foothold below, boolean isSubject, @Nullable String tags, boolean holders, boolean subjects) {
    this.digest = digest;
    this.below = below;
    this.isSubject = isSubject;
    this.tags = tags;
    this.holders = holders;
    this.subjects = subjects;
  }

  boolean isDone() {
    return tags == null && !holders && !subjects;
  }

  /** How much of it is looked at next, where so much may be looked at. */
  int page(int left) {
    int size = Math.clamp(left, 1, page);
    page = Math.min(PAGE, page * 4);
    return size;
  }
}
