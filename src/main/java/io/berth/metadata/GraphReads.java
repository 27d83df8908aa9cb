package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Questions about what points at what, in both directions. The rules of {@link ReadTransaction} hold. */
public interface GraphReads {

  /** The references out of a manifest, without platforms, in order of their pointers and behind one of them; the empty pointer is before all. */
  List<Edge> edges(RepositoryName repository, Digest manifest, String after, int limit);

  /**
   * The references of one kind to a target, whether or not that exists, in the order in which the manifests were pushed.
   *
   * @param after the {@link Incoming#position} to begin behind; 0 begins at the start
   */
  List<Incoming> incoming(RepositoryName repository, Digest target, Edge.Kind kind, long after, int limit);

  /** What a manifest says of itself. */
  Optional<Described> described(RepositoryName repository, Digest manifest);

  /** Some of the tags that point there, the first ones in order. */
  List<Tag> someTags(RepositoryName repository, Digest target, int limit);

  /**
   * A reference to something.
   *
   * @param position of the manifest that has it; a manifest may have several
   */
  record Incoming(long position, Digest manifest, String pointer) {}

  /** What lists tell of a manifest. */
  record Described(MediaType mediaType, @Nullable MediaType artifactType, long size) {}
}
