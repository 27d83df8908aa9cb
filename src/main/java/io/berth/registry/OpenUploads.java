package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.Upload;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the unfinished uploads of each user, and refuses one too many: a stranger could fill the disk with files of one byte.
 *
 * <p>The count is in memory, so that an upload costs nothing more. It is taken from the store when the first upload begins, and again before
 * somebody is refused, once a minute at most: whatever may have led it astray (an outcome that nobody knows, another process) refuses nobody for
 * long. Safe for any thread.
 */
final class OpenUploads {

  private static final Duration RECOUNT = Duration.ofMinutes(1);
  private static final Duration FAR = Duration.ofDays(36_500);
  private static final int STATUS = 429;

  private final MetadataStore metadata;
  private final InstantSource clock;
  private final Map<String, Integer> perUser = new HashMap<>();
  private UploadLimits limits;
  private int total;
  private Instant counted = Instant.MIN;

  OpenUploads(MetadataStore metadata, InstantSource clock, UploadLimits limits) {
    this.metadata = metadata;
    this.clock = clock;
    this.limits = limits;
  }

  /** Other limits from now on. What has begun goes on. */
  synchronized void limits(UploadLimits other) {
    limits = other;
  }

  /**
   * One more.
   *
   * @throws RegistryException (429) {@code TOOMANYREQUESTS}; nothing is counted then
   */
  synchronized void begin(String user) {
    Instant now = clock.instant();
    boolean stale = counted.equals(Instant.MIN) || isFull(user) && !now.isBefore(counted.plus(RECOUNT));
    if (stale) {
      count(now);
    }
    if (isFull(user)) {
      throw new RegistryException(STATUS, ErrorCode.TOOMANYREQUESTS, perUser.getOrDefault(user, 0) >= limits.perUser()
          ? "you have " + limits.perUser() + " unfinished uploads, as many as one may have: finish or cancel some, or try again later"
          : "there are too many unfinished uploads: try again later");
    }
    perUser.merge(user, 1, Integer::sum);
    total++;
  }

  /** One less. */
  synchronized void end(String user) {
    if (perUser.containsKey(user)) {
      perUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
      total--;
    }
  }

  private boolean isFull(String user) {
    return total >= limits.total() || perUser.getOrDefault(user, 0) >= limits.perUser();
  }

  private void count(Instant now) {
    List<Upload> all = metadata.read(tx -> tx.idleUploads(now.plus(FAR), limits.total()));
    perUser.clear();
    total = 0;
    for (Upload upload : all) {
      perUser.merge(upload.principal(), 1, Integer::sum);
      total++;
    }
    counted = now;
  }
}
