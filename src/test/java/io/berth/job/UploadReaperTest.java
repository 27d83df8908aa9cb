package io.berth.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.registry.Caller;
import io.berth.registry.ClockWatch;
import io.berth.registry.DigestLocks;
import io.berth.registry.Leases;
import io.berth.registry.Mode;
import io.berth.registry.Patience;
import io.berth.registry.UploadLimits;
import io.berth.registry.Uploads;
import io.berth.storage.memory.MemoryBlobStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When unfinished uploads end by themselves. */
final class UploadReaperTest {

  private static final Duration IDLE = Duration.ofDays(7);
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Caller ALICE = new Caller(Rights.open(new Identity.User("alice")), "test/1", "192.0.2.1");

  @TempDir Path folder;

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
  private final AtomicReference<Duration> steady = new AtomicReference<>(Duration.ZERO);
  private final InstantSource clock = now::get;
  private final Mode mode = new Mode(false);
  private MetadataStore metadata;
  private Uploads uploads;
  private UploadReaper reaper;
  private String id;

  @BeforeEach
  void begin() {
    metadata = SqliteMetadataStore.open(folder.resolve("metadata.db"));
    var ids = new AtomicInteger();
    uploads = new Uploads(metadata, new MemoryBlobStore(clock), new Leases(metadata, Duration.ofHours(24), clock, mode),
        new DigestLocks(ReentrantReadWriteLock::new), clock, () -> "u" + ids.incrementAndGet(), UploadLimits.DEFAULT,
        Patience.OF_A_REQUEST);
    reaper = started();
    id = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    reaper.run();
  }

  @AfterEach
  void end() {
    reaper.close();
    metadata.close();
  }

  private UploadReaper started() {
    var watch = new ClockWatch(metadata, clock, () -> steady.get().toNanos(), IDLE, "no unfinished upload ends");
    return new UploadReaper(uploads, clock, watch, IDLE, Duration.ofDays(1), mode);
  }

  private void pass(Duration time) {
    steady.updateAndGet(passed -> passed.plus(time));
    putForward(time);
  }

  private void putForward(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  private void append() {
    Iterator<ByteBuffer> body = List.of(ByteBuffer.wrap(new byte[3])).iterator();
    uploads.append(ALICE, APP, id, null, () -> body.hasNext() ? body.next() : null);
  }

  private void isGone() {
    assertThatThrownBy(() -> uploads.status(ALICE, APP, id)).isInstanceOf(RegistryException.class);
  }

  @Test
  void idleOnesEnd() {
    pass(IDLE);
    reaper.run();
    assertThat(uploads.status(ALICE, APP, id)).isZero();

    pass(Duration.ofSeconds(1));
    reaper.run();
    isGone();
  }

  @Test
  void noneEndsWhileNothingMayBeChanged() {
    pass(IDLE.multipliedBy(2));
    mode.readOnly(true);
    reaper.run();
    assertThat(uploads.status(ALICE, APP, id)).isZero();

    mode.readOnly(false);
    reaper.run();
    isGone();
  }

  @Test
  void whenTheClockWasPutForwardThoseThatGoOnWithinAnHourStay() {
    putForward(IDLE.multipliedBy(2));
    reaper.run();
    append();
    pass(Duration.ofHours(1));
    reaper.run();

    assertThat(uploads.status(ALICE, APP, id)).isEqualTo(3);
  }

  @Test
  void andTheOthersEndThen() {
    putForward(IDLE.multipliedBy(2));
    reaper.run();
    pass(Duration.ofHours(1).minusSeconds(1));
    reaper.run();
    assertThat(uploads.status(ALICE, APP, id)).isZero();

    pass(Duration.ofSeconds(1));
    reaper.run();
    isGone();
  }

  @Test
  void whenItWasPutForwardBeforeAStartTheSameHolds() {
    reaper.close();
    putForward(IDLE.multipliedBy(2));
    reaper = started();
    reaper.run();
    append();
    pass(Duration.ofHours(1));
    reaper.run();

    assertThat(uploads.status(ALICE, APP, id)).isEqualTo(3);
  }
}
