package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a page of referrers costs follows from what is on it, not from what is stored: 20,000 manifests point at one, half of them as subject, and
 * each has a layer; one in a thousand has a rare type. Counted in steps of SQLite's machine and in pages that PostgreSQL touches.
 */
@Timeout(300)
final class ReferrerPlansTest {

  private static final int MANIFESTS = 20_000;
  private static final int PAGE = 50;
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Digest HOT = Digest.parse("sha256:" + "f".repeat(64));
  private static final Digest NONE = Digest.parse("sha256:" + "e".repeat(64));
  private static final ReferrerFilter EVERY = ReferrerFilter.of(ReferrerFilter.KINDS);

  @TempDir Path folder;

  /**
   * A question.
   *
   * @param entries how many it has to look at
   * @param found how many it finds
   */
  private record Question(String name, int entries, int found, ToIntFunction<ReadTransaction> asked) {

    Question(String name, int entries, int found, Digest target, ReferrerFilter filter, Place after) {
      this(name, entries, found, tx -> tx.referrers(APP, target, filter, after, PAGE).size());
    }

    int ask(ReadTransaction tx) {
      return asked.applyAsInt(tx);
    }
  }

  private static ReferrerFilter typed(ReferrerFilter filter, String... types) {
    return filter.withArtifactTypes(Set.copyOf(List.of(types).stream().map(MediaType::new).toList()));
  }

  private static List<Question> questions() {
    ReferrerFilter subject = ReferrerFilter.SUBJECT;
    Place middle = Place.behind(MANIFESTS / 2);
    return List.of(new Question("subjects", PAGE, PAGE, HOT, subject, Place.START),
        new Question("subjects from the middle", PAGE, PAGE, HOT, subject, middle),
        new Question("subjects at the end", 1, 0, HOT, subject, Place.behind(1_000_000)),
        new Question("subjects of nothing", 1, 0, NONE, subject, Place.START),
        new Question("subjects of a common type", PAGE, PAGE, HOT, typed(subject, "x/common"), middle),
        new Question("subjects of a rare type", 20, 20, HOT, typed(subject, "x/rare"), Place.START),
        new Question("subjects of no type", 1, 0, HOT, typed(subject, "x/none"), Place.START),
        new Question("subjects of two types", 60, PAGE, HOT, typed(subject, "x/rare", "x/common"), middle),
        new Question("children of a rare type", 20, 20, HOT, typed(ReferrerFilter.of(Set.of(Edge.Kind.CHILD)), "x/rare"), Place.START),
        new Question("all", 3 * PAGE, PAGE, HOT, EVERY, Place.START),
        new Question("all from the middle", 3 * PAGE, PAGE, HOT, EVERY, middle),
        new Question("all of a rare type", 40, 40, HOT, typed(EVERY, "x/rare"), Place.START),
        new Question("all of two types", 3 * PAGE, PAGE, HOT, typed(EVERY, "x/rare", "x/common"), middle),
        new Question("manifests", PAGE, PAGE, tx -> tx.graph().manifests(APP, scattered()).size()),
        new Question("blobs", PAGE, PAGE, tx -> tx.graph().blobSizes(APP, scattered()).size()));
  }

  private static List<Digest> scattered() {
    return IntStream.range(0, PAGE).mapToObj(i -> Digest.parse("sha256:" + "%064d".formatted(1 + i * (MANIFESTS / PAGE)))).toList();
  }

  private static void fill(Statement statement, String binary) throws SQLException {
    String numbers = "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < " + MANIFESTS
        + ") SELECT i FROM number) AS numbers";
    for (int repository = 1; repository <= 2; repository++) {
      statement.execute("INSERT INTO repository (name, created_at) VALUES ('team/" + (repository == 1 ? "app" : "lib") + "', 1)");
      statement.execute("INSERT INTO manifest (repository_id, digest, media_type, artifact_type, size, created_at, annotations, content)"
          + " SELECT " + repository + ", 'sha256:' || substr('" + "0".repeat(64)
          + "', 1, 64 - length(CAST(i AS TEXT))) || CAST(i AS TEXT), 'x/y', CASE WHEN i % 1000 < 2 THEN 'x/rare' ELSE 'x/common' END, 7, 1,"
          + " '{}', CAST('a' AS " + binary + ") FROM " + numbers);
      edge(statement, repository, "/manifests/0", "CASE WHEN id % 2 = 0 THEN 'subject' ELSE 'child' END", "'" + HOT + "'", "artifact_type");
      edge(statement, repository, "/layers/0", "'layer'", "digest", "NULL");
    }
    statement.execute("INSERT INTO blob (digest, size, created_at) SELECT digest, 7, 1 FROM manifest WHERE repository_id = 1");
    statement.execute(
        "INSERT INTO link (repository_id, digest, blob_id, created_at) SELECT repository.id, blob.digest, blob.id, 1 FROM repository, blob");
  }

  private static void edge(Statement statement, int repository, String pointer, String kind, String target, String type)
      throws SQLException {
    statement.execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size, artifact_type) SELECT id, '"
        + pointer + "', repository_id, " + kind + ", " + target + ", 'x/y', 7, " + type + " FROM manifest WHERE repository_id = "
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

  private static void answered(ReadTransaction tx, Question question) {
    assertThat(question.ask(tx)).as(question.name).isEqualTo(question.found);
  }

  @Test
  void noPageOfReferrersCostsWhatIsStoredInSqlite() throws SQLException {
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
        }, 40, 8);
      }
    }
  }
}
