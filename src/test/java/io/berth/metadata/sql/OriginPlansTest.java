package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether a blob is nowhere, in one repository that is not asked about, or in thousands of them, costs the same: the same number of steps of SQLite's
 * machine, and the same number of pages that PostgreSQL touches. There are 10,000 repositories: the first 9,000 are of a class that is not asked
 * about and hold one blob in common, the others are of 100 classes.
 */
@Timeout(300)
final class OriginPlansTest {

  private static final int REPOSITORIES = 10_000;
  private static final int PRIVATE = 9_000;
  private static final int CLASSES = 100;
  private static final RepositoryName READABLE = RepositoryName.parse("r" + REPOSITORIES);
  private static final Digest EVERYWHERE = numbered(1_000_000);
  private static final Digest ONCE = numbered(2_000_000);
  private static final List<Digest> ABSENT = List.of(numbered(1_000_001), numbered(2_000_001), numbered(42_000));

  @TempDir Path folder;

  private static Digest numbered(int i) {
    return Digest.parse("sha256:" + String.format("%064d", i));
  }

  /** A question whether a blob is somewhere. */
  private record Question(String name, int most, Asked asked) {}

  private interface Asked {
    boolean of(ReadTransaction tx, Digest blob);
  }

  private static Set<String> patterns(int number) {
    var patterns = new HashSet<String>();
    IntStream.range(0, number).forEach(i -> patterns.add("p" + i));
    return patterns;
  }

  private static List<RepositoryName> names(int number) {
    var names = new ArrayList<RepositoryName>();
    IntStream.rangeClosed(PRIVATE + 1, PRIVATE + number).forEach(i -> names.add(RepositoryName.parse("r" + i)));
    return names;
  }

  private static List<Question> questions() {
    return List.of(
        new Question("in a repository", 10, (tx, blob) -> tx.heldBlob(READABLE, blob).isPresent()),
        new Question("among names", 64, (tx, blob) -> tx.origins().among(names(64), blob).isPresent()),
        new Question("among many names", 500, (tx, blob) -> tx.origins().among(names(500), blob).isPresent()),
        new Question("in one class", 1, (tx, blob) -> tx.origins().matching(List.of(Set.of("p7")), blob).isPresent()),
        new Question("in some classes", 50, (tx, blob) -> tx.origins().matching(List.of(patterns(50)), blob).isPresent()),
        new Question("in all classes that are readable", CLASSES,
            (tx, blob) -> tx.origins().matching(List.of(Set.of("readable")), blob).isPresent()),
        new Question("in classes of two patterns", 50, (tx, blob) -> tx.origins().matching(List.of(patterns(50), Set.of("readable")), blob)
            .isPresent()),
        new Question("by a pattern that nothing is as", 1, (tx, blob) -> tx.origins().matching(List.of(Set.of("q")), blob).isPresent()),
        new Question("as what a manifest needs", 32, (tx, blob) -> !tx.graph().blobSizes(READABLE, List.of(blob, numbered(5))).isEmpty()));
  }

  private static void fill(Statement statement) throws SQLException {
    String numbers = "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < " + REPOSITORIES
        + ") SELECT i FROM number) AS numbers";
    String digest = "'sha256:' || substr('" + "0".repeat(64) + "', 1, 64 - length(CAST(i * 7 AS TEXT))) || CAST(i * 7 AS TEXT)";
    statement.execute("INSERT INTO repository (name, created_at, access_class) SELECT 'r' || i, 1, CASE WHEN i <= " + PRIVATE
        + " THEN -5 ELSE 1 + i % " + CLASSES + " END FROM " + numbers);
    statement.execute("INSERT INTO access_class (pattern, access_class) VALUES ('private', -5)");
    for (int i = 0; i < CLASSES; i++) {
      statement.execute(
          "INSERT INTO access_class (pattern, access_class) VALUES ('readable', " + (1 + i) + "), ('p" + i + "', " + (1 + i) + ")");
    }
    statement.execute("INSERT INTO blob (digest, size, created_at) SELECT " + digest + ", 5, 1 FROM " + numbers);
    statement.execute("INSERT INTO blob (digest, size, created_at) VALUES ('" + EVERYWHERE + "', 5, 1), ('" + ONCE + "', 5, 1)");
    statement
        .execute("INSERT INTO link (repository_id, digest, blob_id, access_class, created_at) SELECT repository.id, blob.digest, blob.id,"
            + " repository.access_class, 1 FROM repository JOIN blob ON blob.id BETWEEN repository.id - 2 AND repository.id + 2"
            + " WHERE blob.digest NOT IN ('" + EVERYWHERE + "', '" + ONCE + "')");
    for (Digest blob : List.of(EVERYWHERE, ONCE)) {
      statement
          .execute("INSERT INTO link (repository_id, digest, blob_id, access_class, created_at) SELECT repository.id, blob.digest, blob.id,"
              + " repository.access_class, 1 FROM repository, blob WHERE blob.digest = '" + blob + "' AND repository.id <= "
              + (blob.equals(ONCE) ? 1 : PRIVATE));
    }
  }

  /** What an answer costs. */
  private interface Cost {
    long of(Predicate<ReadTransaction> asked) throws SQLException;
  }

  private static void check(Cost cost, long once, long each) throws SQLException {
    for (Question question : questions()) {
      for (Digest blob : ABSENT) {
        assertThat(cost.of(tx -> question.asked.of(tx, blob))).as(question.name + ", first time").isPositive();
      }
      long absent = cost.of(tx -> question.asked.of(tx, ABSENT.getFirst()));
      assertThat(absent).as(question.name).isLessThan(once + each * question.most);
      for (Digest blob : List.of(ABSENT.get(1), EVERYWHERE, ONCE)) {
        assertThat(cost.of(tx -> question.asked.of(tx, blob))).as(question.name + " for " + blob).isEqualTo(absent);
      }
    }
  }

  @Test
  void absentAndUnreadableTakeTheSameStepsInSqlite() throws SQLException {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      fill(statement);
      connection.commit();
      connection.setAutoCommit(true);
      var transaction = new SqlTransaction(new Session(connection), Locks.NONE);
      check(asked -> TagPlansTest.steps(connection, () -> assertThat(asked.test(transaction)).isFalse()), 200, 150);
      assertThat(transaction.origins().matching(List.of(Set.of("private")), EVERYWHERE)).as("who may read it finds it").isPresent();
    }
  }

  @Test
  void andTouchTheSamePagesInPostgresql() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      fill(statement);
      statement.execute("VACUUM ANALYZE");
      for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
        statement.execute("SET plan_cache_mode = " + mode);
        check(asked -> {
          assertThat(asked.test(new SqlTransaction(new Session(connection), Locks.NONE))).isFalse();
          var pages = new long[1];
          assertThat(asked.test(new SqlTransaction(new Session(TagPlansTest.explaining(connection, pages)), Locks.NONE))).isFalse();
          return pages[0];
        }, 60, 25);
      }
    }
  }
}
