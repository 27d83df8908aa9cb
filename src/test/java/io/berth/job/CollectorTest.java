package io.berth.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.ops.AuditLog;
import io.berth.ops.Metrics;
import io.berth.policy.Identity;
import io.berth.policy.ReferrerRules;
import io.berth.policy.Rights;
import io.berth.policy.SparseRules;
import io.berth.policy.TagTerms;
import io.berth.registry.Caller;
import io.berth.registry.Departures;
import io.berth.registry.DigestLocks;
import io.berth.registry.Fetches;
import io.berth.registry.Garbage;
import io.berth.registry.ImageLabels;
import io.berth.registry.Leases;
import io.berth.registry.ManifestCache;
import io.berth.registry.Manifests;
import io.berth.registry.Mode;
import io.berth.registry.Patience;
import io.berth.registry.Precondition;
import io.berth.registry.TagNews;
import io.berth.registry.TagTrust;
import io.berth.registry.Tags;
import io.berth.registry.UploadLimits;
import io.berth.registry.Uploads;
import io.berth.storage.memory.MemoryBlobStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The collector at work in the background; what it does is in the tests of {@link Garbage}. */
@Timeout(60)
final class CollectorTest {

  private static final Duration GRACE = Duration.ofHours(24);
  private static final RepositoryName APP = RepositoryName.parse("team/app");

  @TempDir Path folder;

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
  private final AtomicReference<Duration> steady = new AtomicReference<>(Duration.ZERO);
  private final InstantSource clock = now::get;
  private final MemoryBlobStore storage = new MemoryBlobStore(clock);
  private final Mode mode = new Mode(false);
  private final Metrics metrics = new Metrics();
  private final Written audit = new Written();
  private MetadataStore metadata;
  private Uploads uploads;
  private Manifests manifests;
  private Collector collector;

  @BeforeEach
  void begin() {
    metadata = SqliteMetadataStore.open(folder.resolve("metadata.db"));
    var leases = new Leases(metadata, GRACE, clock, mode);
    var digests = new DigestLocks(ReentrantReadWriteLock::new);
    var cache = new ManifestCache();
    var departures = new Departures(metadata, cache, ReferrerRules.DEFAULT, TagTerms.DEFAULT, leases, clock);
    var ids = new AtomicInteger();
    uploads = new Uploads(metadata, storage, leases, digests, clock, () -> "u" + ids.incrementAndGet(), UploadLimits.DEFAULT,
        Patience.OF_A_REQUEST);
    var news = new TagNews(cache, _ -> {
    });
    var labels = new ImageLabels(metadata, storage);
    manifests = new Manifests(metadata, new Tags(metadata, news, TagTerms.DEFAULT, labels, TagTrust.NONE, clock), news, cache,
        TagTerms.DEFAULT, labels, leases, departures, SparseRules.DEFAULT, Fetches.NONE, clock);
    collector = new Collector(new Garbage(metadata, storage, leases, digests, clock, () -> steady.get().toNanos(), () -> departures), clock,
        Duration.ofMillis(1), mode, audit);
    collector.watch(metrics);
  }

  @AfterEach
  void end() {
    collector.close();
    metadata.close();
  }

  private static final Caller ALICE = new Caller(Rights.open(new Identity.User("alice")), "test/1", "192.0.2.1");

  private Digest put(String manifest) {
    Digest digest = Documents.digest(manifest);
    manifests.put(ALICE, APP, digest, List.of(), null, Precondition.NONE, Documents.bytes(manifest));
    return digest;
  }

  private Digest push(String content) {
    Digest digest = Documents.digest(content);
    var body = new ArrayDeque<>(List.of(ByteBuffer.wrap(Documents.bytes(content))));
    uploads.push(ALICE, APP, digest, body::poll);
    return digest;
  }

  private void pass(Duration time) {
    steady.updateAndGet(passed -> passed.plus(time));
    now.updateAndGet(instant -> instant.plus(time));
  }

  private String numbers() {
    return new String(metrics.scrape(null).text(), StandardCharsets.UTF_8);
  }

  @Test
  void oneRoundDoesAllThatIsDue() {
    for (int i = 0; i < 600; i++) {
      push("blob" + i);
    }
    pass(GRACE);
    assertThat(numbers()).contains("berth_gc_last_success_timestamp_seconds 0.0");

    collector.run();

    assertThat(storage.open(Documents.digest("blob0"))).isEmpty();
    assertThat(storage.open(Documents.digest("blob599"))).isEmpty();
    assertThat(numbers()).contains("berth_gc_last_success_timestamp_seconds " + now.get().toEpochMilli() / 1e3);
  }

  @Test
  void whatWentAfterItsSubjectHasOneLineOfTheAuditForTheRound() {
    push("config");
    String image = Documents.image("config");
    Digest digest = put(image);
    for (String kind : List.of("a/a", "b/b", "c/c")) {
      put(Documents.about(image, kind, "config"));
    }
    manifests.delete(ALICE, APP, digest, Precondition.NONE);
    collector.run();
    assertThat(audit.entries).as("before their grace is over").isEmpty();

    pass(GRACE);
    collector.run();
    collector.run();
    assertThat(audit.entries).singleElement().satisfies(line -> {
      assertThat(line.source()).isEqualTo(AuditLog.Source.REGISTRY);
      assertThat(line.deed().action()).isEqualTo("RemoveReferrers");
      assertThat(line.rule()).startsWith("3 manifests ");
    });
  }

  @Test
  void itLooksAgainAfterEachInterval() throws InterruptedException {
    collector.start();
    Digest blob = push("blob");
    pass(GRACE);

    while (storage.open(blob).isPresent()) {
      Thread.onSpinWait();
    }
    assertThat(metadata.<Boolean>read(tx -> tx.blobSize(APP, blob).isEmpty())).isTrue();
  }

  @Test
  void itRestsWhileNothingMayBeChanged() {
    Digest blob = push("blob");
    pass(GRACE);
    mode.readOnly(true);
    collector.run();
    assertThat(storage.open(blob)).isPresent();

    mode.readOnly(false);
    collector.run();
    assertThat(storage.open(blob)).isEmpty();
  }

  @Test
  void aRoundThatFailsIsNotTheLast() {
    Digest blob = push("blob");
    pass(GRACE);
    metadata.close();
    collector.run();
    assertThat(storage.open(blob)).isPresent();
    assertThat(numbers()).contains("berth_gc_last_success_timestamp_seconds 0.0");
  }

  @Test
  void itEndsWhenItIsClosed() {
    Digest blob = push("blob");
    collector.start();
    collector.close();
    pass(GRACE);
    collector.run();
    assertThat(storage.open(blob)).isPresent();
  }
}
