package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Access;
import io.berth.policy.Action;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.TagTerms;
import io.berth.registry.Absentees.Listing;
import io.berth.registry.Tags.Change;
import io.berth.registry.Tags.Operation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Manifests: pull, push and delete (distribution specification, end-3, end-7 and end-9). Safe for any thread. */
public final class Manifests {

  private final MetadataStore metadata;
  private final Tags tags;
  private final TagNews news;
  private final ManifestCache cache;
  private final TagTerms terms;
  private final ImageLabels labels;
  private final Leases leases;
  private final Departures departures;
  private final SparseRules sparse;
  private final Fetches fetches;
  private final InstantSource clock;

  public Manifests(MetadataStore metadata, Tags tags, TagNews news, ManifestCache cache, TagTerms terms, ImageLabels labels,
      Leases leases, Departures departures, SparseRules sparse, Fetches fetches, InstantSource clock) {
    this.metadata = metadata;
    this.tags = tags;
    this.news = news;
    this.cache = cache;
    this.terms = terms;
    this.labels = labels;
    this.leases = leases;
    this.departures = departures;
    this.sparse = sparse;
    this.fetches = fetches;
    this.clock = clock;
  }

  /**
   * What a push has done.
   *
   * @param digest under which the manifest is stored
   * @param manifest what it says of itself
   * @param absent what it needs and the repository does not hold, as the rules allow
   */
  public record Pushed(Digest digest, Manifest manifest, List<Edge> absent) {}

  private record Put(List<Tag> changed, List<Edge> absent) {}

  /**
   * A manifest as it was pushed. What an index lists that the caller may read, and the repository lacks, is fetched from where it may be had.
   *
   * @throws RegistryException {@code MANIFEST_UNKNOWN}
   */
  public StoredManifest get(Caller caller, RepositoryName repository, TagOrDigest name) {
    Access access = caller.access(repository);
    return switch (name) {
      case Tag tag when access.may(Action.PULL, tag) -> {
        if (!access.mayEverywhere(Action.PULL)) {
          leases.recent().add(caller, repository, tag);
        }
        StoredManifest found = find(repository, tag);
        if (found == null) {
          throw unknown(repository, tag);
        }
        yield found;
      }
      case Tag _ -> throw unknown(name);
      case Digest digest -> {
        Look look = access.mayEverywhere(Action.PULL) ? null : look(caller, repository, digest);
        StoredManifest found = look == null || look.shown ? find(repository, digest) : null;
        yield found != null ? found : fetched(caller, repository, digest, look == null ? look(caller, repository, digest) : look);
      }
    };
  }

  private @Nullable StoredManifest find(RepositoryName repository, TagOrDigest name) {
    return cache.get(repository, name, () -> metadata.read(tx -> (switch (name) {
      case Tag tag -> tx.manifest(repository, tag);
      case Digest digest -> tx.manifest(repository, digest);
    }).orElse(null)));
  }

  /** Whether the caller may read what has the digest, and what lists it. */
  private record Look(boolean shown, Optional<Listing> listing) {}

  private Look look(Caller caller, RepositoryName repository, Digest digest) {
    return metadata.read(tx -> {
      var reach = Reach.of(tx, caller, repository, leases.recent());
      boolean shown = reach.shows(digest);
      return new Look(shown,
          shown && tx.manifestSize(repository, digest).isPresent() ? Optional.empty()
              : Absentees.ofManifest(tx, reach, repository, digest));
    });
  }

  /** What is not there, and what is there and not his to read, come this way alike. */
  private StoredManifest fetched(Caller caller, RepositoryName repository, Digest digest, Look look) {
    Optional<Listing> listing = look.listing;
    if (listing.filter(Listing::reaches).isPresent() && fetches.serves(repository)) {
      Descriptor wanted = listing.get().wanted();
      boolean stored = fetches.manifest(repository, wanted, bytes -> {
        put(Fetches.SELF, repository, digest, List.of(), wanted.mediaType(), Precondition.NONE, bytes, SparseTerms.NOTHING);
        return true;
      });
      StoredManifest found = stored && look(caller, repository, digest).shown ? find(repository, digest) : null;
      if (found != null) {
        return found;
      }
    }
    throw listing.map(Listing::words).map(words -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, words, digest.toString()))
        .orElseGet(() -> unknown(digest));
  }

  /** A tag may point at a blob. */
  private RegistryException unknown(RepositoryName repository, Tag name) {
    Optional<TagState> tag = metadata.read(tx -> tx.tag(repository, name));
    return tag.isEmpty()
        ? unknown(name)
        : new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "this tag does not point at a manifest, but at a blob: pull /blobs/"
            + tag.get().target(), name.value());
  }

  /**
   * The manifest if it is at hand without blocking, and is for a caller who may pull everything; else {@code null}, which says nothing about whether it
   * exists.
   */
  public @Nullable StoredManifest cached(Access access, RepositoryName repository, TagOrDigest name) {
    return access.mayEverywhere(Action.PULL) ? cache.peek(repository, name) : null;
  }

  /**
   * Stores a manifest and points tags at it, all at once or not at all.
   *
   * @param name the tag or digest of the path
   * @param more further tags, which go with a push by digest only
   * @param contentType as the client stated it, or {@code null}
   * @param precondition what must hold of the name in the path
   * @throws RegistryException 412 if the precondition fails; {@code DENIED} (409 or 403) by a rule about a tag; {@code MANIFEST_INVALID}; {@code DIGEST_INVALID} if the bytes are not what the path names;
   *     {@code MANIFEST_BLOB_UNKNOWN}, one for each thing that is missing and must not be
   */
  public Pushed put(Caller caller, RepositoryName repository, TagOrDigest name, List<Tag> more, @Nullable MediaType contentType,
      Precondition precondition, byte[] bytes) {
    return put(caller, repository, name, more, contentType, precondition, bytes, sparse.in(repository));
  }

  private Pushed put(Caller caller, RepositoryName repository, TagOrDigest name, List<Tag> more, @Nullable MediaType contentType,
      Precondition precondition, byte[] bytes, SparseTerms sparseTerms) {
    Manifest manifest = Manifest.parse(contentType, bytes);
    Digest digest = digest(name, bytes);
    Set<Tag> all = new LinkedHashSet<>(more);
    if (name instanceof Tag tag) {
      all.add(tag);
    }
    all.forEach(tag -> Tags.requireMayTry(caller, repository, tag, false));
    var stored = new StoredManifest(digest, manifest.mediaType(), bytes);
    Preparation.Source source = Preparation.of(manifest, found -> labels.expiry(repository, found));
    Set<TagOrDigest> names = new LinkedHashSet<>(all);
    names.add(digest);
    Ways ways = Ways.find(metadata, caller, repository, _ -> Requirements.named(digest, manifest));
    Put put = cache.whileChanging(repository, names, () -> Preparation.run(source, preparation -> metadata.write(tx -> {
      var reach = Reach.again(tx, caller, repository, ways);
      require(tx, reach, repository, name, precondition);
      List<Edge> absent = Requirements.require(tx, reach, repository, sparseTerms, digest, manifest);
      Set<Tag> pointing = new LinkedHashSet<>(all);
      if (becomesAnother(tx, repository, stored)) {
        requireOfAllTags(caller, repository, digest);
        ImmutableTags.requireNone(tx, reach, terms.rules(), repository, digest);
        pointing.addAll(tx.tagsOf(repository, digest));
      }
      tx.putManifest(repository, stored, manifest, withheld(reach, manifest), clock.instant(), leases.until());
      leases.own(tx, caller, repository, digest);
      var target = new Descriptor(stored.mediaType(), digest, bytes.length, null);
      move(tx, reach, caller, repository, all, pointing.stream().map(tag -> Change.pushed(tag, target)).toList(), preparation);
      return new Put(List.copyOf(pointing), absent);
    })));
    if (!put.changed.isEmpty()) {
      news.tell(repository, put.changed);
    }
    return new Pushed(digest, manifest, put.absent);
  }

  /** Whether tags that point at the digest would point at something else: it had another media type, or was a blob to them. */
  private static boolean becomesAnother(ReadTransaction tx, RepositoryName repository, StoredManifest stored) {
    Optional<Descriptor> before = tx.descriptor(repository, stored.digest());
    return before.isEmpty() ? tx.isTagged(repository, stored.digest()) : !before.get().mediaType().equals(stored.mediaType());
  }

  /** What others may have under a digest is not changed by someone who may not move their tags. */
  private static void requireOfAllTags(Caller caller, RepositoryName repository, Digest digest) {
    if (!caller.access(repository).mayEverywhere(Action.MOVE)) {
      throw new RegistryException(ErrorCode.DENIED,
          "this repository knows the same bytes as something else, and it takes the right to move all of its tags to change that",
          digest.toString());
    }
  }

  /** What the manifest points at and the caller can't read: who reads the manifest does not read that because of it. */
  static Set<String> withheld(Reach reach, Manifest manifest) {
    Map<Digest, Boolean> shown = new HashMap<>(); // a manifest may name one thing many thousand times
    return reach.isWhole() ? Set.of()
        : manifest.edges().stream().filter(edge -> !shown.computeIfAbsent(edge.target().digest(), reach::shows)).map(Edge::pointer)
            .collect(Collectors.toSet());
  }

  private static void require(ReadTransaction tx, Reach reach, RepositoryName repository, TagOrDigest name, Precondition precondition) {
    if (precondition.equals(Precondition.NONE)) {
      return;
    }
    switch (name) {
      case Tag tag -> Tags.require(precondition, reach, tag, tx.tagged(repository, tag).orElse(null));
      case Digest digest -> {
        boolean exists = reach.shows(digest) && tx.manifestSize(repository, digest).isPresent();
        if (!precondition.holds(exists ? digest : null, 0)) {
          throw new RegistryException(412, ErrorCode.DENIED, exists
              ? "this repository has the manifest already, and the request is for where it has not"
              : "this repository has no such manifest, and the request is for where it has");
        }
      }
    }
  }

  private static Digest digest(TagOrDigest name, byte[] bytes) {
    return switch (name) {
      case Tag _ -> Digest.Algorithm.SHA256.of(bytes);
      case Digest stated -> {
        Digest digest = stated.algorithm().of(bytes);
        if (!digest.equals(stated)) {
          throw new RegistryException(ErrorCode.DIGEST_INVALID, "the manifest is not what the path names: its digest is " + digest,
              stated.toString());
        }
        yield digest;
      }
    };
  }

  /**
   * Removes a tag (by tag), or a manifest and every tag that points at it (by digest).
   *
   * @param precondition what must hold of the name
   * @return after which time manifests that are about it go, too; empty if none does
   * @throws RegistryException {@code MANIFEST_UNKNOWN}; 412 if the precondition fails; {@code DENIED} (409 or 403) by a rule about a tag;
   *     {@code UNSUPPORTED} (405) if deletion is off
   */
  public Optional<Duration> delete(Caller caller, RepositoryName repository, TagOrDigest name, Precondition precondition) {
    return switch (name) {
      case Tag tag -> {
        tags.change(caller, repository, new Operation(tag, new TagProposal.Gone(), precondition));
        yield Optional.empty();
      }
      case Digest digest -> delete(caller, repository, digest, precondition);
    };
  }

  private Optional<Duration> delete(Caller caller, RepositoryName repository, Digest digest, Precondition precondition) {
    Ways ways = precondition.equals(Precondition.NONE) ? Ways.NONE : Ways.find(metadata, caller, repository, _ -> Set.of(digest));
    Removed removed = cache.whileChangingAll(repository,
        () -> metadata.write(tx -> remove(tx, caller, repository, digest, precondition, ways)), done -> {
          cache.forget(repository, digest);
          done.tags.forEach(tag -> cache.forget(repository, tag));
        });
    if (!removed.tags.isEmpty()) {
      news.tell(repository, removed.tags);
    }
    return removed.grace;
  }

  /**
   * What went with a manifest.
   *
   * @param grace after which time manifests that are about it go, too; empty if none does
   */
  record Removed(List<Tag> tags, Optional<Duration> grace) {}

  /** Removes a manifest inside a transaction. */
  Removed remove(WriteTransaction tx, Caller caller, RepositoryName repository, Digest digest, Precondition precondition, Ways ways) {
    Deletions.requireEnabled(terms.deletion());
    Deletions.requireWhole(caller, repository);
    var reach = Reach.again(tx, caller, repository, ways);
    require(tx, reach, repository, digest, precondition);
    if (tx.manifestSize(repository, digest).isEmpty()) {
      throw unknown(digest); // also if an index under a tag that stays lists it
    }
    ImmutableTags.requireNone(tx, reach, terms.rules(), repository, digest);
    List<Tag> pointing = tx.tagsOf(repository, digest);
    var preparation = new Preparation(); // to remove takes none
    move(tx, reach, caller, repository, Set.of(), pointing.stream().map(Change::removed).toList(), preparation);
    Optional<Duration> grace = departures.begin(tx, repository, digest);
    tx.deleteManifest(repository, digest, leases.until());
    tx.presence().went(repository, digest, clock.instant());
    return new Removed(pointing, grace);
  }

  /** Moves tags, of which the caller has named some. */
  private void move(WriteTransaction tx, Reach reach, Caller caller, RepositoryName repository, Set<Tag> named, List<Change> changes,
      Preparation preparation) {
    try {
      tags.move(tx, caller, repository, changes, preparation);
    } catch (RegistryException refused) {
      throw InTheWay.refused(reach, changes.stream().map(Change::tag).filter(tag -> !named.contains(tag)).toList(), refused);
    }
  }

  private static RegistryException unknown(TagOrDigest name) {
    return new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "this repository has no such manifest", name.toString());
  }
}
