package io.berth.oci;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A tag as an object, {@code application/vnd.docker.distribution.tag.v1+json}: the statement that a name points at a digest. An instance that was
 * parsed is within the limits and says nothing but what these fields hold, since whoever signs or obeys such a statement must understand all
 * of it.
 *
 * @param name {@code host/repository:tag}, as one types it; whether it is that of the tag it is pushed as is for others to decide
 * @param description short text of one line
 * @param meta a JSON object, exactly as it was written
 */
public record TagObject(@Nullable String name, @Nullable String description, @Nullable String meta, Target target) {

  /**
   * What a tag points at. The digest is enough for a registry that has the content; whoever signs states the rest too.
   *
   * @param size bytes of the content, 0 or more
   */
  public record Target(@Nullable MediaType mediaType, @Nullable Long size, Digest digest) {}

  /**
   * Parses a tag object.
   *
   * @throws RegistryException {@code MANIFEST_INVALID} for whatever is not one, unknown fields included
   */
  public static TagObject parse(byte[] bytes) {
    return TagObjectParser.parse(bytes);
  }

  /** The object of a tag. */
  public static TagObject of(String name, TagContent content) {
    Descriptor target = content.target();
    return new TagObject(name, content.description(), content.meta(), new Target(target.mediaType(), target.size(), target.digest()));
  }

  /** Whether it states all that a reader needs to check it: the name, and media type and size of the target. */
  public boolean isComplete() {
    return name != null && target.mediaType() != null && target.size() != null;
  }

  /** The object as JSON: the same bytes for equal objects, without white space (but for that in {@code meta}), absent fields left out. */
  public byte[] render() {
    var json = new StringBuilder("{");
    add(json, "name", quoted(name));
    add(json, "description", quoted(description));
    add(json, "meta", meta);
    add(json, "target", renderTarget());
    return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  private String renderTarget() {
    var json = new StringBuilder("{");
    add(json, "mediatype", target.mediaType() == null ? null : quoted(target.mediaType().value()));
    add(json, "size", target.size() == null ? null : target.size().toString());
    add(json, "digest", quoted(target.digest().toString()));
    return json.append('}').toString();
  }

  private static @Nullable String quoted(@Nullable String text) {
    return text == null ? null : Json.write(text);
  }

  private static void add(StringBuilder json, String name, @Nullable String value) {
    if (value != null) {
      json.append(json.length() == 1 ? "" : ",").append('"').append(name).append("\":").append(value);
    }
  }
}
