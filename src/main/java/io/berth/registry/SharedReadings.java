package io.berth.registry;

import io.berth.oci.RepositoryName;
import io.berth.registry.Feed.Changes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What followers read of changes: what they want at the same position they read once, and a few readings go on at a time, however many
 * want one. A step that was found stays true; that there was none is true for those only who have heard no later word of a change.
 *
 * <p>The last readings are kept, of bounded size. Safe for any thread; blocks as long as the store does, without a lock.
 */
final class SharedReadings<S extends Feed.Step> {

  private static final Logger LOG = LoggerFactory.getLogger(SharedReadings.class);
  private static final int AT_A_TIME = 4;
  private static final int PAGE = 64;
  private static final int KEPT = 1_024;
  private static final int CHANGES_KEPT = 16_384;

  private final Changes<S> changes;
  private final Semaphore permits = new Semaphore(AT_A_TIME, true);
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Position, Reading<S>> kept = new LinkedHashMap<>(16, 0.75f, true);
  private int changesKept;

  SharedReadings(Changes<S> changes) {
    this.changes = changes;
  }

  private record Position(RepositoryName repository, long sequence) {}

  /** Begun after a certain word of a change, so that it saw that change. */
  private static final class Reading<S extends Feed.Step> {

    private final long word;
    private final CompletableFuture<List<S>> result = new CompletableFuture<>();

    Reading(long word) {
      this.word = word;
    }

    boolean answers(long heard) {
      return word >= heard || result.state() == CompletableFuture.State.SUCCESS && !result.resultNow().isEmpty();
    }

    int size() {
      return result.state() == CompletableFuture.State.SUCCESS ? SharedReadings.size(result.resultNow()) : 0;
    }
  }

  /**
   * The steps behind a sequence: one, or several small ones, or none.
   *
   * @param heard the last word of a change that the caller has heard; words of one repository grow
   */
  List<S> behind(RepositoryName repository, long sequence, long heard) {
    var position = new Position(repository, sequence);
    var mine = new Reading<S>(heard);
    Reading<S> reading = shared(position, mine);
    if (reading == mine) {
      read(position, mine);
    }
    try {
      return reading.result.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private Reading<S> shared(Position position, Reading<S> mine) {
    lock.lock();
    try {
      Reading<S> known = kept.get(position);
      if (known != null && known.answers(mine.word)) {
        return known;
      }
      forget(position);
      kept.put(position, mine);
      return mine;
    } finally {
      lock.unlock();
    }
  }

  private void read(Position position, Reading<S> reading) {
    permits.acquireUninterruptibly();
    try {
      List<S> found = page(changes.behind(position.repository, position.sequence, PAGE));
      finish(position, reading, () -> reading.result.complete(found));
    } catch (RuntimeException | Error e) {
      LOG.warn("what happened in {} can't be read, and those who follow that have to come again: {}", position.repository, e.toString());
      finish(position, reading, () -> reading.result.completeExceptionally(e));
    } finally {
      permits.release();
    }
  }

  /** A follower keeps what it has not sent yet: not much. */
  private static <S extends Feed.Step> List<S> page(List<S> found) {
    List<S> page = new ArrayList<>();
    int size = 0;
    for (S next : found) {
      size += next.size();
      if (!page.isEmpty() && size > PAGE) {
        break;
      }
      page.add(next);
    }
    return List.copyOf(page);
  }

  private void finish(Position position, Reading<S> reading, Runnable completion) {
    lock.lock();
    try {
      boolean isKept = kept.get(position) == reading;
      completion.run();
      if (!isKept) {
        return;
      }
      if (reading.result.isCompletedExceptionally()) {
        var _ = kept.remove(position);
      } else {
        changesKept += reading.size();
        trim();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets go what nobody has wanted for longest. */
  private void trim() {
    while (kept.size() > KEPT || changesKept > CHANGES_KEPT) {
      forget(kept.keySet().iterator().next());
    }
  }

  private void forget(Position position) {
    Reading<S> known = kept.remove(position);
    if (known != null) {
      changesKept -= known.size();
    }
  }

  /** The changes in memory. */
  int keptChanges() {
    lock.lock();
    try {
      return changesKept;
    } finally {
      lock.unlock();
    }
  }

  private static int size(List<? extends Feed.Step> steps) {
    return steps.stream().mapToInt(Feed.Step::size).sum();
  }
}
