package io.berth.registry;

import io.berth.metadata.GraphReads;
import io.berth.metadata.GraphReads.Content;
import io.berth.metadata.GraphReads.Incoming;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.oci.Referrer.Place;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest points at and what points at it, within one repository and as of one moment. The walk goes level by level, meets each thing once,
 * and is bounded in depth, things, references and memory; what does not fit is left out, and that is said. Safe for any thread.
 */
public final class Graphs {

  /** Levels that one may ask for. */
  public static final int MAX_DEPTH = 100;

  /** Things in an answer, and references in it. */
  static final int NODES = 10_000;
  static final int EDGES = 25_000;

  /** What an answer takes at most, about. */
  public static final int BYTES = 12 << 20;

  private static final int NODE_BYTES = 300;
  private static final int EDGE_BYTES = 250;

  /** Of one thing. */
  private static final int TAGS = 20;

  private static final int PAGE = 250;

  private static final Set<Edge.Kind> KINDS = Collections.unmodifiableSet(EnumSet.allOf(Edge.Kind.class));

  private final MetadataStore metadata;

  public Graphs(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /** Where to walk. In both directions means up from the start and down from the start, not down again from what is above. */
  public enum Direction {
    UP, DOWN, BOTH
  }

  /**
   * A manifest or blob.
   *
   * @param mediaType of a blob that nothing points at, {@code null}
   * @param size as stored or, of what is not there, as stated by what points at it; -1 if nothing does
   * @param present whether the repository holds it
   * @param tags the first of those that point at it
   */
  public record Node(Digest digest, @Nullable MediaType mediaType, @Nullable MediaType artifactType, long size, boolean present,
      List<Tag> tags) {}

  /**
   * A reference from one to another.
   *
   * @param platform for which it is an entry of an index; {@code null} if that does not say, or says it at length
   */
  public record Link(Digest from, Digest to, Edge.Kind kind, String pointer, @Nullable Platform platform) {}

  /** What was found, the start first; {@code truncated} if a limit other than the depth left out more. */
  public record Graph(Digest root, List<Node> nodes, List<Link> links, boolean truncated) {}

  /**
   * The surroundings of a manifest. A digest that is not there may be pointed at nevertheless. What the caller can't read is not there, but what he
   * reads may point at it.
   *
   * @throws RegistryException {@code MANIFEST_UNKNOWN} if there is no such tag
   */
  public Graph around(Caller caller, RepositoryName repository, TagOrDigest name, Direction direction, int depth) {
    return metadata.read(tx -> {
      var reach = Reach.of(tx, caller, repository);
      Digest root = switch (name) {
        case Digest digest -> digest;
        case Tag tag -> tx.tag(repository, tag).filter(_ -> reach.shows(tag)).map(TagState::target)
            .orElseThrow(() -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there is no such tag", tag.value()));
      };
      var walk = new Walk(tx, reach, repository, root);
      if (direction != Direction.UP) {
        walk.go(depth, walk::down);
      }
      if (direction != Direction.DOWN) {
        walk.go(depth, walk::up);
      }
      return walk.graph();
    });
  }

  private interface Step {
    void from(Digest digest);
  }

  private static final class Walk {

    private final ReadTransaction tx;
    private final Reach reach;
    private final RepositoryName repository;
    private final Digest root;
    private final Map<Digest, Node> nodes = new LinkedHashMap<>();
    private final Set<Link> links = new LinkedHashSet<>();
    private final Deque<Digest> next = new ArrayDeque<>();
    private Set<Digest> met = Set.of();
    private long bytes;
    private boolean truncated;

    Walk(ReadTransaction tx, Reach reach, RepositoryName repository, Digest root) {
      this.tx = tx;
      this.reach = reach;
      this.repository = repository;
      this.root = root;
      put(node(root, null, -1));
    }

    void go(int depth, Step step) {
      met = new HashSet<>(Set.of(root));
      next.clear();
      next.add(root);
      for (int level = 0; level < depth && !next.isEmpty(); level++) {
        for (int left = next.size(); left > 0 && !truncated; left--) {
          step.from(next.remove());
        }
      }
    }

    void down(Digest from) {
      if (!reach.shows(from)) {
        return;
      }
      List<Edge> page = tx.graph().edges(repository, from, "", PAGE);
      while (!page.isEmpty()) {
        for (Edge edge : page) {
          Digest target = edge.target().digest();
          var link = new Link(from, target, edge.kind(), edge.pointer(), platform(edge));
          if (!add(target, edge.target().mediaType(), edge.target().size(), link)) {
            return;
          }
        }
        page = page.size() < PAGE ? List.of() : tx.graph().edges(repository, from, page.getLast().pointer(), PAGE);
      }
    }

    /** As the way up tells it, so that a reference is the same whichever way it is met. */
    private static @Nullable Platform platform(Edge edge) {
      Platform stated = edge.kind() == Edge.Kind.CHILD ? edge.target().platform() : null;
      String text = String.valueOf(stated);
      return text.codePointCount(0, text.length()) <= GraphReads.PLATFORM_LENGTH ? stated : null;
    }

    void up(Digest to) {
      List<Incoming> page = tx.graph().incoming(repository, to, KINDS, Place.START, PAGE);
      while (!page.isEmpty()) {
        for (Incoming found : page) {
          if (reach.shows(found.manifest())
              && !add(found.manifest(), null, -1,
                  new Link(found.manifest(), to, found.kind(), found.place().pointer(), found.platform()))) {
            return;
          }
        }
        page = page.size() < PAGE ? List.of() : tx.graph().incoming(repository, to, KINDS, page.getLast().place(), PAGE);
      }
    }

    /** Says whether there was room. Once there is none the walk ends. */
    private boolean add(Digest other, @Nullable MediaType stated, long size, Link link) {
      if (links.contains(link)) {
        return true;
      }
      if (links.size() == EDGES || bytes > BYTES || !nodes.containsKey(other) && nodes.size() == NODES) {
        truncated = true;
        return false;
      }
      links.add(link);
      bytes += EDGE_BYTES + 3L * (link.pointer.length() + (link.platform == null ? 0 : link.platform.toString().length()));
      if (!nodes.containsKey(other)) {
        put(node(other, stated, size));
      }
      if (met.add(other)) {
        next.add(other);
      }
      return true;
    }

    private void put(Node node) {
      nodes.put(node.digest, node);
      bytes += NODE_BYTES + node.tags.stream().mapToLong(tag -> tag.value().length() + 3L).sum();
    }

    private Node node(Digest digest, @Nullable MediaType stated, long size) {
      Content held = reach.shows(digest) ? tx.graph().content(repository, digest, reach.isWhole() ? TAGS : PAGE).orElse(null) : null;
      if (held == null) {
        return new Node(digest, stated, null, size, false, List.of());
      }
      List<Tag> tags = held.tags().stream().filter(reach::shows).limit(TAGS).toList();
      return new Node(digest, held.mediaType() == null ? stated : held.mediaType(), held.artifactType(), held.size(), true, tags);
    }

    Graph graph() {
      return new Graph(root, List.copyOf(nodes.values()), List.copyOf(links), truncated || reach.isSpent());
    }
  }
}
