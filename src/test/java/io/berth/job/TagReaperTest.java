package io.berth.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagMove;
import io.berth.metadata.TagReads.DueTag;
import io.berth.metadata.WriteTransaction;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Documents;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.ops.AuditLog;
import io.berth.policy.DeletionRules;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.registry.ImageLabels;
import io.berth.registry.ManifestCache;
import io.berth.registry.Mode;
import io.berth.registry.TagLists;
import io.berth.registry.TagNews;
import io.berth.registry.TagTrust;
import io.berth.registry.Tags;
import io.berth.storage.memory.MemoryBlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When tags go by themselves. */
@Timeout(60)
final class TagReaperTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  /** A store of which some transactions fail, by their number. */
  private static final class Failing implements MetadataStore {

    private final MetadataStore store;
    private final AtomicInteger writes = new AtomicInteger();
    private volatile IntPredicate fails = _ -> false;

    Failing(MetadataStore store) {
      this.store = store;
    }

    @Override
    public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
      return store.read(work);
    }

    @Override
    public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
      if (fails.test(writes.getAndIncrement())) {
        throw new MetadataException("the metadata store failed", new IOException("Input/output error"));
      }
      return store.write(work);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @TempDir Path folder;

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final InstantSource clock = now::get;
  private final AtomicReference<Optional<Duration>> rest = new AtomicReference<>(Optional.empty());
  private final Mode mode = new Mode(false);
  private final Written audit = new Written();
  private Failing metadata;
  private TagReaper reaper;

  @BeforeEach
  void begin() {
    metadata = new Failing(SqliteMetadataStore.open(folder.resolve("metadata.db")));
    reaper = reaper(Duration.ofDays(1));
  }

  private TagReaper reaper(Duration interval) {
    var immutable = new TagRule("kept", Glob.ofRepositories("**"), Glob.ofTags("kept*"), true, Set.of(), new Expiry.Never(), Set.of());
    var terms = new TagTerms(DeletionRules.DEFAULT, new TagRules(List.of(immutable)), Duration.ofDays(14));
    var tags = new Tags(metadata, new TagNews(new ManifestCache(), _ -> {
    }), terms, new ImageLabels(metadata, new MemoryBlobStore(clock)), TagTrust.NONE, clock);
    return new TagReaper(new TagLists(metadata), tags::expire, clock, rest::get, interval, mode, audit);
  }

  @AfterEach
  void end() {
    reaper.close();
    metadata.close();
  }

  /** Makes tags that expire a day after the start, the first of them first. */
  private void make(String prefix, int count) {
    metadata.store.write(tx -> {
      tx.linkBlob(APP, Documents.digest("blob"), 4, START, START);
      var content = new TagContent(new Descriptor(MediaType.OCI_MANIFEST, Documents.digest("blob"), 4, null), null, null, null);
      for (int i = 0; i < count; i++) {
        tx.moveTags(APP, List.of(new TagMove(new Tag(prefix + i), null, content, START.plus(DAY), TagMove.Cause.REQUEST)),
            new Author("user:alice", "test/1"), START);
      }
      return content;
    });
  }

  private long left() {
    return metadata.read(tx -> tx.progress(APP)).total();
  }

  @Test
  void theyGoWhenTheirTimeHasComeAndNotBefore() {
    make("t", 3);
    now.set(START.plus(DAY).minusNanos(1_000));
    reaper.run();
    assertThat(left()).isEqualTo(3);

    now.set(START.plus(DAY));
    reaper.run();
    assertThat(left()).isZero();
  }

  @Test
  void eachThatGoesHasALineOfTheAuditAndWhatStaysHasNone() {
    make("kept", 1);
    make("t", 2);
    now.set(START.plus(DAY));
    reaper.run();

    assertThat(audit.entries).hasSize(2).allSatisfy(line -> {
      assertThat(line.source()).isEqualTo(AuditLog.Source.REGISTRY);
      assertThat(line.decision()).isEqualTo(AuditLog.Decision.ALLOWED);
      assertThat(line.deed().action()).isEqualTo("ExpireTag");
      assertThat(line.deed().repository()).isEqualTo("team/app");
    });
    assertThat(audit.entries.stream().flatMap(line -> line.deed().tags().stream())).containsExactlyInAnyOrder("t0", "t1");
  }

  @Test
  void noneGoesWhileEachHasToHaveALineAndNoneCanBeWritten() {
    make("t", 2);
    now.set(START.plus(DAY));
    audit.ready = false;
    reaper.run();
    assertThat(left()).isEqualTo(2);

    audit.ready = true;
    reaper.run();
    assertThat(left()).isZero();
  }

  @Test
  void oneRoundRemovesAllHoweverManyTheyAre() {
    make("t", 1_234);
    now.set(START.plus(DAY));
    reaper.run();
    assertThat(left()).isZero();
  }

  @Test
  void thoseThatARuleKeepsAreNotInTheWayOfOthers() {
    make("kept", 700);
    make("t", 700);
    now.set(START.plus(DAY));
    reaper.run();

    assertThat(left()).isEqualTo(700);
    assertThat(metadata.<List<DueTag>>read(tx -> tx.dueTags(now.get(), 10))).as("what waits").isEmpty();
  }

  @Test
  void thoseThatFailAreNotInTheWayOfOthersAndGoTheNextTime() {
    make("t", 1_000);
    now.set(START.plus(DAY));
    metadata.fails = number -> number % 100 == 7;
    reaper.run();
    assertThat(left()).isEqualTo(10);

    metadata.fails = _ -> false;
    reaper.run();
    assertThat(left()).isZero();
  }

  @Test
  void aStoreThatFailsIsNotAskedForEachOfThem() {
    make("t", 1_000);
    now.set(START.plus(DAY));
    metadata.fails = _ -> true;
    reaper.run();

    assertThat(metadata.writes).hasValueLessThan(100);
    assertThat(left()).isEqualTo(1_000);
  }

  @Test
  void noneGoesWhileNothingMayBeChangedOrTheClockCannotBeGoneBy() {
    make("t", 3);
    now.set(START.plus(DAY));
    mode.readOnly(true);
    reaper.run();
    assertThat(left()).isEqualTo(3);

    mode.readOnly(false);
    rest.set(Optional.of(Duration.ofHours(1)));
    reaper.run();
    assertThat(left()).isEqualTo(3);

    rest.set(Optional.empty());
    reaper.run();
    assertThat(left()).isZero();
  }

  /** Nothing is due then, though it just was. */
  @Test
  void aClockThatIsPutBackInTheMiddleEndsTheRound() {
    make("t", 3);
    now.set(START.plus(DAY));
    metadata.fails = number -> {
      now.set(START);
      return false;
    };
    reaper.run();
    assertThat(left()).isEqualTo(3);
  }

  @Test
  void itLooksAgainAfterEachIntervalAlsoAfterOneThatFailed() {
    reaper.close();
    make("t", 3);
    now.set(START.plus(DAY));
    metadata.fails = number -> number < 5;
    reaper = reaper(Duration.ofMillis(1));
    reaper.start();

    while (left() > 0) {
      Thread.onSpinWait();
    }
    assertThat(metadata.writes).hasValueGreaterThan(5);
  }

  @Test
  void itEndsWhenItIsClosed() {
    make("t", 3);
    now.set(START.plus(DAY));
    reaper.close();
    reaper.run();
    assertThat(left()).isEqualTo(3);
  }
}
