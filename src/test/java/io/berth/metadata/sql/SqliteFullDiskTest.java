package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.NamePatterns;
import io.berth.metadata.Upload;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoreFailure;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that may not grow beyond some pages fails as one does whose disk is full. */
final class SqliteFullDiskTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final int ROOMY = 1 << 20;

  @TempDir Path folder;
  private volatile int pages = ROOMY;

  private Session connect() {
    Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + folder.resolve("metadata.db"));
    var _ = session.one("PRAGMA max_page_count = " + pages, row -> row.getInt(1));
    return session;
  }

  private static void begin(SqliteWriter writer, String id) {
    writer.<String>write(tx -> {
      tx.putUpload(new Upload(id, APP, "alice", "", Digest.Algorithm.SHA256, Instant.EPOCH));
      return null;
    });
  }

  @Test
  void whatWasCommittedStaysTheReasonIsToldAndWritingGoesOnWhenThereIsRoom() {
    try (MetadataStore store = SqliteMetadataStore.open(folder.resolve("metadata.db"))) {
      pages = 1; // SQLite takes what the file has now as the least
      List<String> committed = new ArrayList<>();
      try (var writer = new SqliteWriter(this::connect, NamePatterns.NONE)) {
        Throwable refused = null;
        for (int i = 0; refused == null && i < 10_000; i++) {
          String id = "upload" + i;
          refused = catchThrowable(() -> begin(writer, id));
          if (refused == null) {
            committed.add(id);
          }
        }

        assertThat(refused).isInstanceOfSatisfying(MetadataException.class,
            failure -> assertThat(failure.kind()).isEqualTo(StoreFailure.Kind.FULL));
        assertThat(catchThrowable(() -> begin(writer, "still"))).isInstanceOf(MetadataException.class);
        pages = ROOMY; // the writer has given its connection up, and takes a new one
        begin(writer, "after");
      }
      assertThat(committed).allSatisfy(id -> assertThat(store.<Boolean>read(tx -> tx.upload(id).isPresent())).isTrue());
      assertThat(store.<Boolean>read(tx -> tx.upload("after").isPresent())).isTrue();
      assertThat(store.<Boolean>read(tx -> tx.upload("still").isPresent())).isFalse();
    }
    try (Session session = connect()) {
      assertThat(session.one("PRAGMA integrity_check", row -> row.getString(1))).contains("ok");
    }
  }

  @Test
  void oneTransactionThatDoesNotFitFailsAloneOrWithThoseItSharesACommitWithButNeverSilently() throws InterruptedException {
    try (MetadataStore store = SqliteMetadataStore.open(folder.resolve("metadata.db"))) {
      pages = 1;
      try (var writer = new SqliteWriter(this::connect, NamePatterns.NONE)) {
        List<String> acknowledged = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
          String id = "upload" + i;
          threads.add(Thread.ofVirtual().start(() -> {
            if (catchThrowable(() -> begin(writer, id)) == null) {
              synchronized (acknowledged) {
                acknowledged.add(id);
              }
            }
          }));
        }
        for (Thread thread : threads) {
          thread.join();
        }
        assertThat(acknowledged).hasSizeLessThan(400);
        for (int i = 0; i < 400; i++) {
          String id = "upload" + i;
          assertThat(store.<Boolean>read(tx -> tx.upload(id).isPresent())).as(id).isEqualTo(acknowledged.contains(id));
        }
      }
    }
  }
}
