package io.berth.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Documents;
import io.berth.oci.ImageRefs;
import io.berth.oci.PullCounts;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.registry.Mode;
import io.berth.registry.PullBook;
import io.berth.registry.Pulls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When what was pulled is written down, and when it is forgotten. */
@Timeout(60)
final class PullWriterTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final LocalDate TODAY = LocalDate.ofInstant(START, ZoneOffset.UTC);
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A store that is out of order for a while. */
  private static final class Breakable implements MetadataStore {

    private final MetadataStore store;
    private volatile boolean broken;

    Breakable(MetadataStore store) {
      this.store = store;
    }

    @Override
    public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
      return store.read(work);
    }

    @Override
    public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
      if (broken) {
        throw new MetadataException("on purpose", new IOException("Input/output error"));
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
  private final Mode mode = new Mode(false);
  private final Pulls pulls = new Pulls(now::get, 8);
  private Breakable metadata;
  private PullWriter writer;

  @BeforeEach
  void begin() {
    metadata = new Breakable(SqliteMetadataStore.open(folder.resolve("metadata.db")));
    metadata.write(tx -> {
      tx.linkBlob(APP, Documents.digest("blob"), 4, START, START);
      return true;
    });
    writer = writer(NEVER);
  }

  private PullWriter writer(Duration interval) {
    return new PullWriter(pulls, new PullBook(metadata, pulls), now::get, mode, interval, 400);
  }

  @AfterEach
  void end() {
    writer.close();
    metadata.close();
  }

  private void pull(String content) {
    pulls.count(APP, Documents.digest(content), Rights.open(new Identity.Anonymous()), ImageRefs.NONE, new PullCounts(0, 1, 4));
  }

  private long written() {
    List<PullDay> days = metadata.read(tx -> tx.pulls().days(APP, LocalDate.EPOCH, LocalDate.of(9999, 12, 31), null, 1_000));
    return days.stream().mapToLong(day -> day.unattributed().blobs()).sum();
  }

  @Test
  void whatIsLeftIsWrittenAtTheEnd() {
    writer.start();
    pull("blob");
    writer.close();

    assertThat(written()).isEqualTo(1);
    assertThat(pulls.dropped()).isZero();
  }

  @Test
  void itIsWrittenAfterTheInterval() {
    writer = writer(Duration.ofMillis(50));
    writer.start();
    pull("blob");
    await().atMost(PATIENCE).until(() -> written() == 1);
    pull("blob");
    await().atMost(PATIENCE).until(() -> written() == 2);
  }

  @Test
  void itIsWrittenBeforeThatWhenThereIsMuch() {
    writer.start();
    for (int i = 0; i < 4; i++) {
      pull("blob " + i);
    }
    await().atMost(PATIENCE).until(() -> written() == 4);
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenLater() {
    metadata.broken = true;
    pull("blob");
    writer.round();
    pull("blob");
    writer.round();
    assertThat(writer.failures()).isEqualTo(2);

    metadata.broken = false;
    writer.round();
    assertThat(written()).isEqualTo(2);
    assertThat(pulls.dropped()).isZero();
  }

  @Test
  void toCountGoesOnWhileNothingCanBeWrittenAndWhatIsTooMuchIsLeftOut() {
    metadata.broken = true;
    writer = writer(Duration.ofMillis(1));
    writer.start();
    for (int i = 0; i < 10_000; i++) {
      pull("blob " + i);
    }
    assertThat(pulls.waiting()).isLessThanOrEqualTo(8);
    assertThat(pulls.dropped()).isPositive();
    await().atMost(PATIENCE).until(() -> writer.failures() > 1);
  }

  @Test
  void whatCanNeverBeWrittenIsCountedAsLeftOut() {
    metadata.broken = true;
    pull("blob");
    writer.start();
    writer.close();

    assertThat(pulls.dropped()).isEqualTo(1);
  }

  @Test
  void nothingIsWrittenWhileNothingMayBeChanged() {
    mode.readOnly(true);
    pull("blob");
    writer.round();
    assertThat(written()).isZero();

    mode.readOnly(false);
    writer.round();
    assertThat(written()).isEqualTo(1);
  }

  @Test
  void whatIsOldIsForgottenHoweverMuchItIs() {
    metadata.write(tx -> {
      for (int i = 0; i < 1_500; i++) {
        var one = new PullDay(TODAY.minusDays(i), null, PullCounts.NONE, PullCounts.NONE, new PullCounts(0, 1, 4));
        tx.pulls().add(APP, List.of(one));
      }
      return true;
    });
    writer.round();
    assertThat(written()).as("today and 400 days").isEqualTo(401);

    now.set(START.plus(Duration.ofDays(1)));
    writer.round();
    assertThat(written()).isEqualTo(400);
  }
}
