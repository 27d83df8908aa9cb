package io.berth.registry;

import io.berth.metadata.GraphReads.Target;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.PresenceReads.Change;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a manifest a repository holds, as of one moment: asked of the references and of what is there, so that it is true whatever came or went by
 * whichever way. A manifest is whole if the repository holds what it needs, and that is whole. What the caller can't read is not there. Safe for any thread.
 */
public final class Completeness {

  /** Manifests that one answer is about: the one that was asked for, and what it needs at any depth. */
  static final int MANIFESTS = 1_000;

  /** Things that one answer names. */
  static final int NAMED = 1_000;

  /** What an answer takes at most, about: that many times a manifest. */
  public static final int MANIFESTS_IN_MEMORY = 3;

  /** Manifests that are told with each change. */
  private static final int HOLDERS = 10;
  private static final int TAGS = 20;

  /** Of a summary: its tags, those among which they are looked for where the caller may pull some only, manifests, and steps to find out which he may read. */
  static final int NEWEST = 10;
  static final int LOOKED_AT = 200;
  static final int SUMMED = 200;
  private static final int LOOKS = 2_000;

  private static final Set<Edge.Kind> NEEDED =
      Collections.unmodifiableSet(EnumSet.of(Edge.Kind.CONFIG, Edge.Kind.LAYER, Edge.Kind.CHILD));

  private final MetadataStore metadata;

  public Completeness(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /**
   * Something that is missing.
   *
   * @param in the manifest that needs it
   * @param edge what that says of it, and where
   */
  public record Absence(Digest in, Edge edge) {}

  /**
   * What there is of a manifest.
   *
   * @param whole whether nothing is missing, as far as that is known
   * @param truncated whether there was too much to look at, or to tell
   * @param present the platforms of an index that are whole
   * @param absent its other platforms
   */
  public record Report(Digest digest, MediaType mediaType, boolean whole, boolean truncated, List<String> present, List<String> absent,
      List<Absence> absences) {}

  /**
   * Tells what there is of a manifest.
   *
   * @throws RegistryException {@code MANIFEST_UNKNOWN}
   */
  public Report of(Caller caller, RepositoryName repository, TagOrDigest name) {
    return metadata.read(tx -> {
      var reach = Reach.of(tx, caller, repository);
      Digest root = (switch (name) {
        case Tag tag -> tx.tag(repository, tag).filter(_ -> reach.shows(tag)).map(TagState::target);
        case Digest digest -> Optional.of(digest).filter(reach::shows);
      }).orElseThrow(() -> unknown(name));
      Descriptor descriptor = tx.descriptor(repository, root).orElseThrow(() -> unknown(name));
      return new Wholeness(tx, reach, repository, MANIFESTS).report(descriptor);
    });
  }

  private static RegistryException unknown(TagOrDigest name) {
    return new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "this repository has no such manifest", name.toString());
  }

  /** A manifest that is not whole, and the tags that point at it, of those that were looked at. */
  public record Partial(Descriptor manifest, List<Tag> tags) {}

  /**
   * What there is of what the newest tags of a repository point at.
   *
   * @param whole whether that is all there are, and nothing is missing
   * @param truncated whether there are more, or too much to look at
   */
  public record Summary(boolean whole, boolean truncated, List<Partial> partial) {}

  /** Looks at the newest tags that the caller may pull, of a repository of which there are some. */
  public Summary summary(Caller caller, RepositoryName repository) {
    return metadata.read(tx -> {
      var reach = Reach.of(tx, caller, repository, LOOKS);
      int limit = reach.isWhole() ? NEWEST + 1 : LOOKED_AT;
      List<TagEvent> newest = tx.tagsByAge(repository, true, null, limit);
      List<TagEvent> own = newest.stream().filter(event -> reach.shows(event.tag())).toList();
      Map<Descriptor, List<Tag>> targets = new LinkedHashMap<>();
      own.stream().limit(NEWEST).forEach(event -> targets.computeIfAbsent(event.target(), _ -> new ArrayList<>()).add(event.tag()));
      boolean truncated = own.size() > NEWEST || newest.size() == limit;
      var wholeness = new Wholeness(tx, reach, repository, SUMMED);
      var partial = new ArrayList<Partial>();
      for (Map.Entry<Descriptor, List<Tag>> target : targets.entrySet()) {
        Boolean whole = wholeness.isWhole(target.getKey().digest());
        if (whole == null || reach.isSpent()) {
          truncated = true;
        } else if (!whole) {
          partial.add(new Partial(target.getKey(), List.copyOf(target.getValue())));
        }
      }
      return new Summary(partial.isEmpty() && !truncated, truncated, List.copyOf(partial));
    });
  }

  /** A manifest that needs what came or went; {@code whole} is {@code null} where that took too long to find out. */
  public record Holder(Digest digest, @Nullable Boolean whole, List<Tag> tags) {}

  /** Something came or went, and some of what needs it, as that is now. */
  public record News(long sequence, Instant at, Digest content, boolean present, List<Holder> holders) {}

  /**
   * A page of news.
   *
   * @param last where to go on
   * @param more whether there is more already
   */
  public record Page(List<News> news, long last, boolean more) {}

  /** Something came or went; who needs it is to be asked. */
  public record Came(Change change) implements Feed.Step {

    @Override
    public long sequence() {
      return change.sequence();
    }

    @Override
    public int size() {
      return 1;
    }
  }

  /** What came or went behind a sequence, whoever may know. */
  List<Came> came(RepositoryName repository, long after, int limit) {
    return metadata.read(tx -> tx.presence().changes(repository, after, limit).stream().map(Came::new).toList());
  }

  /** What that is to a caller, as of now; nothing if he may read no manifest that needs it. Whether he may know of the repository has been decided. */
  public Optional<News> news(Caller caller, RepositoryName repository, Came came) {
    return metadata.read(tx -> new Telling(tx, caller, repository).news(came.change));
  }

  /** What came or went behind a sequence of manifests that were there before and need it, as far as the caller may read these, and that because of them. */
  public Page behind(Caller caller, RepositoryName repository, long after, int limit) {
    return metadata.read(tx -> {
      if (!tx.repositoryExists(repository) || !caller.access(repository).may(Action.PULL)) {
        throw new RegistryException(ErrorCode.NAME_UNKNOWN, "there is no such repository", repository.value());
      }
      List<Change> changes = tx.presence().changes(repository, after, limit + 1);
      var telling = new Telling(tx, caller, repository);
      var news = new ArrayList<News>();
      long last = after;
      for (Change change : changes.subList(0, Math.min(limit, changes.size()))) {
        Optional<News> one = telling.news(change);
        if (telling.isSpent() && last != after) {
          return new Page(news, last, true); // the next page has looks of its own
        }
        one.ifPresent(news::add);
        last = change.sequence();
      }
      return new Page(news, last, changes.size() > limit);
    });
  }

  /** Finds out who needs what came or went; each of them once, and 1,000 manifests for all. For one transaction. */
  private static final class Telling {

    private final ReadTransaction tx;
    private final RepositoryName repository;
    private final Reach reach;
    private final Wholeness wholeness;
    private final Map<Digest, Holder> holders = new HashMap<>();

    Telling(ReadTransaction tx, Caller caller, RepositoryName repository) {
      this.tx = tx;
      this.repository = repository;
      this.reach = Reach.of(tx, caller, repository);
      this.wholeness = new Wholeness(tx, reach, repository, MANIFESTS);
    }

    Optional<News> news(Change change) {
      List<Holder> needing =
          Needing.readable(tx, reach, repository, change.content(), NEEDED, HOLDERS, Needing.REFERENCES,
              manifest -> reach.isWhole() || tx.graph().reaches(repository, manifest, change.content())).stream()
              .map(manifest -> holders.computeIfAbsent(manifest, this::holder))
              .toList();
      return needing.isEmpty()
          ? Optional.empty()
          : Optional.of(new News(change.sequence(), change.at(), change.content(), change.present(), needing));
    }

    /** Whether no more can be looked at, so that what was asked last may have an answer that is not whole. */
    boolean isSpent() {
      return reach.isSpent();
    }

    private Holder holder(Digest manifest) {
      Boolean whole = wholeness.isWhole(manifest);
      return new Holder(manifest, reach.isSpent() ? null : whole, tags(manifest));
    }

    private List<Tag> tags(Digest manifest) {
      return tx.graph().someTags(repository, manifest, "", TAGS).stream().filter(reach::shows).toList();
    }
  }

  /** Content of a page of edges that the caller may read. */
  static boolean isThere(Reach reach, Target target) {
    return (target.isManifest() || target.isBlob()) && reach.shows(target.edge().target().digest());
  }
}
