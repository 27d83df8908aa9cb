package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.metadata.ReadTransaction.Orphan;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database of an older Berth is brought to the present schema with what it holds, and its queues are found by their indexes. */
final class MigrationTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant LATER = NOW.plus(Duration.ofDays(1));
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Digest HELD = Documents.digest("held");
  private static final Digest LEFT = Documents.digest("left");

  @TempDir Path folder;

  private static void holdTwoBlobsOneOfThemInNoRepository(Session session) {
    session.run("INSERT INTO repository (name, created_at) VALUES (?, 1)", APP);
    session.run("INSERT INTO blob (digest, size, created_at) VALUES (?, 4, 1)", HELD);
    session.run("INSERT INTO blob (digest, size, created_at) VALUES (?, 5, 1)", LEFT);
    session.run(
        "INSERT INTO link (repository_id, blob_id, created_at) SELECT repository.id, blob.id, 1 FROM repository, blob WHERE digest = ?",
        HELD);
  }

  /** What a repository holds stays as if a manifest needed it; what none holds gets a whole grace at the first look. */
  private static void assertThatNobodyHasLookedYet(MetadataStore store) {
    store.read(tx -> {
      assertThat(tx.heldBlob(APP, HELD)).contains(new HeldBlob(4, null));
      assertThat(tx.dueLinks(NOW, 10)).isEmpty();
      return assertThat(tx.dueOrphans(NOW, 10)).containsExactly(new Orphan(LEFT, 5));
    });
    assertThat(store.<Boolean>write(tx -> tx.condemnBlob(LEFT, NOW, LATER))).isFalse();
    store.read(tx -> {
      assertThat(tx.dueOrphans(LATER.minusMillis(1), 10)).isEmpty();
      return assertThat(tx.dueOrphans(LATER, 10)).containsExactly(new Orphan(LEFT, 5));
    });
    assertThat(store.<Boolean>write(tx -> tx.condemnBlob(LEFT, LATER, LATER))).isTrue();
  }

  @Test
  void aFileFromBeforeTheCollectorIsLookedAtFirst() {
    Path file = folder.resolve("metadata.db");
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + file)) {
      Migrations.run(session, Dialect.SQLITE, 1);
      holdTwoBlobsOneOfThemInNoRepository(session);
    }
    try (MetadataStore store = SqliteMetadataStore.open(file)) {
      assertThatNobodyHasLookedYet(store);
    }
  }

  @Test
  void aPostgresqlDatabaseFromBeforeTheCollectorIsLookedAtFirst() throws SQLException {
    String database = PostgresForTests.newDatabase();
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      Migrations.run(session, Dialect.POSTGRESQL, 1);
      holdTwoBlobsOneOfThemInNoRepository(session);
    }
    try (MetadataStore store = PostgresMetadataStore.open(PostgresForTests.options(database), () -> {})) {
      assertThatNobodyHasLookedYet(store);
    }
  }

  @Test
  void theQueuesAreReadByTheirIndexes() {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + file)) {
      assertThat(plan(session, "EXPLAIN QUERY PLAN " + BlobTable.DUE, 4)).contains("INDEX link_by_expires_at")
          .noneMatch(step -> step.contains("SCAN"));
      assertThat(plan(session, "EXPLAIN QUERY PLAN " + OrphanQueue.DUE, 4)).contains("INDEX blob_by_orphaned_at");
    }
  }

  @Test
  void theQueuesAreReadByTheirIndexesInPostgresqlToo() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      session.run("SET enable_seqscan = off");
      session.run("SET enable_bitmapscan = off");
      assertThat(plan(session, "EXPLAIN " + BlobTable.DUE, 1)).contains("Index Scan using link_by_expires_at");
      assertThat(plan(session, "EXPLAIN " + OrphanQueue.DUE, 1)).contains("Index Scan using blob_by_orphaned_at");
    }
  }

  /** The steps, each cut to what names its index. */
  private static List<String> plan(Session session, String question, int column) {
    return session.all(question, row -> row.getString(column), 1L, 10).stream()
        .map(step -> step.replaceAll(".*?((INDEX|Index Scan using) [a-z_]+).*", "$1")).toList();
  }
}
