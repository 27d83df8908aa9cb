package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * To ask what goes after its subject, and to write it down, costs what is looked at, not what is stored: 20,000 manifests are about one, and each of
 * those is what a departure is about; a tag has moved between two of them 20,000 times. Counted in steps of SQLite's machine and in pages
 * that PostgreSQL touches.
 */
@Timeout(300)
final class DeparturePlansTest {

  private static final int MANIFESTS = 20_000;
  private static final int PAGE = 50;
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Digest SUBJECT = Digest.parse("sha256:" + "f".repeat(64));
  private static final Digest ONE = digest(1);
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final Map<String, Consumer<DepartureTable>> QUESTIONS = new TreeMap<>(Map.of(
      "what is due", table -> assertThat(table.due(NOW, PAGE)).hasSize(PAGE),
      "one departure", table -> assertThat(table.find(APP, ONE)).isPresent(),
      "the newest", table -> assertThat(table.about(APP, SUBJECT, Long.MAX_VALUE, PAGE)).hasSize(PAGE),
      "others", table -> assertThat(table.about(APP, SUBJECT, MANIFESTS / 2, PAGE)).hasSize(PAGE),
      "whether one is leaving", table -> assertThat(table.isLeaving(APP, ONE)).isTrue(),
      "when a tag left", table -> assertThat(table.untagged(APP, ONE)).isPresent(),
      "when none left", table -> assertThat(table.untagged(APP, digest(3))).isEmpty()));

  @TempDir Path folder;

  private static Digest digest(int number) {
    return Digest.parse("sha256:" + "%064d".formatted(number));
  }

  private static void fill(Statement statement, String binary) throws SQLException {
    String numbers = "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < " + MANIFESTS
        + ") SELECT i FROM number) AS numbers";
    String digest = "'sha256:' || substr('" + "0".repeat(64) + "', 1, 64 - length(CAST(i AS TEXT))) || CAST(i AS TEXT)";
    statement.execute("INSERT INTO repository (name, created_at) VALUES ('team/app', 1)");
    statement.execute("INSERT INTO manifest (repository_id, digest, media_type, size, created_at, annotations, content) SELECT 1, " + digest
        + ", 'x/y', 7, 1, '{}', CAST('a' AS " + binary + ") FROM " + numbers);
    statement.execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size) SELECT id, '/subject',"
        + " repository_id, 'subject', '" + SUBJECT + "', 'x/y', 7 FROM manifest");
    statement.execute("INSERT INTO departure (repository_id, subject, due_at, span) SELECT 1, " + digest + ", i, 1 FROM " + numbers);
    statement.execute("INSERT INTO departure (repository_id, subject, due_at, span) VALUES (1, '" + SUBJECT + "', " + (MANIFESTS + 1)
        + ", 1)");
    statement.execute("INSERT INTO tag_event (repository_id, sequence, tag, kind, digest, media_type, size, at, actor, client, total)"
        + " SELECT 1, i, 'latest', 'moved', CASE WHEN i % 2 = 1 THEN '" + ONE + "' ELSE '" + digest(2) + "' END, 'x/y', 7, i, 'a', 'c', 1"
        + " FROM " + numbers);
  }

  private static void check(Map<String, Consumer<DepartureTable>> all, ToLongFunction<Consumer<DepartureTable>> cost, long limit) {
    var dear = new TreeMap<String, Long>();
    all.forEach((name, work) -> {
      long measured = cost.applyAsLong(work);
      assertThat(measured).as("cost of " + name).isPositive();
      if (measured > limit) {
        dear.put(name, measured);
      }
    });
    assertThat(dear).as("work that costs too much").isEmpty();
  }

  @Test
  void nothingCostsWhatIsStoredInSqlite() throws SQLException {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      fill(statement, "BLOB");
      connection.commit();
      connection.setAutoCommit(true);
      var table = new DepartureTable(new Session(connection), Locks.NONE);
      var all = new TreeMap<>(QUESTIONS);
      all.put("a new one", asked -> assertThat(asked.add(APP, SUBJECT, NOW, Duration.ofDays(1), 0)).isTrue());
      all.put("none", asked -> assertThat(asked.add(APP, digest(0), NOW, Duration.ofDays(1), 0)).isFalse());
      check(all, work -> {
        try {
          return TagPlansTest.steps(connection, () -> work.accept(table));
        } catch (SQLException e) {
          throw new AssertionError(e);
        }
      }, 3_000);
    }
  }

  @Test
  void norInPostgresqlWhetherItKnowsTheParametersWhenItPlansOrNot() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      fill(statement, "BYTEA");
      statement.execute("VACUUM ANALYZE");
      for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
        statement.execute("SET plan_cache_mode = " + mode);
        check(QUESTIONS, work -> {
          var pages = new long[1];
          work.accept(new DepartureTable(new Session(TagPlansTest.explaining(connection, pages)), Locks.NONE));
          return pages[0];
        }, 400);
      }
    }
  }
}
