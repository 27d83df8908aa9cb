package io.berth.registry;

import io.berth.metadata.ReadTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.Manifest;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.oci.Text;
import io.berth.policy.ManifestRules;
import io.berth.policy.SparseTerms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest needs must be held by the same repository, as far as the rules demand it, and be of the size that the manifest says. So must a
 * subject be, if it is there. What the caller can't read is not there. Where the same manifest is there already, with something that others read because of it
 * and the caller can't, that must be there for him, too, whatever the rules say: with it left out they would lose it, and with it left in he would gain it. Asked
 * inside the transaction that stores the manifest. For one use.
 */
final class Requirements {

  /** Things that one manifest may lack whatever the rules say, and errors that one refusal lists: a stranger could ask for more work than that. */
  static final int ABSENT = 1_000;

  private static final int PLATFORM_LENGTH = 100;

  private final ReadTransaction tx;
  private final Reach reach;
  private final RepositoryName repository;
  private final SparseTerms terms;
  private final Digest digest;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<Digest, Edge> absent = new LinkedHashMap<>();
  private final Set<Digest> refused = new HashSet<>();
  private final Set<Digest> mentioned = new HashSet<>();
  private final Set<Digest> left = new HashSet<>();
  private final Map<Digest, OptionalLong> sizes = new HashMap<>(); // a manifest may name one thing many thousand times

  private @Nullable Boolean stored;

  private Requirements(ReadTransaction tx, Reach reach, RepositoryName repository, SparseTerms terms, Digest digest) {
    this.digest = digest;
    this.tx = tx;
    this.reach = reach;
    this.repository = repository;
    this.terms = terms;
  }

  /**
   * Requires it.
   *
   * @param digest under which the manifest is stored
   * @return what the manifest lacks nevertheless, in its order, each thing once
   * @throws RegistryException (400) {@code MANIFEST_BLOB_UNKNOWN} for each thing that must be there, and {@code MANIFEST_INVALID} for each size that is wrong
   */
  static List<Edge> require(ReadTransaction tx, Reach reach, RepositoryName repository, SparseTerms terms, Digest digest,
      Manifest manifest) {
    var requirements = new Requirements(tx, reach, repository, terms, digest);
    requirements.look(manifest);
    if (!requirements.problems.isEmpty()) {
      throw new RegistryException(400, requirements.problems);
    }
    return List.copyOf(requirements.absent.values());
  }

  /** What a manifest names, itself included: what is asked of the reach when it is stored. */
  static Set<Digest> named(Digest digest, Manifest manifest) {
    Set<Digest> named = manifest.edges().stream().map(edge -> edge.target().digest()).collect(Collectors.toCollection(HashSet::new));
    named.add(digest);
    return named;
  }

  private void look(Manifest manifest) {
    for (Edge edge : manifest.edges()) {
      if (!ManifestRules.isNeeded(edge)) {
        lookAtMention(edge);
        continue;
      }
      Digest target = edge.target().digest();
      boolean isNew = !sizes.containsKey(target) && !absent.containsKey(target);
      if (problems.size() < ABSENT && (absent.size() < ABSENT || !isNew)) {
        look(edge);
      } else if (isNew) {
        left.add(target);
      }
    }
    if (!left.isEmpty()) {
      problems.add(new Problem(ErrorCode.MANIFEST_BLOB_UNKNOWN,
          "so much is missing or wrong that " + left.size() + " more things were not looked at", null));
      return;
    }
    Descriptor subject = manifest.subject();
    if (subject != null && reach.shows(subject.digest())) {
      tx.descriptor(repository, subject.digest()).filter(held -> held.size() != subject.size())
          .ifPresent(held -> problems.add(new Problem(ErrorCode.MANIFEST_INVALID,
              "/subject/size says " + subject.size() + " bytes, but it has " + held.size(), subject.digest().toString())));
    }
  }

  private void look(Edge edge) {
    Digest target = edge.target().digest();
    OptionalLong size = sizes.computeIfAbsent(target, _ -> reach.shows(target) ? size(edge) : OptionalLong.empty());
    if (size.isPresent()) {
      if (size.getAsLong() != edge.target().size()) {
        problems.add(new Problem(ErrorCode.MANIFEST_INVALID,
            edge.pointer() + "/size says " + edge.target().size() + " bytes, but it has " + size.getAsLong(), target.toString()));
      }
      return;
    }
    boolean isFirst = absent.putIfAbsent(target, edge) == null;
    if (terms.mustExist(edge) || isFirst && isOthers(target)) {
      refuse(edge);
    }
  }

  private void refuse(Edge edge) {
    if (refused.add(edge.target().digest())) {
      problems.add(
          new Problem(ErrorCode.MANIFEST_BLOB_UNKNOWN, "this repository does not hold what " + edge.pointer() + " names: push it first",
              text(edge)));
    }
  }

  /** What need not be there is left out as long as it is not there, so that nobody loses what he could read. */
  private void lookAtMention(Edge edge) {
    Digest target = edge.target().digest();
    if (problems.size() < ABSENT && mentioned.add(target) && isOthers(target) && size(edge).isPresent()) {
      refuse(edge);
    }
  }

  /** Whether others read it because of the same manifest, and the caller can't. A manifest that points there by subject or reference goes on doing so. */
  private boolean isOthers(Digest target) {
    return isStored() && !reach.shows(target) && tx.graph().reaches(repository, digest, target);
  }

  private boolean isStored() {
    if (stored == null) {
      stored = tx.manifestSize(repository, digest).isPresent();
    }
    return stored;
  }

  /** What exactly is meant: the digest, and of an entry of an index the platform. */
  static String text(Edge edge) {
    return edge.target().platform() == null ? edge.target().digest().toString()
        : edge.target().digest() + " for " + Text.visible(edge.target().platform().toString(), PLATFORM_LENGTH);
  }

  /** An entry of an index is a manifest; build caches put blobs there, too. */
  private OptionalLong size(Edge edge) {
    Digest target = edge.target().digest();
    if (edge.kind() == Edge.Kind.CHILD || edge.kind() == Edge.Kind.MENTION) {
      OptionalLong size = tx.manifestSize(repository, target);
      if (size.isPresent()) {
        return size;
      }
    }
    return tx.blobSize(repository, target);
  }
}
