package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.PresenceReads;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagMove;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.Tagged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions that get in each other's way in PostgreSQL come out as if they had run one after the other. */
@Timeout(120)
final class PostgresRacesTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant LATER = NOW.plus(Duration.ofDays(1));
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final RepositoryName LIB = RepositoryName.parse("team/lib");
  private static final Digest ONE = Documents.digest("one");

  private final String database = PostgresForTests.newDatabase();
  private MetadataStore store;
  private ExecutorService threads;

  @BeforeEach
  void open() {
    store = PostgresMetadataStore.open(PostgresForTests.options(database), () -> {});
    threads = Executors.newCachedThreadPool();
    store.write(tx -> link(tx, "seed"));
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    store.close();
  }

  private static Digest link(WriteTransaction tx, String blob) {
    tx.linkBlob(APP, Documents.digest(blob), blob.length(), NOW, LATER);
    return Documents.digest(blob);
  }

  private static Digest put(WriteTransaction tx, String document) {
    byte[] bytes = Documents.bytes(document);
    Manifest parsed = Manifest.parse(null, bytes);
    Digest digest = Digest.Algorithm.SHA256.of(bytes);
    tx.putManifest(APP, new StoredManifest(digest, parsed.mediaType(), bytes), parsed, NOW, LATER);
    return digest;
  }

  private static TagEvent move(WriteTransaction tx, String tag, Digest to) {
    TagContent before = tx.tagged(APP, new Tag(tag)).map(Tagged::content).orElse(null);
    TagContent after = to == null ? null : new TagContent(new Descriptor(MediaType.OCI_MANIFEST, to, 3, null), null, null, null);
    return tx
        .moveTags(APP, List.of(new TagMove(new Tag(tag), before == null ? null : before.target(), after, null, TagMove.Cause.REQUEST)),
            new Author("user:alice", "test/1"),
            NOW)
        .getFirst();
  }

  private <T> Future<T> inBackground(Callable<T> task) {
    return threads.submit(task);
  }

  private <T> Future<T> writing(Function<WriteTransaction, T> work) {
    return inBackground(() -> store.write(work));
  }

  /** Each owns a repository and then wants the other's; the server makes one of them give way, and that one is run again. */
  @Test
  void transactionsThatWaitForEachOtherAreRunAgain() throws Exception {
    var bothHaveOne = new CyclicBarrier(2);
    var runs = new AtomicInteger();
    Function<List<RepositoryName>, Function<WriteTransaction, Digest>> work = repositories -> tx -> {
      tx.deleteRepository(repositories.getFirst(), LATER);
      if (runs.incrementAndGet() <= 2) {
        await(bothHaveOne);
      }
      tx.deleteRepository(repositories.getLast(), LATER);
      return link(tx, "anew");
    };

    var first = writing(work.apply(List.of(APP, LIB)));
    var second = writing(work.apply(List.of(LIB, APP)));

    assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(second.get(30, TimeUnit.SECONDS));
    assertThat(runs).as("runs of two transactions, one of which gave way").hasValueGreaterThanOrEqualTo(3);
    assertThat(store.<List<RepositoryName>>read(tx -> tx.repositories("", 10))).containsExactly(APP);
  }

  /** With many tags in one transaction, nobody waits for anybody who waits for him. */
  @Test
  void tagsThatChangeTogetherInAnyOrderDoNotDeadlock() throws Exception {
    List<String> tags = List.of("a", "b", "c");
    var changes = new ArrayList<Future<Digest>>();
    long began = System.nanoTime();
    for (int i = 0; i < 60; i++) {
      var order = new ArrayList<>(tags.subList(0, 1 + i % 3));
      Collections.rotate(order, i);
      Digest to = Documents.digest("to" + i);
      changes.add(writing(tx -> {
        order.forEach(tag -> move(tx, tag, to));
        return to;
      }));
    }
    for (Future<Digest> change : changes) {
      change.get();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).as("no deadlock, which the server notices after a second at the earliest")
        .isLessThan(Duration.ofSeconds(10));
    List<TagEvent> events = store.read(tx -> tags.stream().flatMap(tag -> tx.history(APP, new Tag(tag), 1_000).stream()).toList());
    assertThat(events).hasSize(120);
  }

  /** One stores something that is awaited before it changes a tag, the other behind it, as two copies do. */
  @Test
  void whatComesAndTagsThatChangeInAnyOrderDoNotDeadlock() throws Exception {
    store.write(tx -> put(tx, Documents.index("first", "second")));
    var bothHaveOne = new CyclicBarrier(2);
    var runs = new AtomicInteger();
    var first = writing(tx -> {
      link(tx, "first");
      runs.incrementAndGet();
      await(bothHaveOne);
      move(tx, "latest", ONE);
      return ONE;
    });
    var second = writing(tx -> {
      move(tx, "latest", ONE);
      runs.incrementAndGet();
      await(bothHaveOne);
      return link(tx, "second");
    });

    first.get(30, TimeUnit.SECONDS);
    second.get(30, TimeUnit.SECONDS);
    assertThat(runs).as("runs of two transactions, none of which gave way").hasValue(2);
    assertThat(store.<List<Long>>read(tx -> tx.presence().changes(APP, 0, 10).stream().map(PresenceReads.Change::sequence).toList()))
        .containsExactly(1L, 2L);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A manifest is pushed while the blob that it needs is deleted: either the one or the other, whoever comes first. */
  @Test
  void noManifestLosesItsBlobToADeletionAtTheSameTime() throws Exception {
    for (int i = 0; i < 60; i++) {
      String blob = "blob" + i;
      String document = Documents.image(blob);
      store.write(tx -> link(tx, blob));
      var start = new CyclicBarrier(2);
      Future<Boolean> push = inBackground(() -> {
        start.await();
        return store.write(tx -> {
          if (tx.blobSize(APP, Documents.digest(blob)).isEmpty()) {
            return false;
          }
          put(tx, document);
          return true;
        });
      });
      Future<Boolean> deletion = inBackground(() -> {
        start.await();
        return store.write(tx -> tx.neededBy(APP, Documents.digest(blob)).isEmpty() && tx.unlinkBlob(APP, Documents.digest(blob), LATER));
      });

      assertThat(push.get()).as("pushed, or deleted").isNotEqualTo(deletion.get());
      assertThat(store.<Boolean>read(tx -> tx.manifestSize(APP, Documents.digest(document)).isPresent())).isEqualTo(push.get());
      assertThat(store.<Boolean>read(tx -> tx.blobSize(APP, Documents.digest(blob)).isPresent())).isEqualTo(push.get());
    }
  }

  /** Each acts on the absence of what the other adds, so only one of them may have seen it absent. */
  @Test
  void absenceIsTrueUntilTheEnd() throws Exception {
    for (int i = 0; i < 40; i++) {
      String left = "left" + i;
      String right = "right" + i;
      var start = new CyclicBarrier(2);
      Future<Boolean> first = inBackground(() -> linkUnless(start, left, right));
      Future<Boolean> second = inBackground(() -> linkUnless(start, right, left));

      assertThat(List.of(first.get(), second.get())).containsExactlyInAnyOrder(true, false);
    }
  }

  private boolean linkUnless(CyclicBarrier start, String blob, String other) {
    await(start);
    return store.write(tx -> {
      if (tx.blobSize(APP, Documents.digest(other)).isPresent()) {
        return false;
      }
      link(tx, blob);
      return true;
    });
  }

  @Test
  void aRepositoryIsDeletedWithAllOrRisesAnewWithAll() throws Exception {
    for (int i = 0; i < 30; i++) {
      var start = new CyclicBarrier(2);
      String document = Documents.image("seed");
      store.write(tx -> link(tx, "seed"));
      Future<Boolean> push = inBackground(() -> {
        await(start);
        return store.write(tx -> {
          if (tx.blobSize(APP, Documents.digest("seed")).isEmpty()) {
            return false;
          }
          move(tx, "latest", put(tx, document));
          return true;
        });
      });
      Future<Boolean> deletion = inBackground(() -> {
        await(start);
        return store.write(tx -> tx.deleteRepository(APP, LATER));
      });

      assertThat(deletion.get()).isTrue();
      push.get();
      store.read(tx -> {
        assertThat(tx.manifest(APP, new Tag("latest"))).isEmpty();
        return assertThat(tx.repositoryExists(APP)).isFalse();
      });
    }
  }

  /** Who reads the newest event knows all that came before it. */
  @Test
  void eventsOfARepositoryAppearInOrder() throws Exception {
    var writers = tagNames().stream().map(tag -> inBackground(() -> {
      for (int n = 0; n < 60; n++) {
        Digest to = Documents.digest(tag + "/" + n);
        store.write(tx -> move(tx, tag.value(), to));
      }
      return tag;
    })).toList();
    while (!writers.stream().allMatch(Future::isDone)) {
      List<Long> seen = store.read(tx -> tagNames().stream().flatMap(tag -> tx.history(APP, tag, 1_000).stream()).map(TagEvent::sequence)
          .sorted().toList());
      for (int i = 0; i < seen.size(); i++) {
        assertThat(seen.get(i)).isEqualTo(i + 1L);
      }
    }
    for (Future<Tag> writer : writers) {
      writer.get();
    }
  }

  private static List<Tag> tagNames() {
    return List.of(new Tag("t0"), new Tag("t1"), new Tag("t2"), new Tag("t3"));
  }

  @Test
  void whoWaitsToWriteKeepsNobodyFromReading() throws Exception {
    var held = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var holder = writing(tx -> {
      move(tx, "hot", ONE);
      held.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return ONE;
    });
    held.await();
    List<Future<TagEvent>> waiting = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j").stream()
        .map(blob -> writing(tx -> move(tx, "hot", Documents.digest(blob)))).toList();

    for (int i = 0; i < 20; i++) {
      assertThat(store.<Boolean>read((ReadTransaction tx) -> tx.repositoryExists(APP))).isTrue();
    }
    release.countDown();
    holder.get();
    for (Future<TagEvent> done : waiting) {
      assertThat(done.get()).isNotNull();
    }
  }
}
