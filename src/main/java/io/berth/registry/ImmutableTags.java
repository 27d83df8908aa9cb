package io.berth.registry;

import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.TagRules;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an immutable tag stands for stays whole: all that its manifest needs, at any depth. Asked inside the transaction that would take
 * something away. Costs nothing in repositories that no such rule is about. Safe for any thread.
 */
final class ImmutableTags {

  /** Manifests that are looked at on the way up. Beyond it the answer is no, since it can't be known. */
  private static final int MANIFESTS = 10_000;

  private ImmutableTags() {}

  /**
   * Requires that no immutable tag stands for the content, directly or through manifests that need it.
   *
   * @param reach what the caller may read: other tags are not named
   * @throws RegistryException {@code DENIED} (409), naming rule and tag
   */
  static void requireNone(ReadTransaction tx, Reach reach, TagRules rules, RepositoryName repository, Digest content) {
    if (!rules.mayHoldImmutable(repository)) {
      return;
    }
    Set<Digest> seen = new HashSet<>(Set.of(content));
    Deque<Digest> above = new ArrayDeque<>(seen);
    while (!above.isEmpty()) {
      Digest digest = above.remove();
      tx.tagsOf(repository, digest).forEach(tag -> requireMutable(reach, rules, repository, tag));
      for (Digest holder : tx.holders(repository, digest, MANIFESTS)) {
        if (seen.add(holder)) {
          above.add(holder);
        }
      }
      if (seen.size() > MANIFESTS) {
        throw new RegistryException(409, List.of(new Problem(ErrorCode.DENIED, "more than " + MANIFESTS
            + " manifests need this content, and a tag of this repository may be immutable: delete some of those first",
            content.toString())));
      }
    }
  }

  private static void requireMutable(Reach reach, TagRules rules, RepositoryName repository, Tag tag) {
    rules.immutable(repository, tag).ifPresent(rule -> {
      throw InTheWay.immutable(reach, rule, tag);
    });
  }
}
