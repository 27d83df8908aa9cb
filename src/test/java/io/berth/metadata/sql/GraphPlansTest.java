package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.GraphReads;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.Referrer.Place;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a question about the graph costs follows from what it answers, or from the one manifest that it is about, not from what is stored: 20,000
 * manifests point at one by turns as subject, by reference, and as entry; each has a blob of its own; one index lists them all; and 20,000 tags
 * point at one. Counted in steps of SQLite's machine and in pages that PostgreSQL touches.
 */
@Timeout(300)
final class GraphPlansTest {

  private static final int MANIFESTS = 20_000;
  private static final int PAGE = 50;
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final RepositoryName LIB = RepositoryName.parse("team/lib");
  private static final RepositoryName BARE = RepositoryName.parse("team/bare");
  private static final Digest HOT = Digest.parse("sha256:" + "f".repeat(64));
  private static final Digest NONE = Digest.parse("sha256:" + "e".repeat(64));
  private static final Digest LARGE = Digest.parse("sha256:" + "d".repeat(64));
  private static final Set<Edge.Kind> ALL = EnumSet.allOf(Edge.Kind.class);
  private static final Set<Edge.Kind> ABOUT = EnumSet.of(Edge.Kind.SUBJECT, Edge.Kind.REFERENCE);

  @TempDir Path folder;

  /**
   * A question.
   *
   * @param entries how many references it has to look at
   * @param found how many answers it has
   */
  private record Question(String name, int entries, int found, Function<GraphReads, Collection<?>> answer) {
    int ask(SqlTransaction tx) {
      return answer.apply(tx.graph()).size();
    }
  }

  private static Digest manifest(int i) {
    return Digest.parse("sha256:" + "0".repeat(64 - ("" + i).length()) + i);
  }

  private static List<Question> questions() {
    Digest some = manifest(77);
    Place middle = Place.behind(MANIFESTS / 2);
    Instant now = Times.instant(1);
    return List.of(new Question("edges of one", 3, 2, graph -> graph.edges(APP, some, "", PAGE)),
        new Question("edges of a large one", PAGE, PAGE, graph -> graph.edges(APP, LARGE, "", PAGE)),
        new Question("edges of a large one from the middle", PAGE, PAGE, graph -> graph.edges(APP, LARGE, "/manifests/15000", PAGE)),
        new Question("edges of none", 1, 0, graph -> graph.edges(APP, NONE, "", PAGE)),
        new Question("targets of one", 3, 2, graph -> graph.targets(APP, some, ALL, "", PAGE)),
        new Question("children of one", 3, 1, graph -> graph.targets(APP, some, EnumSet.of(Edge.Kind.CHILD), "", PAGE)),
        new Question("targets of a large one", PAGE, PAGE, graph -> graph.targets(APP, LARGE, ALL, "", PAGE)),
        new Question("targets of a large one from the middle", PAGE, PAGE,
            graph -> graph.targets(APP, LARGE, ALL, "/manifests/15000", PAGE)),
        new Question("layers of a large one", MANIFESTS / 8, 0, graph -> graph.targets(APP, LARGE, EnumSet.of(Edge.Kind.LAYER), "", PAGE)),
        new Question("lacking of one", 3, 1, graph -> graph.lacking(APP, some, BARE, now)),
        new Question("lacking of none", 3, 0, graph -> graph.lacking(APP, some, APP, now)),
        new Question("lacking of a large one", MANIFESTS, 0, graph -> graph.lacking(APP, LARGE, BARE, now)),
        new Question("what is about one", PAGE * 2, PAGE, graph -> graph.incoming(APP, HOT, ABOUT, Place.START, PAGE)),
        new Question("what is about one from the middle", PAGE * 2, PAGE, graph -> graph.incoming(APP, HOT, ABOUT, middle, PAGE)),
        new Question("what points at one", PAGE * 4, PAGE, graph -> graph.incoming(APP, HOT, ALL, Place.START, PAGE)),
        new Question("what points at one from the middle", PAGE * 4, PAGE, graph -> graph.incoming(APP, HOT, ALL, middle, PAGE)),
        new Question("what points at another", 6, 1, graph -> graph.incoming(APP, some, ALL, Place.START, PAGE)),
        new Question("what points at nothing", 6, 0, graph -> graph.incoming(APP, NONE, ALL, Place.START, PAGE)),
        new Question("one with many tags", 23, 20, graph -> graph.content(APP, HOT, 20).orElseThrow().tags()),
        new Question("one without tags", 3, 1, graph -> graph.content(APP, some, 20).stream().toList()),
        new Question("nothing", 3, 0, graph -> graph.content(APP, NONE, 20).stream().toList()));
  }

  /** The second repository has the manifests and nothing that they need. */
  private static void fill(Statement statement, String binary) throws SQLException {
    String numbers = "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < " + MANIFESTS
        + ") SELECT i FROM number) AS numbers";
    String text = "substr('" + "0".repeat(64) + "', 1, 64 - length(CAST(i AS TEXT))) || CAST(i AS TEXT)";
    statement.execute("INSERT INTO blob (digest, size, created_at) SELECT 'sha512:' || " + text + " || substr('" + "0".repeat(64)
        + "', 1, 64), 7, 1 FROM " + numbers);
    for (RepositoryName repository : List.of(APP, LIB, BARE)) {
      statement.execute("INSERT INTO repository (name, created_at) VALUES ('" + repository + "', 1)");
    }
    for (int repository = 1; repository <= 2; repository++) {
      String manifest = "INSERT INTO manifest (repository_id, digest, media_type, size, created_at, annotations, content) SELECT "
          + repository + ", %s, 'x/y', 7, 1, '{}', CAST('a' AS " + binary + ") FROM %s";
      statement.execute(manifest.formatted("'sha256:' || " + text, numbers));
      statement.execute(manifest.formatted("'" + LARGE + "'", "(SELECT 1) AS one"));
      edges(statement, repository, "'/manifests/0'", "CASE id % 3 WHEN 0 THEN 'subject' WHEN 1 THEN 'reference' ELSE 'child' END",
          "'" + HOT + "'");
      edges(statement, repository, "'/layers/0'", "'layer'", "'sha512:' || substr(digest, 8) || substr('" + "0".repeat(64) + "', 1, 64)");
      statement.execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size) SELECT (SELECT id FROM"
          + " manifest WHERE repository_id = " + repository + " AND digest = '" + LARGE + "'), '/manifests/' || i, " + repository
          + ", 'child', 'sha256:' || " + text + ", 'x/y', 7 FROM " + numbers);
    }
    statement.execute("INSERT INTO manifest (repository_id, digest, media_type, size, created_at, annotations, content) VALUES (1, '" + HOT
        + "', 'x/y', 7, 1, '{}', CAST('a' AS " + binary + "))");
    statement.execute("INSERT INTO link (repository_id, digest, blob_id, created_at) SELECT 1, digest, id, 1 FROM blob");
    statement.execute("INSERT INTO tag (repository_id, name, target, version) SELECT 1, 't' || i, '" + HOT + "', i FROM " + numbers);
  }

  private static void edges(Statement statement, int repository, String pointer, String kind, String target) throws SQLException {
    statement.execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size) SELECT id, " + pointer
        + ", repository_id, " + kind + ", " + target + ", 'x/y', 7 FROM manifest WHERE digest <> '" + LARGE + "' AND repository_id = "
        + repository);
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

  private static void answered(SqlTransaction tx, Question question) {
    assertThat(question.ask(tx)).as(question.name).isEqualTo(question.found);
  }

  @Test
  void noQuestionAboutTheGraphCostsWhatIsStoredInSqlite() throws SQLException {
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
          return TagPlansTest.steps(connection, () -> question.ask(transaction));
        } catch (SQLException e) {
          throw new AssertionError(e);
        }
      }, 400, 100);
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
          question.ask(new SqlTransaction(new Session(TagPlansTest.explaining(connection, pages)), Locks.NONE));
          return pages[0];
        }, 40, 16);
      }
    }
  }
}
