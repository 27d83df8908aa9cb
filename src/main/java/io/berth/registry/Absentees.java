package io.berth.registry;

import io.berth.metadata.GraphReads.Target;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Text;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a caller asked for and a repository does not hold, to his eyes, though a manifest that he may read needs it. Whether it is there and not his to read
 * is not looked at, so that it can't be told. In bounded work: the manifest by which he may read it, if there is one, or else the first {@link #LISTINGS} that are his to
 * read among {@link #REFERENCES}, and a page of the one that is named.
 */
final class Absentees {

  /** Manifests that he may read. */
  private static final int LISTINGS = 16;
  /** What needs it that is looked at, where none is known that lets him have it. */
  private static final int REFERENCES = 100;

  private static final int PAGE = 1_000;
  private static final int PLATFORMS = 20;
  private static final int PLATFORM_LENGTH = 60;

  private static final Set<Edge.Kind> CHILD = Set.of(Edge.Kind.CHILD);
  private static final Set<Edge.Kind> NEEDED =
      Collections.unmodifiableSet(EnumSet.of(Edge.Kind.CONFIG, Edge.Kind.LAYER, Edge.Kind.CHILD));

  private Absentees() {}

  /**
   * A manifest that needs it.
   *
   * @param wanted what it says of it
   * @param reaches whether who may read the manifest may therefore read this
   * @param words what to tell the caller
   */
  record Listing(Digest manifest, Descriptor wanted, boolean reaches, String words) {}

  /** An index that lists a manifest. What the reach has found out on its way to the manifest is not looked for again. */
  static Optional<Listing> ofManifest(ReadTransaction tx, Reach reach, RepositoryName repository, Digest manifest) {
    return readable(tx, reach, repository, manifest, CHILD).map(index -> listing(tx, reach, repository, index, manifest));
  }

  /** A manifest that needs a blob. */
  static Optional<Listing> ofBlob(ReadTransaction tx, Reach reach, RepositoryName repository, Digest blob) {
    return readable(tx, reach, repository, blob, NEEDED)
        .flatMap(manifest -> tx.graph().targets(repository, manifest, NEEDED, "", PAGE).stream()
            .map(target -> target.edge().target()).filter(target -> target.digest().equals(blob)).findFirst()
            .map(wanted -> new Listing(manifest, wanted, reach.isWhole() || tx.graph().reaches(repository, manifest, blob),
                "manifest " + manifest + " needs this blob, and this registry does not hold it")));
  }

  /** One that lets its readers have it, rather than one that only names it. */
  private static Optional<Digest> readable(ReadTransaction tx, Reach reach, RepositoryName repository, Digest content,
      Set<Edge.Kind> kinds) {
    Optional<Digest> known = reach.needing(content).filter(manifest -> tx.graph().targets(repository, manifest, kinds, "", PAGE).stream()
        .anyMatch(target -> target.edge().target().digest().equals(content)));
    if (known.isPresent()) {
      return known;
    }
    List<Digest> some = Needing.readable(tx, reach, repository, content, kinds, reach.isWhole() ? 1 : LISTINGS, REFERENCES, _ -> true);
    return some.stream().filter(manifest -> reach.isWhole() || tx.graph().reaches(repository, manifest, content)).findFirst()
        .or(() -> some.stream().findFirst());
  }

  private static Listing listing(ReadTransaction tx, Reach reach, RepositoryName repository, Digest index, Digest manifest) {
    List<Target> entries = tx.graph().targets(repository, index, CHILD, "", PAGE);
    List<Descriptor> wanted =
        entries.stream().map(entry -> entry.edge().target()).filter(target -> target.digest().equals(manifest)).toList();
    String held = platforms(entries.stream().filter(entry -> entry.isManifest() || entry.isBlob()).map(entry -> entry.edge().target())
        .filter(target -> target.platform() != null && !target.digest().equals(manifest)).limit(PLATFORMS)
        .filter(target -> reach.shows(target.digest())).toList());
    String meant = platforms(wanted);
    return new Listing(index, wanted.isEmpty() ? new Descriptor(MediaType.OCI_MANIFEST, manifest, 0, null) : wanted.getFirst(),
        !wanted.isEmpty() && (reach.isWhole() || tx.graph().reaches(repository, index, manifest)),
        "index " + index + " lists this manifest" + (meant.isEmpty() ? "" : " for " + meant)
            + ", and this registry does not hold it; of that index it holds "
            + (held.isEmpty() ? "no platform" : held));
  }

  private static String platforms(List<Descriptor> descriptors) {
    return descriptors.stream().filter(target -> target.platform() != null)
        .map(target -> Text.visible(String.valueOf(target.platform()), PLATFORM_LENGTH)).distinct().limit(PLATFORMS)
        .collect(Collectors.joining(", "));
  }
}
