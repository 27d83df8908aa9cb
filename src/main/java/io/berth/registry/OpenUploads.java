package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.Upload;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.policy.Identity;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the unfinished uploads of each user, and refuses one too many: a stranger could fill the disk with files of one byte. Who comes without
 * credentials is counted by the address. When there is room for no more, whoever has the most gives way to those who have less, so that
 * nobody, from however many addresses, keeps the others out.
 *
 * <p>The count is in memory, so that an upload costs nothing more. It is taken from the store when the first upload begins, and again before
 * somebody is refused, once a minute at most: whatever may have led it astray (an outcome that nobody knows, another process) refuses nobody for
 * long. Safe for any thread.
 */
final class OpenUploads {

  private static final Logger LOG = LoggerFactory.getLogger(OpenUploads.class);
  private static final Duration RECOUNT = Duration.ofMinutes(1);
  private static final Duration FAR = Duration.ofDays(36_500);
  private static final int STATUS = 429;

  private final MetadataStore metadata;
  private final InstantSource clock;
  private final Map<Owner, Integer> perOwner = new HashMap<>();
  private UploadLimits limits;
  private int total;
  private Instant counted = Instant.MIN;

  OpenUploads(MetadataStore metadata, InstantSource clock, UploadLimits limits) {
    this.metadata = metadata;
    this.clock = clock;
    this.limits = limits;
  }

  /**
   * Whose uploads count together.
   *
   * @param address of clients without credentials; empty for users
   */
  record Owner(String principal, String address) {

    static Owner of(Caller caller) {
      return new Owner(caller.identity().name(), switch (caller.identity()) {
        case Identity.Anonymous _ -> caller.address();
        case Identity.User _, Identity.Robot _, Identity.Workload _, Identity.Bearer _, Identity.Registry _ -> "";
      });
    }

    static Owner of(Upload upload) {
      return new Owner(upload.principal(), upload.address());
    }
  }

  /** Other limits from now on. What has begun goes on. */
  synchronized void limits(UploadLimits other) {
    limits = other;
  }

  /**
   * One more.
   *
   * @return who has to give way: one of his uploads must end
   * @throws RegistryException (429) {@code TOOMANYREQUESTS}; nothing is counted then
   */
  synchronized Optional<Owner> begin(Owner owner) {
    Instant now = clock.instant();
    boolean isFull = total >= limits.total() || has(owner) >= limits.perUser();
    if (counted.equals(Instant.MIN) || isFull && !now.isBefore(counted.plus(RECOUNT))) {
      count(now);
    }
    if (has(owner) >= limits.perUser()) {
      throw new RegistryException(STATUS, ErrorCode.TOOMANYREQUESTS,
          "you have " + limits.perUser() + " unfinished uploads, as many as one may have: finish or cancel some, or try again later");
    }
    Optional<Owner> giving = Optional.empty();
    if (total >= limits.total()) {
      giving = largest().filter(other -> has(other) > has(owner) + 1);
      if (giving.isEmpty()) {
        throw full();
      }
    }
    perOwner.merge(owner, 1, Integer::sum);
    total++;
    return giving;
  }

  static RegistryException full() {
    return new RegistryException(STATUS, ErrorCode.TOOMANYREQUESTS, "there are too many unfinished uploads: try again later");
  }

  /** One less. */
  synchronized void end(Owner owner) {
    if (perOwner.containsKey(owner)) {
      perOwner.computeIfPresent(owner, (_, count) -> count == 1 ? null : count - 1);
      total--;
    }
  }

  private int has(Owner owner) {
    return perOwner.getOrDefault(owner, 0);
  }

  private Optional<Owner> largest() {
    return perOwner.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }

  private void count(Instant now) {
    List<Upload> all = metadata.read(tx -> tx.idleUploads(now.plus(FAR), limits.total()));
    perOwner.clear();
    total = 0;
    for (Upload upload : all) {
      perOwner.merge(Owner.of(upload), 1, Integer::sum);
      total++;
    }
    counted = now;
    if (total >= limits.total()) {
      LOG.warn(
          "there are {} unfinished uploads, as many as http.limits.uploads allows: those that have rested longest end where others need room",
          total);
    }
  }
}
