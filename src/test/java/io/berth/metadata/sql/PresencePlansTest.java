package io.berth.metadata.sql;

import static io.berth.metadata.sql.TagPlansTest.explaining;
import static io.berth.metadata.sql.TagPlansTest.steps;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What it costs that something comes does not follow from how much came in the last month: behind 50,000 changes, none of which is old. */
@Timeout(120)
final class PresencePlansTest {

  private static final int CHANGES = 50_000;
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Instant NOW = Times.instant(1_000_000L * CHANGES);
  private static final Instant LATER = NOW.plus(Duration.ofDays(1));

  @TempDir Path folder;

  private static void fill(Statement statement) throws SQLException {
    for (int repository = 1; repository <= 2; repository++) {
      statement.execute("INSERT INTO repository (name, sequence, presence_sequence, created_at, changed_at, tags) VALUES ('team/"
          + (repository == 1 ? "app" : "lib") + "', 0, " + CHANGES + ", 1, 1, 0)");
      statement.execute("INSERT INTO presence (repository_id, sequence, content, present, at) SELECT " + repository + ", i, 'sha256:"
          + "0".repeat(64)
          + "', 1, 1000000 * CAST(i AS BIGINT) FROM (WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < "
          + CHANGES + ") SELECT i FROM number) AS numbers");
    }
  }

  @Test
  void whatComesIsWrittenDownAtTheSamePriceInSqlite() throws SQLException {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    Digest layer = Documents.digest("layer");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      fill(statement);
      connection.commit();
      connection.setAutoCommit(true);
      statement.execute(
          "INSERT INTO manifest (id, repository_id, digest, media_type, size, created_at, annotations, content) VALUES (1, 1, 'sha256:"
              + "1".repeat(64) + "', 'application/vnd.oci.image.manifest.v1+json', 2, 1, '{}', '{}')");
      statement.execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size) VALUES (1, '/layers/0', 1,"
          + " 'layer', '" + layer + "', 'application/vnd.oci.image.layer.v1.tar', 5)");
      var transaction = new SqlTransaction(new Session(connection), Locks.NONE);

      assertThat(steps(connection, () -> linkBlob(transaction, layer))).isLessThan(2_000);
      assertThat(transaction.presence().changes(APP, CHANGES, 10)).hasSize(1);
    }
  }

  private static void linkBlob(SqlTransaction transaction, Digest blob) {
    transaction.linkBlob(APP, blob, 5, NOW, LATER);
    transaction.settle();
  }

  /** A layer that so many images have, and a manifest that so many point at. */
  private static void point(Statement statement, Digest layer, Digest subject, String binary) throws SQLException {
    statement.execute(
        "INSERT INTO manifest (repository_id, digest, media_type, size, created_at, annotations, content) SELECT 1, 'sha256:' || i,"
            + " 'application/vnd.oci.image.manifest.v1+json', 2, 1, '{}', CAST('{}' AS " + binary
            + ") FROM (WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 20000) SELECT i FROM number) AS numbers");
    edges(statement, "/layers/0", "'" + layer + "'", "layer");
    edges(statement, "/layers/1", "digest || '-1'", "layer");
    edges(statement, "/subject", "'" + subject + "'", "subject");
  }

  private static void edges(Statement statement, String pointer, String target, String kind) throws SQLException {
    statement
        .execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size) SELECT id, '" + pointer + "', 1, '"
            + kind + "', " + target + ", 'application/octet-stream', 5 FROM manifest");
  }

  @Test
  void whatIsThereMayComeAgainHoweverManyNeedItInSqlite() throws SQLException {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = connection.createStatement()) {
      fill(statement);
      Digest layer = Documents.digest("layer");
      Digest subject = Documents.digest("subject");
      var transaction = new SqlTransaction(new Session(connection), Locks.NONE);
      transaction.linkBlob(APP, layer, 5, NOW, LATER);
      point(statement, layer, subject, "BLOB");
      assertThat(steps(connection, () -> linkBlob(transaction, layer))).isLessThan(2_000);
      assertThat(steps(connection, () -> transaction.presence().comes(APP, subject, NOW))).isLessThan(2_000);
      assertThat(transaction.presence().changed()).isEmpty();
    }
  }

  @Test
  void andInPostgresql() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      fill(statement);
      Digest layer = Documents.digest("layer");
      Digest subject = Documents.digest("subject");
      new SqlTransaction(new Session(connection), Locks.NONE).linkBlob(APP, layer, 5, NOW, LATER);
      point(statement, layer, subject, "BYTEA");
      statement.execute("VACUUM ANALYZE");
      for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
        statement.execute("SET plan_cache_mode = " + mode);
        for (String question : List.of(PresenceTable.NEW_BLOB, PresenceTable.NEW_MANIFEST, PresenceTable.NEEDED)) {
          for (Digest content : List.of(layer, subject)) {
            var pages = new long[1];
            Object[] parameters =
                question.equals(PresenceTable.NEEDED) ? new Object[] {APP, content, content}
                    : new Object[] {APP, content, content, APP, content};
            new Session(explaining(connection, pages)).one(question, _ -> true, parameters);
            assertThat(pages[0]).as(mode + question + content).isBetween(1L, 60L);
          }
        }
      }
    }
  }

  @Test
  void norAreMorePagesTouchedInPostgresqlWhenTheOldestAreLookedFor() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      fill(statement);
      statement.execute("VACUUM ANALYZE");
      for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
        statement.execute("SET plan_cache_mode = " + mode);
        var pages = new long[1];
        assertThat(new Session(explaining(connection, pages)).all(PresenceTable.OLDEST, row -> row.getLong(1), APP)).hasSize(10);
        assertThat(pages[0]).as(mode).isBetween(1L, 30L);
      }
    }
  }
}
