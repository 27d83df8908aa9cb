package io.berth.oci;

/** The bounds on what a stranger can make large. Each is checked before memory is taken for it. */
public final class Limits {

  /** Bytes of a manifest; the specification asks for at least 4 MB, and for 413 beyond the limit. */
  public static final int MANIFEST_BYTES = 4 << 20;

  /** Levels of nesting in any JSON document. */
  public static final int JSON_DEPTH = 100;

  /**
   * Names, values, and ends of them in any JSON document. A manifest of 4 MiB full of descriptors has a third of a million; one full of empty objects
   * would have three, and take fifty times its size in memory.
   */
  public static final int JSON_TOKENS = 500_000;

  /** Tags in one push of a manifest ({@code ?tag=}); the specification asks for at least 10. */
  public static final int TAGS_PER_PUSH = 100;

  /** Entries of one page of a list; a larger {@code n} means this many. */
  public static final int PAGE = 10_000;

  /** Entries of one page of referrers, unless more are asked for. */
  public static final int REFERRERS_PAGE = 1_000;

  /** Bytes of one page of referrers, since clients read it as a manifest. */
  public static final int REFERRERS_PAGE_BYTES = MANIFEST_BYTES;

  /** Bytes of the signed documents that one transaction gives to tags. */
  public static final int TAG_CHANGE_BYTES = 8 << 20;

  /** Bytes of a manifest or blob that goes along with a list. */
  public static final int INLINE_BYTES = 64 << 10;

  /** Blobs of one manifest that go along with a list. */
  public static final int INLINE_BLOBS = 64;

  /** Bytes of all of them. */
  public static final int INLINE_BLOBS_BYTES = 256 << 10;

  /** Values of one filter of a list of referrers. */
  public static final int FILTER_VALUES = 16;

  /** Bytes of one page of tag objects, about. */
  public static final int TAGS_PAGE_BYTES = 4 << 20;

  /** Bytes of all {@code Warning} headers of a reply (distribution specification, "Warnings"). */
  public static final int WARNING_BYTES = 4096;

  /** Bytes of a tag object as it is pushed, its signatures included. */
  public static final int TAG_OBJECT_BYTES = 64 << 10;

  /** Characters of a tag's description. */
  public static final int TAG_DESCRIPTION = 2_048;

  /** Bytes of a tag's {@code meta}, as JSON. */
  public static final int TAG_META_BYTES = 16 << 10;

  /** Levels of nesting in a tag's {@code meta}, itself included. */
  public static final int TAG_META_DEPTH = 16;

  /** Signatures of one tag object. */
  public static final int TAG_SIGNATURES = 16;

  /** Tags that one batch may change. */
  public static final int TAG_BATCH = 1_000;

  private Limits() {}
}
