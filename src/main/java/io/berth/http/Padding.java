package io.berth.http;

import io.berth.oci.RepositoryName;
import io.berth.policy.Access;
import io.berth.policy.Action;
import io.berth.registry.Caller;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes answers about a repository of which the caller may read some tags only take one of a few times, since looking for a way from what he asks for to
 * such a tag takes the longer, the more there is that he may not read: the shortest time that the operator has chosen, or four times that, and so on,
 * and a little more, drawn by lot. Content that he may read, and the bytes of an upload, come as they come. Safe for any thread.
 */
final class Padding {

  /** No search takes that long, and clients do not wait for ever. */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private static final int STEP = 4;
  /** The lot: at most that part of the time is added to it. */
  private static final int PART = 8;
  private static final SecureRandom LOT = new SecureRandom();

  private final long shortest;

  /**
   * Padding.
   *
   * @param shortest longer than nearly every search takes; zero: nothing is padded
   */
  Padding(Duration shortest) {
    this.shortest = shortest.toNanos();
  }

  /** Waits until the answer may be given that was worked on since {@code begun}, or since the body was there, as {@link System#nanoTime} told. */
  void await(long begun, Call call, Caller caller, Trail trail, Reply reply) {
    if (shortest == 0 || !isDue(call, caller, trail, reply)) {
      return;
    }
    long worked = System.nanoTime() - trail.arrived(begun);
    try {
      // to wait is what this is for: on a thread of the request's own, with no transaction and no lock
      Thread.sleep(Duration.ofNanos(padded(worked, LOT::nextLong) - worked));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // the registry stops
    }
  }

  /** How long what took that long is to take, in nanoseconds. */
  long padded(long worked, LongUnaryOperator lot) {
    long time = shortest;
    while (time < worked && time * STEP <= LONGEST.toNanos()) {
      time *= STEP;
    }
    return Math.max(time, worked) + lot.applyAsLong(time / PART);
  }

  /** Whether the time of the answer could tell of what the caller may not read. */
  static boolean isDue(Call call, Caller caller, Trail trail, Reply reply) {
    return switch (call) {
      case Call.StartUpload _, Call.PushBlob _, Call.UploadStatus _, Call.AppendUpload _, Call.FinishUpload _, Call.CancelUpload _ -> false;
      case Call.GetManifest _, Call.GetBlob _ when reply.status() < 400 -> false;
      default ->
          trail.isSearched() || Stream.of(Routes.repository(call), named(call), found(trail)).filter(Objects::nonNull).map(caller::access)
              .anyMatch(Padding::isPartial);
    };
  }

  private static @Nullable RepositoryName named(Call call) {
    return call instanceof Call.MountBlob mount ? mount.from() : null;
  }

  private static @Nullable RepositoryName found(Trail trail) {
    return trail.from().isEmpty() ? null : RepositoryName.parse(trail.from());
  }

  /** Whether somebody may read a part of it only. */
  static boolean isPartial(Access access) {
    return access.may(Action.PULL) && !access.mayEverywhere(Action.PULL);
  }
}
