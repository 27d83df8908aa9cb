package io.berth.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a client says that a request is about: {@code OCI-Ref} and {@code OCI-Named-Ref} with full references, {@code Docker-Manifest-Tag} with a
 * tag of the repository that is asked. Several values may stand in one field, with commas between them. A hint and never an authority: nobody
 * has verified any of it, and what can't be read is left out. Immutable.
 *
 * @param refs those that could be read, in order
 * @param flawed whether something was left out
 */
public record ImageRefs(List<Ref> refs, boolean flawed) {

  /** Values that are looked at. */
  public static final int MOST = 16;

  /** Characters of one value: of a host, a name, a tag and a digest. */
  public static final int LONGEST = 800;

  /** Nothing is said. */
  public static final ImageRefs NONE = new ImageRefs(List.of(), false);

  private static final int TEXT = 512;

  public ImageRefs {
    refs = List.copyOf(refs);
  }

  /**
   * One reference.
   *
   * @param host as written; {@code null} where none was
   * @param here whether it is about this registry
   * @param repository {@code null}: the one that is asked
   */
  public record Ref(@Nullable String host, boolean here, @Nullable RepositoryName repository, @Nullable Tag tag, @Nullable Digest digest) {

    @Override
    public String toString() {
      return repository == null || host == null ? (repository == null ? "" : repository) + (tag == null ? "" : ":" + tag)
          + (digest == null ? "" : "@" + digest) : new Reference(host, repository, tag, digest).toString();
    }

    private boolean isOf(RepositoryName asked) {
      return here && (repository == null || repository.equals(asked));
    }
  }

  /**
   * Reads the fields of a request. Never throws.
   *
   * @param references the values of {@code OCI-Ref} and {@code OCI-Named-Ref}
   * @param tags those of {@code Docker-Manifest-Tag}
   * @param ours whether a host, perhaps with a port, is this registry
   */
  public static ImageRefs parse(List<String> references, List<String> tags, Predicate<String> ours) {
    var refs = new ArrayList<Ref>();
    boolean flawed = false;
    int looked = 0;
    for (int i = 0; i < references.size() + tags.size(); i++) {
      boolean isTag = i >= references.size();
      String field = isTag ? tags.get(i - references.size()) : references.get(i);
      for (int from = 0; from <= field.length();) {
        int comma = field.indexOf(',', from);
        int end = comma < 0 ? field.length() : comma;
        if (++looked > MOST) {
          return new ImageRefs(refs, true);
        }
        Ref ref = end - from > LONGEST ? null : isTag ? tag(field.substring(from, end).strip())
            : reference(field.substring(from, end).strip(), ours);
        flawed |= ref == null;
        if (ref != null) {
          refs.add(ref);
        }
        from = end + 1;
      }
    }
    return new ImageRefs(refs, flawed);
  }

  private static @Nullable Ref tag(String text) {
    return Tag.isValid(text) ? new Ref(null, true, null, new Tag(text), null) : null;
  }

  /** Without tag and digest it says nothing of an image. */
  private static @Nullable Ref reference(String text, Predicate<String> ours) {
    return Reference.find(text).filter(found -> found.host() != null && (found.tag() != null || found.digest() != null))
        .map(found -> new Ref(found.host(), found.host() != null && ours.test(found.host()), found.repository(), found.tag(),
            found.digest()))
        .orElse(null);
  }

  /** The tags of the repository that are named, each once. */
  public List<Tag> tags(RepositoryName repository) {
    var tags = new ArrayList<Tag>();
    for (Ref ref : refs) {
      if (ref.tag != null && ref.isOf(repository) && !tags.contains(ref.tag)) {
        tags.add(ref.tag);
      }
    }
    return tags;
  }

  /** The digests of the repository that are named, each once. */
  public List<Digest> digests(RepositoryName repository) {
    var digests = new ArrayList<Digest>();
    for (Ref ref : refs) {
      if (ref.digest != null && ref.isOf(repository) && !digests.contains(ref.digest)) {
        digests.add(ref.digest);
      }
    }
    return digests;
  }

  /** All of them as text, visible ASCII, bounded in length; {@code null} if there are none. */
  public @Nullable String text() {
    return refs.isEmpty() ? null : Text.visible(refs.stream().map(Ref::toString).collect(Collectors.joining(", ")), TEXT);
  }
}
