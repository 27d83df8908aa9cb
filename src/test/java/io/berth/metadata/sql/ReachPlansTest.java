package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.GraphReads.Step;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a step on the way from content to a tag costs follows from what it looks at: 20,000 manifests share a layer, have three of their own, are entries
 * of one index, and point at one subject; one manifest points at 20,000; 20,000 tags point at one. Counted in steps of SQLite's machine and in pages that PostgreSQL
 * touches. The index has a layer, too.
 */
@Timeout(300)
final class ReachPlansTest {

  private static final int MANIFESTS = 20_000;
  private static final int PAGE = 50;
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Digest HOT = Digest.parse("sha256:" + "f".repeat(64));
  private static final Digest NONE = Digest.parse("sha256:" + "e".repeat(64));
  private static final Digest FIRST = numbered(1);
  private static final Digest MIDDLE = numbered(MANIFESTS / 2);
  private static final Digest LAST = numbered(MANIFESTS);
  private static final Instant TIME = Instant.ofEpochSecond(1);

  @TempDir Path folder;

  private static Digest numbered(int i) {
    return Digest.parse("sha256:" + String.format("%064d", i));
  }

  /**
   * A question.
   *
   * @param entries how many it has to look at
   * @param levels on how many levels it asks for each kind of edge by itself, which PostgreSQL does in pages of its own
   * @param found how many it finds
   */
  private record Question(String name, int entries, int levels, int found, Function<ReadTransaction, Integer> ask) {

    Question(String name, int entries, int found, Function<ReadTransaction, Integer> ask) {
      this(name, entries, 1, found, ask);
    }
  }

  private static List<Question> questions() {
    return List.of(
        new Question("holders", PAGE, PAGE, tx -> tx.graph().holders(APP, HOT, 0, PAGE).size()),
        new Question("holders from the middle", PAGE, PAGE, tx -> tx.graph().holders(APP, HOT, MANIFESTS / 2, PAGE).size()),
        new Question("holders at the end", 1, 0, tx -> tx.graph().holders(APP, HOT, 1_000_000, PAGE).size()),
        new Question("holders of nothing", 1, 0, tx -> tx.graph().holders(APP, NONE, 0, PAGE).size()),
        new Question("holders of an entry", 1, 1, tx -> tx.graph().holders(APP, MIDDLE, 0, PAGE).size()),
        new Question("whether one needs it", 1, 1, tx -> tx.graph().reaches(APP, MIDDLE, HOT) ? 1 : 0),
        new Question("whether one needs something else", 1, 0, tx -> tx.graph().reaches(APP, MIDDLE, NONE) ? 1 : 0),
        new Question("whether the index has an entry", 1, 1, tx -> tx.graph().reaches(APP, FIRST, LAST) ? 1 : 0),
        new Question("some entries of the index", PAGE, PAGE - 4, tx -> tx.graph().children(APP, FIRST, PAGE).size()),
        new Question("subjects of one that has many", PAGE, PAGE, tx -> tx.graph().subjects(APP, LAST, "", PAGE).size()),
        new Question("more of them", PAGE, PAGE, tx -> tx.graph().subjects(APP, LAST, MIDDLE.toString(), PAGE).size()),
        new Question("subjects of the index", 1, 0, tx -> tx.graph().subjects(APP, FIRST, "", PAGE).size()),
        new Question("whether one is about another", 1, 1, tx -> tx.graph().isReached(APP, LAST, MIDDLE) ? 1 : 0),
        new Question("tags", PAGE, PAGE, tx -> tx.graph().someTags(APP, FIRST, "", PAGE).size()),
        new Question("tags of one that has none", 1, 0, tx -> tx.graph().someTags(APP, MIDDLE, "", PAGE).size()),
        new Question("more tags", PAGE, PAGE, tx -> tx.graph().someTags(APP, FIRST, "t15000", PAGE).size()),
        new Question("whether many are needed", 32, 2, 32, tx -> tx.graph().reaching(APP, steps(HOT), PAGE).size()),
        new Question("whether many are not", 32, 2, 0, tx -> tx.graph().reaching(APP, steps(NONE), PAGE).size()),
        new Question("whether entries of the index need it", PAGE, 2, 0,
            tx -> tx.graph().reaching(APP, List.of(new Step(FIRST, NONE)), PAGE).size()),
        new Question("who has pushed", 1, 1, tx -> tx.own().until(APP, "user:1", MIDDLE).isPresent() ? 1 : 0),
        new Question("what is over", 1, 1, tx -> tx.own().isAnyOver(TIME) ? 1 : 0),
        new Question("what is not", 1, 0, tx -> tx.own().isAnyOver(Instant.EPOCH) ? 1 : 0));
  }

  private static List<Step> steps(Digest content) {
    return IntStream.range(100, 132).mapToObj(i -> new Step(numbered(i), content)).toList();
  }

  private static void fill(Statement statement, String binary) throws SQLException {
    String numbers = "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < " + MANIFESTS
        + ") SELECT i FROM number) AS numbers";
    String digest = "'sha256:' || substr('" + "0".repeat(64) + "', 1, 64 - length(CAST(i AS TEXT))) || CAST(i AS TEXT)";
    for (int repository = 1; repository <= 2; repository++) {
      statement.execute("INSERT INTO repository (name, created_at) VALUES ('team/" + (repository == 1 ? "app" : "lib") + "', 1)");
      statement.execute("INSERT INTO manifest (repository_id, digest, media_type, artifact_type, size, created_at, annotations, content)"
          + " SELECT " + repository + ", " + digest + ", 'x/y', NULL, 7, 1, '{}', CAST('a' AS " + binary + ") FROM " + numbers);
      edges(statement, repository, "id", "/layers/0", "layer", "'" + HOT + "'");
      for (int layer = 1; layer <= 3; layer++) {
        edges(statement, repository, "id", "/layers/" + layer, "layer", "digest || '-" + layer + "'"); // most of what is needed is so by one
      }
      edges(statement, repository, "(SELECT MIN(id) FROM manifest WHERE repository_id = " + repository + ")", "/manifests/' || id || '",
          "child", "digest");
      edges(statement, repository, "(SELECT MAX(id) FROM manifest WHERE repository_id = " + repository + ")", "/references/' || id || '",
          "reference", "digest");
      statement.execute("INSERT INTO tag (repository_id, name, target, version) SELECT " + repository + ", 't' || i, '" + FIRST
          + "', i FROM " + numbers);
      statement.execute("INSERT INTO own_push (repository_id, principal, digest, until) SELECT " + repository + ", 'user:1', " + digest
          + ", i FROM " + numbers);
    }
  }

  private static void edges(Statement statement, int repository, String manifest, String pointer, String kind, String target)
      throws SQLException {
    statement.execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size) SELECT " + manifest + ", '"
        + pointer + "', repository_id, '" + kind + "', " + target + ", 'x/y', 7 FROM manifest WHERE repository_id = " + repository);
  }

  private static void check(Consumer<Question> found, ToLongFunction<Question> cost, long once, long each) {
    var dear = new TreeMap<String, Long>();
    for (Question question : questions()) {
      found.accept(question);
      long measured = cost.applyAsLong(question);
      assertThat(measured).as("cost of " + question.name).isPositive();
      if (measured > once + each * question.entries) {
        dear.put(question.name, measured);
      }
    }
    assertThat(dear).as("questions that cost too much").isEmpty();
  }

  private static void answered(ReadTransaction tx, Question question) {
    assertThat(question.ask.apply(tx)).as(question.name).isEqualTo(question.found);
  }

  @Test
  void noStepCostsWhatIsStoredInSqlite() throws SQLException {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      fill(statement, "BLOB");
      connection.commit();
      connection.setAutoCommit(true);
      var transaction = new SqlTransaction(new Session(connection), Locks.NONE);
      check(question -> answered(transaction, question), question -> {
        try {
          return TagPlansTest.steps(connection, () -> answered(transaction, question));
        } catch (SQLException e) {
          throw new AssertionError(e);
        }
      }, 500, 150);
    }
  }

  @Test
  void norInPostgresqlWhetherItKnowsTheParametersWhenItPlansOrNot() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      fill(statement, "BYTEA");
      statement.execute("VACUUM ANALYZE");
      for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
        statement.execute("SET plan_cache_mode = " + mode);
        check(question -> answered(new SqlTransaction(new Session(connection), Locks.NONE), question), question -> {
          var pages = new long[1];
          var _ = question.ask.apply(new SqlTransaction(new Session(TagPlansTest.explaining(connection, pages)), Locks.NONE));
          return pages[0] / question.levels;
        }, 60, 25);
      }
    }
  }
}
