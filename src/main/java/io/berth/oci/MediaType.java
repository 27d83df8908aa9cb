package io.berth.oci;

import java.util.Set;

/**
 * A media type without parameters, {@code type/subtype} as RFC 6838 section 4.2 and the image specification's schema write it. Compared as
 * written.
 */
public record MediaType(String value) {

  public static final MediaType OCI_MANIFEST = new MediaType("application/vnd.oci.image.manifest.v1+json");
  public static final MediaType OCI_INDEX = new MediaType("application/vnd.oci.image.index.v1+json");
  public static final MediaType OCI_EMPTY = new MediaType("application/vnd.oci.empty.v1+json");

  /** What is not known more closely (RFC 2046, section 4.5.1). */
  public static final MediaType OCTET_STREAM = new MediaType("application/octet-stream");

  public static final MediaType DOCKER_MANIFEST = new MediaType("application/vnd.docker.distribution.manifest.v2+json");
  public static final MediaType DOCKER_LIST = new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");

  /** A tag as an object, unsigned ({@link TagObject}). */
  public static final MediaType TAG = new MediaType("application/vnd.docker.distribution.tag.v1+json");

  /** A tag object as the payload of signatures (RFC 7515, section 7.2). */
  public static final MediaType TAG_JWS = new MediaType("application/vnd.docker.distribution.tag.v1+jws");

  /** A tag object with its signatures in a member of its own. */
  public static final MediaType TAG_PRETTYJWS = new MediaType("application/vnd.docker.distribution.tag.v1+prettyjws");

  /** A list of tag objects. */
  public static final MediaType TAGS = new MediaType("application/vnd.docker.distribution.tags.v1+json");

  /** A list of tags as the payload of the registry's signature. */
  public static final MediaType TAGS_JWS = new MediaType("application/vnd.docker.distribution.tags.v1+jws");

  /** Events as they happen (WHATWG HTML, "Server-sent events"). */
  public static final MediaType EVENT_STREAM = new MediaType("text/event-stream");

  private static final Set<String> SCHEMA_1 =
      Set.of("application/vnd.docker.distribution.manifest.v1+json", "application/vnd.docker.distribution.manifest.v1+prettyjws");
  private static final int PART = 127;

  public MediaType {
    if (!isValid(value)) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "not a media type", Text.quoted(value));
    }
  }

  /**
   * Parses the value of a {@code Content-Type} header; parameters are dropped, as the specification asks of registries.
   *
   * @throws RegistryException {@code MANIFEST_INVALID}
   */
  public static MediaType parse(String text) {
    return new MediaType(withoutParameters(text));
  }

  /** What stands before the parameters, valid or not. */
  static String withoutParameters(String text) {
    int semicolon = text.indexOf(';');
    return (semicolon < 0 ? text : text.substring(0, semicolon)).strip();
  }

  /** Whether the text is a media type without parameters. */
  public static boolean isValid(String text) {
    int slash = text.indexOf('/');
    return slash > 0 && isName(text, 0, slash) && isName(text, slash + 1, text.length());
  }

  private static boolean isName(String text, int from, int to) {
    if (to == from || to - from > PART || !isWord(text.charAt(from))) {
      return false;
    }
    for (int i = from + 1; i < to; i++) {
      char c = text.charAt(i);
      if (!isWord(c) && "!#$&^_.+-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWord(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  /** An OCI image manifest or a Docker schema 2 manifest. */
  public boolean isImageManifest() {
    return equals(OCI_MANIFEST) || equals(DOCKER_MANIFEST);
  }

  /** An OCI image index or a Docker manifest list. */
  public boolean isIndex() {
    return equals(OCI_INDEX) || equals(DOCKER_LIST);
  }

  /** A Docker schema 1 manifest, which nobody should use any more. */
  public boolean isSchema1() {
    return SCHEMA_1.contains(value);
  }

  /** A type whose content is JSON and that no browser would run: {@code application/json} or {@code application/…+json}. */
  public boolean isJson() {
    return value.equals("application/json") || value.startsWith("application/") && value.endsWith("+json");
  }

  /** A layer that may be missing here because its licence forbids to distribute it (image specification, "Non-Distributable Layers"). */
  public boolean isNonDistributable() {
    return value.startsWith("application/vnd.oci.image.layer.nondistributable.v1.")
        || value.startsWith("application/vnd.docker.image.rootfs.foreign.");
  }

  @Override
  public String toString() {
    return value;
  }
}
