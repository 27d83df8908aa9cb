package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Action;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Ways from content up to tags that a caller may pull, as they were found where nobody had to wait for that. They prove nothing: the transaction that decides asks
 * for each step again ({@link Reach#again}). What was looked for in vain stays unreadable to it. Immutable but for what it was made of.
 */
final class Ways {

  /** None were looked for. */
  static final Ways NONE = new Ways(Map.of(), Set.of());

  private final Map<Digest, Step> steps;
  private final Set<Digest> vain;

  /**
   * Ways.
   *
   * @param steps how each thing is readable, each by something else among them or by a tag, and never in a circle
   * @param vain what was looked for and not found
   */
  Ways(Map<Digest, Step> steps, Set<Digest> vain) {
    this.steps = steps;
    this.vain = vain;
  }

  /** Why something is readable. */
  sealed interface Step {

    /** A tag that the caller may pull points at it. */
    record Tagged(Tag tag) implements Step {}

    /** A manifest that he reads needs it. */
    record Needed(Digest manifest) implements Step {}

    /** It points at a manifest that he reads. */
    record About(Digest subject) implements Step {}
  }

  /**
   * Looks for ways to content in a transaction of its own, which changes nothing. For whoever may pull everything, or nothing, there is nothing to be found, and nothing is
   * asked.
   *
   * @param contents which content
   */
  static Ways find(MetadataStore metadata, Caller caller, RepositoryName repository,
      Function<? super ReadTransaction, ? extends Collection<Digest>> contents) {
    var access = caller.access(repository);
    if (access.mayEverywhere(Action.PULL) || !access.may(Action.PULL)) {
      return NONE;
    }
    return metadata.read(tx -> {
      var reach = Reach.of(tx, caller, repository);
      var vain = new HashSet<Digest>();
      for (Digest content : new HashSet<>(contents.apply(tx))) {
        if (!reach.shows(content)) {
          vain.add(content);
        }
      }
      return reach.ways(vain);
    });
  }

  /** The next step from there towards a tag; {@code null} if none is known. */
  @Nullable Step from(Digest content) {
    return steps.get(content);
  }

  /** Whether it was looked for in vain. */
  boolean isVain(Digest content) {
    return vain.contains(content);
  }
}
