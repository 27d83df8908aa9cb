package io.berth.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which tags somebody who may pull some tags has pulled lately: what is asked for next belongs to one of them, mostly. Like what a request says that it is
 * about, it tells where to look and allows nothing. Of this process, and forgotten with it. Safe for any thread.
 */
final class RecentPulls {

  /** An index and what it is made of are pulled under one tag, so that a few are enough. */
  private static final int EACH = 4;
  private static final int MOST = 4_096;
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final Cache<Place, List<Tag>> pulls = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(REMEMBERED).build();

  private record Place(String principal, RepositoryName repository) {}

  void add(Caller caller, RepositoryName repository, Tag tag) {
    pulls.asMap().merge(new Place(caller.principal(), repository), List.of(tag),
        (before, now) -> Stream.concat(now.stream(), before.stream()).distinct().limit(EACH).toList());
  }

  /** The last one first. */
  List<Tag> of(Caller caller, RepositoryName repository) {
    List<Tag> tags = pulls.getIfPresent(new Place(caller.principal(), repository));
    return tags == null ? List.of() : tags;
  }
}
