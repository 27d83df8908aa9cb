package io.berth.oci;

/**
 * What follows {@code manifests/} in a path: {@code <tag-or-digest>} of the specification. The two can't be confused, since a digest has a
 * colon and a tag never does.
 */
public sealed interface TagOrDigest permits Tag, Digest {

  /**
   * Parses either.
   *
   * @throws RegistryException {@code DIGEST_INVALID} or {@code MANIFEST_INVALID}
   */
  static TagOrDigest parse(String text) {
    return text.indexOf(':') >= 0 ? Digest.parse(text) : Tag.parse(text);
  }

  /** The text as it stands in a path. */
  @Override
  String toString();
}
