package io.berth.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who follows a repository hears of every change set, once, in order, soon, and at little cost. */
@Timeout(60)
class FeedTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Duration NEVER = Duration.ofHours(10);
  private static final Digest SOME = Digest.parse("sha256:" + "a".repeat(64));

  private final Ledger ledger = new Ledger();
  private final Feed<ChangeSet> feed = new Feed<>(ledger, NEVER, NEVER, System::nanoTime);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** What the store would say; counts how often it is asked. */
  private static final class Ledger implements Feed.Changes<ChangeSet> {

    private final List<TagEvent> events = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile RuntimeException failure;

    /** A change set of so many tags. */
    synchronized long commit(int tags) {
      long sequence = events.isEmpty() ? 1 : events.getLast().sequence() + 1;
      for (int i = 0; i < tags; i++) {
        events.add(new TagEvent(sequence, Tag.parse("t" + i), TagEvent.Kind.MOVED, SOME,
            new Descriptor(MediaType.OCI_MANIFEST, SOME, 3, null), Instant.EPOCH.plusSeconds(sequence), new Author("user:alice", "client"),
            1));
      }
      return sequence;
    }

    @Override
    public List<ChangeSet> behind(RepositoryName repository, long sequence, int limit) {
      asked.incrementAndGet();
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      try {
        List<TagEvent> found = found(repository, sequence, limit);
        gate.await(); // what has been seen may be old when it arrives
        if (failure != null) {
          throw failure;
        }
        return ChangeSet.of(found);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        inside.decrementAndGet();
      }
    }

    private synchronized List<TagEvent> found(RepositoryName repository, long sequence, int limit) {
      List<TagEvent> behind = events.stream().filter(e -> repository.equals(APP) && e.sequence() > sequence).toList();
      long last = behind.stream().limit(limit).mapToLong(TagEvent::sequence).max().orElse(0);
      return behind.stream().filter(e -> e.sequence() <= last).toList();
    }
  }

  @AfterEach
  void nobodyIsLeft() {
    feed.endAll();
    threads.close();
    assertThat(feed.followers()).isZero();
  }

  private static long take(Feed<ChangeSet>.Follower follower) throws InterruptedException {
    ChangeSet next = follower.next(NEVER);
    return next == null ? -1 : next.sequence();
  }

  private static List<Long> take(Feed<ChangeSet>.Follower follower, int count) throws InterruptedException {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(take(follower));
    }
    return all;
  }

  @Test
  void givesWhatHappenedBeforeAndThenWhatHappens() throws Exception {
    ledger.commit(1);
    ledger.commit(1);
    Feed<ChangeSet>.Follower follower = feed.follow(APP, 1);
    assertThat(take(follower)).isEqualTo(2);
    Future<Long> next = threads.submit(() -> take(follower));
    ledger.commit(1);
    feed.changed(APP);
    assertThat(next.get()).isEqualTo(3);
  }

  @Test
  void aChangeSetIsOneWhateverItsSize() throws Exception {
    ledger.commit(1_000);
    ledger.commit(2);
    Feed<ChangeSet>.Follower follower = feed.follow(APP, 0);
    ChangeSet first = follower.next(NEVER);
    assertThat(first.changes()).hasSize(1_000);
    assertThat(first.at()).isEqualTo(Instant.EPOCH.plusSeconds(1));
    assertThat(first.changes().getFirst())
        .isEqualTo(new ChangeSet.Change(Tag.parse("t0"), "moved", SOME, SOME, "user:alice", "client", null));
    assertThat(follower.next(NEVER).changes()).hasSize(2);
  }

  @Test
  void catchesUpWithALongHistory() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      ledger.commit(1 + i % 3);
    }
    assertThat(take(feed.follow(APP, 0), 1_000)).isEqualTo(LongStream.rangeClosed(1, 1_000).boxed().toList());
    assertThat(ledger.asked).hasValueLessThan(100);
  }

  @Test
  void saysNothingWhileNothingHappens() throws Exception {
    Feed<ChangeSet>.Follower follower = feed.follow(APP, 0);
    assertThat(follower.next(Duration.ofMillis(1))).isNull();
    assertThat(follower.isOver()).isFalse();
    Feed<ChangeSet>.Follower unknown = feed.follow(RepositoryName.parse("no/such"), 0);
    assertThat(unknown.next(Duration.ofMillis(1))).isNull();
    ledger.commit(1);
    Feed<ChangeSet>.Follower ahead = feed.follow(APP, 999);
    assertThat(ahead.next(Duration.ofMillis(1))).isNull();
    assertThat(ahead.isOver()).isFalse();
  }

  @Test
  void losesNoChangeThatComesBetweenReadingAndWaiting() throws Exception {
    ledger.gate = new CountDownLatch(1);
    Future<Long> first = threads.submit(() -> take(feed.follow(APP, 0)));
    await().until(() -> ledger.inside.get() == 1); // it has seen that there is nothing
    ledger.commit(1);
    feed.changed(APP);
    Future<Long> second = threads.submit(() -> take(feed.follow(APP, 0))); // must not be told what the first has seen
    await().until(() -> ledger.inside.get() == 2);
    ledger.gate.countDown();
    assertThat(first.get()).isEqualTo(1);
    assertThat(second.get()).isEqualTo(1);
  }

  @Test
  void aThousandWhoFollowHearOfEverythingAndTheStoreIsAskedOnce() throws Exception {
    int many = 1_000;
    int sets = 20;
    AtomicInteger heard = new AtomicInteger();
    List<Future<List<Long>>> all = IntStream.range(0, many).mapToObj(_ -> threads.submit(() -> {
      Feed<ChangeSet>.Follower follower = feed.follow(APP, 0);
      List<Long> sequences = new ArrayList<>();
      while (sequences.size() < sets) {
        sequences.add(take(follower));
        heard.incrementAndGet();
      }
      return sequences;
    })).toList();
    await().until(() -> feed.followers() == many);
    for (int i = 1; i <= sets; i++) {
      ledger.commit(1);
      feed.changed(APP);
      int expected = i * many;
      await().until(() -> heard.get() == expected);
    }
    for (Future<List<Long>> one : all) {
      assertThat(one.get()).isEqualTo(LongStream.rangeClosed(1, sets).boxed().toList());
    }
    assertThat(ledger.asked).as("once for each change, and once when there was nothing").hasValueLessThanOrEqualTo(2 * (sets + 1));
  }

  @Test
  void writersWhoDoNotWaitLoseNothingEither() throws Exception {
    List<Future<List<Long>>> all =
        IntStream.range(0, 50).mapToObj(_ -> threads.submit(() -> take(feed.follow(APP, 0), 500))).toList();
    for (int i = 0; i < 500; i++) {
      ledger.commit(1);
      feed.changed(APP);
    }
    for (Future<List<Long>> one : all) {
      assertThat(one.get()).isEqualTo(LongStream.rangeClosed(1, 500).boxed().toList());
    }
  }

  @Test
  void aFewReadingsGoOnAtATime() throws Exception {
    for (int i = 0; i < 200; i++) {
      ledger.commit(1);
    }
    ledger.gate = new CountDownLatch(1);
    List<Future<Long>> all = IntStream.range(0, 200).mapToObj(i -> threads.submit(() -> take(feed.follow(APP, i)))).toList();
    await().until(() -> ledger.inside.get() == 4 && feed.followers() == 200);
    ledger.gate.countDown();
    for (int i = 0; i < 200; i++) {
      assertThat(all.get(i).get()).isEqualTo(i + 1);
    }
    assertThat(ledger.most).hasValue(4);
  }

  @Test
  void looksNowAndThenForWhatOtherProcessesChanged() throws Exception {
    Feed<ChangeSet> glancing = new Feed<>(ledger, Duration.ofMillis(5), NEVER, System::nanoTime);
    try (Feed<ChangeSet>.Follower follower = glancing.follow(APP, 0)) {
      Future<Long> next = threads.submit(() -> take(follower));
      await().until(() -> ledger.asked.get() > 3);
      ledger.commit(1); // and nobody says so
      assertThat(next.get()).isEqualTo(1);
    }
  }

  @Test
  void endsByItselfSoThatPermissionIsAskedForAgain() throws Exception {
    Feed<ChangeSet> shortLived = new Feed<>(ledger, NEVER, Duration.ofMillis(20), System::nanoTime);
    try (Feed<ChangeSet>.Follower follower = shortLived.follow(APP, 0)) {
      assertThat(follower.next(NEVER)).isNull();
      assertThat(follower.isOver()).isTrue();
    }
  }

  @Test
  void endsWhoWaitsWhenItIsClosed() throws Exception {
    Feed<ChangeSet>.Follower follower = feed.follow(APP, 0);
    Future<ChangeSet> next = threads.submit(() -> follower.next(NEVER));
    await().until(() -> ledger.asked.get() == 1 && ledger.inside.get() == 0);
    follower.close();
    follower.close();
    assertThat(next.get()).isNull();
    assertThat(follower.isOver()).isTrue();
    assertThat(feed.followers()).isZero();
    ledger.commit(1);
    assertThat(follower.next(NEVER)).as("even if there is more").isNull();
  }

  @Test
  void endsAllWhenRightsChange() throws Exception {
    List<Feed<ChangeSet>.Follower> followers = List.of(feed.follow(APP, 0), feed.follow(APP, 5), feed.follow(RepositoryName.parse("b"), 0));
    List<Future<ChangeSet>> waiting = followers.stream().map(one -> threads.submit(() -> one.next(NEVER))).toList();
    await().until(() -> ledger.asked.get() == 3);
    feed.endAll();
    for (Future<ChangeSet> one : waiting) {
      assertThat(one.get()).isNull();
    }
    assertThat(followers).allMatch(Feed<ChangeSet>.Follower::isOver);
    ledger.commit(1);
    assertThat(take(feed.follow(APP, 0))).as("who comes later").isEqualTo(1);
  }

  @Test
  void aFailureReachesThoseWhoWantedToKnowAndIsNotKept() throws Exception {
    ledger.commit(1);
    ledger.failure = new IllegalStateException("on purpose");
    Feed<ChangeSet>.Follower follower = feed.follow(APP, 0);
    assertThatThrownBy(() -> follower.next(NEVER)).isSameAs(ledger.failure);
    ledger.failure = null;
    assertThat(take(follower)).isEqualTo(1);
  }

  @Test
  void keepsABoundedPartOfWhatWasRead() throws Exception {
    for (int i = 0; i < 100; i++) {
      ledger.commit(1_000);
    }
    assertThat(take(feed.follow(APP, 0), 100)).hasSize(100);
    assertThat(feed.keptChanges()).isBetween(1_000, 16_384);
  }
}
