package io.berth.registry;

import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.Past;
import io.berth.metadata.TagReads.Progress;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagFilter;
import io.berth.policy.Extent;
import java.util.List;
import java.util.Optional;

/** How many tags there are that someone may pull. All of them are counted already; some are counted by walking over their names. */
final class TagCounts {

  /** Names of now, and of the past, which cost more. */
  private static final int NAMES = 100_000;
  private static final int PAST_NAMES = 20_000;
  private static final int PAGE = 1_000;
  private static final int BATCH = 64;

  private TagCounts() {}

  static long now(ReadTransaction tx, Extent pull, RepositoryName repository, Progress progress) {
    if (pull.isAll()) {
      return progress.total();
    }
    long count = 0;
    Optional<String> from = pull.from("");
    for (int looked = 0; from.isPresent();) {
      requireRoom(looked, NAMES);
      List<Tag> some = tx.tags(repository, from.get(), PAGE);
      count += some.stream().filter(pull::covers).count();
      looked += some.size();
      from = some.size() < PAGE ? Optional.empty() : pull.from(some.getLast().value());
    }
    return count;
  }

  static long past(ReadTransaction tx, Extent pull, RepositoryName repository, long sequence) {
    if (pull.isAll()) {
      return tx.totalAt(repository, sequence);
    }
    long count = 0;
    Optional<String> from = pull.from("");
    for (int looked = 0; from.isPresent(); looked += BATCH) {
      requireRoom(looked, PAST_NAMES);
      Past some = tx.taggedAt(repository, TagFilter.ALL, from.get(), sequence, BATCH);
      count += some.tags().stream().filter(tagged -> pull.covers(tagged.event().tag())).count();
      from = Optional.ofNullable(some.through()).flatMap(through -> pull.from(through.value()));
    }
    return count;
  }

  private static void requireRoom(int looked, int limit) {
    if (looked >= limit) {
      throw new RegistryException(406, ErrorCode.UNSUPPORTED,
          "this repository has too many tags to count those that you may pull, so no list of them is signed: take one that is not");
    }
  }
}
