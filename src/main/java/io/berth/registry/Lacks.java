package io.berth.registry;

import io.berth.metadata.GraphReads.Target;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.ManifestRules;
import io.berth.policy.SparseTerms;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a repository lacks of the manifests of another one, to the eyes of a caller: what he may not read there counts as lacking, and what he may
 * not read in the other one is not to be had. For one copy, and one thread.
 */
final class Lacks {

  private static final int PAGE = 1_000;

  private static final Set<Edge.Kind> NEEDED = Collections.unmodifiableSet(EnumSet.of(Edge.Kind.CONFIG, Edge.Kind.LAYER, Edge.Kind.CHILD));
  private static final Set<Edge.Kind> COPIED =
      Collections.unmodifiableSet(EnumSet.of(Edge.Kind.CONFIG, Edge.Kind.LAYER, Edge.Kind.CHILD, Edge.Kind.MENTION));

  private final Caller caller;
  private final RepositoryName from;
  private final RepositoryName to;
  private final Leases leases;
  private final InstantSource clock;
  private final SparseTerms terms;
  private final Map<Digest, Edge> absent = new LinkedHashMap<>();
  private final boolean fromWhole;
  private final boolean toWhole;

  Lacks(Caller caller, RepositoryName from, RepositoryName to, SparseTerms terms, Leases leases, InstantSource clock) {
    this.caller = caller;
    this.from = from;
    this.to = to;
    this.terms = terms;
    this.leases = leases;
    this.clock = clock;
    this.fromWhole = caller.access(from).mayEverywhere(Action.PULL);
    this.toWhole = caller.access(to).mayEverywhere(Action.PULL);
  }

  /** What one manifest lacks in the target: itself, if {@code absent} or about to go, and blobs. */
  record Lack(Digest manifest, long size, boolean absent, List<Digest> blobs) {}

  /**
   * What has to be copied of a manifest; nothing if it is there, or not in the origin.
   *
   * @throws RegistryException {@code MANIFEST_BLOB_UNKNOWN}
   */
  Optional<Lack> of(ReadTransaction tx, Digest manifest) {
    OptionalLong size = tx.manifestSize(from, manifest);
    if (size.isEmpty()) {
      return Optional.empty();
    }
    List<Digest> blobs = fromWhole && toWhole ? tx.graph().lacking(from, manifest, to, soon()) : blobs(tx, manifest);
    boolean absent = tx.manifestSize(to, manifest).isEmpty() || tx.departures().isLeaving(to, manifest) || !toWhole && !isOwn(tx, manifest);
    if (!absent) {
      requireFound(tx, manifest);
    }
    return absent || !blobs.isEmpty() ? Optional.of(new Lack(manifest, size.getAsLong(), absent, blobs)) : Optional.empty();
  }

  private List<Digest> blobs(ReadTransaction tx, Digest manifest) {
    Set<Digest> lacking = new LinkedHashSet<>();
    List<Target> page = tx.graph().targets(from, manifest, COPIED, "", PAGE);
    while (!page.isEmpty()) {
      page.stream().filter(Target::isBlob).map(target -> target.edge().target().digest())
          .filter(blob -> !isHeld(tx, blob) && isReached(tx, manifest, blob)).forEach(lacking::add);
      page = page.size() < PAGE ? List.of() : tx.graph().targets(from, manifest, COPIED, page.getLast().edge().pointer(), PAGE);
    }
    return List.copyOf(lacking);
  }

  private boolean isReached(ReadTransaction tx, Digest manifest, Digest target) {
    return fromWhole || tx.graph().reaches(from, manifest, target);
  }

  /** Whether the target holds it for long enough. */
  private boolean isHeld(ReadTransaction tx, Digest blob) {
    Optional<HeldBlob> held = tx.heldBlob(to, blob);
    Instant until = held.map(HeldBlob::until).orElse(null);
    return held.isPresent() && (until == null || until.isAfter(soon())) && (toWhole || isOwn(tx, blob));
  }

  /** Whether the caller may read it in the target for long enough, since he has copied it there. */
  private boolean isOwn(ReadTransaction tx, Digest content) {
    return tx.own().until(to, caller.principal(), content).filter(until -> until.isAfter(soon())).isPresent();
  }

  private Instant soon() {
    return clock.instant().plus(leases.grace().dividedBy(2));
  }

  /** What is there may lack something by now. That is copied with the rest if the origin has it, and it would be said that all is there if not. */
  private void requireFound(ReadTransaction tx, Digest manifest) {
    Missing missing = missing(tx, manifest);
    List<Problem> problems = missing.required.stream().map(Edge::target).map(Descriptor::digest)
        .filter(target -> isNowhere(tx, manifest, target)).distinct()
        .map(target -> new Problem(ErrorCode.MANIFEST_BLOB_UNKNOWN, "neither repository holds what " + manifest + " needs: push it first",
            target.toString()))
        .toList();
    if (!problems.isEmpty()) {
      throw new RegistryException(400, problems);
    }
    accept(missing.rest.stream().filter(edge -> isNowhere(tx, manifest, edge.target().digest())).toList());
  }

  private boolean isNowhere(ReadTransaction tx, Digest manifest, Digest target) {
    return !isReached(tx, manifest, target) || tx.blobSize(from, target).isEmpty() && tx.manifestSize(from, target).isEmpty();
  }

  /** What the copy lacks, as the rules allow. */
  void accept(List<Edge> lacking) {
    lacking.stream().limit(Requirements.ABSENT - absent.size()).forEach(edge -> absent.putIfAbsent(edge.target().digest(), edge));
  }

  /** Some of what the copy lacks, as the rules allow. */
  List<Edge> accepted() {
    return List.copyOf(absent.values());
  }

  /**
   * What a manifest lacks in the target.
   *
   * @param required some of what must be there; if there is none, nothing that must be is missing
   * @param rest some of the rest
   */
  record Missing(List<Edge> required, List<Edge> rest) {}

  Missing missing(ReadTransaction tx, Digest manifest) {
    var required = new ArrayList<Edge>();
    var rest = new ArrayList<Edge>();
    List<Target> page;
    String after = "";
    do {
      page = tx.graph().targets(to, manifest, NEEDED, after, PAGE);
      page.stream().filter(target -> !target.isManifest() && !target.isBlob()).map(Target::edge).filter(ManifestRules::isNeeded)
          .forEach(edge -> (terms.mustExist(edge) ? required : rest).add(edge));
      after = page.isEmpty() ? after : page.getLast().edge().pointer();
    } while (required.isEmpty() && page.size() == PAGE);
    return new Missing(required, rest.subList(0, Math.min(rest.size(), Requirements.ABSENT)));
  }
}
