package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.Age;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagFilter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.ProgressHandler;

/**
 * What a question about tags costs follows from what it answers, not from what is stored: in a repository of 20,000 tags, one of which has changed
 * 100,000 times. Counted in steps of SQLite's machine and in pages that PostgreSQL touches, which are the same on every machine.
 */
@Timeout(300)
final class TagPlansTest {

  private static final int EVENTS = 100_000;
  private static final int TAGS = 20_000;
  private static final int PAGE = 50;
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Tag HOT = new Tag("hot");

  @TempDir Path folder;

  /**
   * A question.
   *
   * @param names over how many tags or changes it may walk
   */
  private record Question(String name, int names, Consumer<ReadTransaction> ask) {}

  private static Digest number(int i) {
    return Digest.parse("sha256:" + "0".repeat(64 - ("" + i).length()) + i);
  }

  private static List<Question> questions() {
    long middle = EVENTS / 2;
    Instant then = Times.instant(middle);
    Digest some = number(77);
    Digest none = number(999_999);
    return List.of(new Question("tag", 1, tx -> tx.tag(APP, HOT)), new Question("tagged", 1, tx -> tx.tagged(APP, HOT)),
        new Question("isTagged", 1, tx -> tx.isTagged(APP, some)), new Question("isTagged, not", 1, tx -> tx.isTagged(APP, none)),
        new Question("tagsOf", 20, tx -> tx.tagsOf(APP, some)), new Question("tags", PAGE, tx -> tx.tags(APP, "t5", PAGE)),
        new Question("tagged page", PAGE, tx -> tx.tagged(APP, TagFilter.ALL, "t3", PAGE)),
        new Question("tagged page by prefix", PAGE, tx -> tx.tagged(APP, new TagFilter("t7", null), "", PAGE)),
        new Question("tagged page by no prefix", 1, tx -> tx.tagged(APP, new TagFilter("k", null), "", PAGE)),
        new Question("tagged page by target", 20, tx -> tx.tagged(APP, new TagFilter("", some), "", PAGE)),
        new Question("tagged page by target and prefix", 20, tx -> tx.tagged(APP, new TagFilter("t1", some), "t10", PAGE)),
        new Question("tagged page by no target", 1, tx -> tx.tagged(APP, new TagFilter("", none), "", PAGE)),
        new Question("oldest", PAGE, tx -> tx.tagsByAge(APP, false, null, PAGE)),
        new Question("newest", PAGE, tx -> tx.tagsByAge(APP, true, null, PAGE)),
        new Question("older", PAGE, tx -> tx.tagsByAge(APP, false, new Age(EVENTS + 9_000, new Tag("t9000")), PAGE)),
        new Question("newer", PAGE, tx -> tx.tagsByAge(APP, true, new Age(EVENTS + 9_000, new Tag("t9000")), PAGE)),
        new Question("forwards", PAGE, tx -> tx.tagsForwards(APP, new Tag("t4"), PAGE)),
        new Question("backwards", PAGE, tx -> tx.tagsBackwards(APP, new Tag("t4"), PAGE)),
        new Question("backwards from the end", PAGE, tx -> tx.tagsBackwards(APP, null, PAGE)),
        new Question("progress", 1, tx -> tx.progress(APP)), new Question("sequenceAt", 1, tx -> tx.sequenceAt(APP, then)),
        new Question("totalAt", 1, tx -> tx.totalAt(APP, middle)), new Question("taggedAt", 1, tx -> tx.taggedAt(APP, HOT, middle)),
        new Question("taggedAt, not yet", 1, tx -> tx.taggedAt(APP, new Tag("t77"), middle)),
        new Question("past page at the hot one", 5, tx -> tx.taggedAt(APP, TagFilter.ALL, "", middle, 5)),
        new Question("past page before all others", PAGE, tx -> tx.taggedAt(APP, TagFilter.ALL, "", 10, PAGE)),
        new Question("past page", PAGE, tx -> tx.taggedAt(APP, TagFilter.ALL, "t3", EVENTS + 10_000, PAGE)),
        new Question("past page by prefix", PAGE, tx -> tx.taggedAt(APP, new TagFilter("h", null), "", middle, PAGE)),
        new Question("past page by a late prefix", PAGE, tx -> tx.taggedAt(APP, new TagFilter("t7", null), "", EVENTS + TAGS, PAGE)),
        new Question("past page by target", 21, tx -> tx.taggedAt(APP, new TagFilter("", some), "", middle, PAGE)),
        new Question("past page by target and prefix", 21, tx -> tx.taggedAt(APP, new TagFilter("t1", some), "t10", EVENTS + TAGS, PAGE)),
        new Question("past page by no target", 1, tx -> tx.taggedAt(APP, new TagFilter("", none), "", middle, PAGE)),
        new Question("history", PAGE, tx -> tx.history(APP, HOT, Long.MAX_VALUE, 0, null, PAGE)),
        new Question("history from the middle", PAGE, tx -> tx.history(APP, HOT, middle, 0, null, PAGE)),
        new Question("history since", PAGE, tx -> tx.history(APP, HOT, middle, middle - 10, null, PAGE)),
        new Question("history of a digest", 20, tx -> tx.history(APP, HOT, Long.MAX_VALUE, 0, some, PAGE)),
        new Question("history of no digest", 1, tx -> tx.history(APP, HOT, Long.MAX_VALUE, 0, none, PAGE)),
        new Question("history of a tag with one change", 1, tx -> tx.history(APP, new Tag("t77"), Long.MAX_VALUE, 0, null, PAGE)),
        new Question("changes", PAGE, tx -> tx.changes(APP, middle, PAGE)),
        new Question("changes at the end", 1, tx -> tx.changes(APP, EVENTS + TAGS, PAGE)),
        new Question("dueTags", PAGE, tx -> tx.dueTags(Times.instant(EVENTS), PAGE)),
        new Question("expiry", 1, tx -> tx.expiry(APP, HOT)));
  }

  /** The hot one changes between 5,000 targets; then the others are made, each for a target of four; each 100th of them expires. */
  private static void fill(Statement statement) throws SQLException {
    String digest = "'sha256:' || substr('" + "0".repeat(64) + "', 1, 64 - length(CAST(i % 5000 AS TEXT))) || CAST(i % 5000 AS TEXT)";
    String numbers =
        "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < %d) SELECT i FROM number) AS numbers";
    String events =
        "INSERT INTO tag_event (repository_id, sequence, tag, kind, from_digest, digest, media_type, size, at, actor, client, total)"
            + " SELECT %d, %s, %s, 'moved', NULL, " + digest
            + ", 'application/vnd.oci.image.manifest.v1+json', 7, %2$s, 'user:alice', 'test/1', 1 FROM "
            + numbers;
    String tags = "INSERT INTO tag (repository_id, name, target, version, expires_at) SELECT %d, 't' || i, " + digest + ", i + " + EVENTS
        + ", CASE WHEN i %% 100 = 0 THEN i END FROM " + numbers;
    for (int repository = 1; repository <= 2; repository++) {
      statement.execute("INSERT INTO repository (name, sequence, created_at, changed_at, tags) VALUES ('team/"
          + (repository == 1 ? "app" : "lib") + "', " + (EVENTS + TAGS) + ", 1, 1, " + (TAGS + 1) + ")");
      statement.execute(events.replace("i % ", "i %% ").formatted(repository, "i", "'hot'", EVENTS));
      statement.execute(events.replace("i % ", "i %% ").formatted(repository, "i + " + EVENTS, "'t' || i", TAGS));
      statement.execute(tags.replace("i % ", "i %% ").formatted(repository, TAGS));
      statement.execute("INSERT INTO tag (repository_id, name, target, version) SELECT repository_id, tag, digest, sequence FROM tag_event"
          + " WHERE repository_id = " + repository + " AND tag = 'hot' AND sequence = " + EVENTS);
    }
  }

  /** Counts what the question costs. */
  private interface Counter {
    long of(Consumer<ReadTransaction> question) throws SQLException;
  }

  private static void check(Counter counter, long once, long each) throws SQLException {
    var dear = new TreeMap<String, Long>();
    for (Question question : questions()) {
      long cost = counter.of(question.ask);
      assertThat(cost).as("cost of " + question.name).isPositive();
      if (cost > once + each * question.names) {
        dear.put(question.name, cost);
      }
    }
    assertThat(dear).as("questions that cost too much").isEmpty();
  }

  @Test
  void noQuestionCostsWhatIsStoredInSqlite() throws SQLException {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      fill(statement);
      connection.commit();
      connection.setAutoCommit(true);
      var transaction = new SqlTransaction(new Session(connection), Locks.NONE);
      check(question -> steps(connection, () -> question.accept(transaction)), 200, 250);
    }
  }

  static long steps(Connection connection, Runnable question) throws SQLException {
    var steps = new long[1];
    ProgressHandler.setHandler(connection, 1, new ProgressHandler() {
      @Override
      protected int progress() {
        steps[0]++;
        return 0;
      }
    });
    try {
      question.run();
    } finally {
      ProgressHandler.clearHandler(connection);
    }
    return steps[0];
  }

  @Test
  void norInPostgresqlWhetherItKnowsTheParametersWhenItPlansOrNot() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      fill(statement);
      statement.execute("VACUUM ANALYZE");
      for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
        statement.execute("SET plan_cache_mode = " + mode);
        check(question -> {
          var pages = new long[1];
          question.accept(new SqlTransaction(new Session(explaining(connection, pages)), Locks.NONE));
          return pages[0];
        }, 30, 16);
      }
    }
  }

  /** A connection that adds up how many pages its questions touch. */
  static Connection explaining(Connection connection, long[] pages) {
    return proxy(Connection.class, (method, arguments) -> {
      Object result = method.invoke(connection, arguments);
      return result instanceof PreparedStatement statement ? explaining(connection, statement, (String) arguments[0], pages) : result;
    });
  }

  private static PreparedStatement explaining(Connection connection, PreparedStatement statement, String sql, long[] pages) {
    var parameters = new ArrayList<String>();
    return proxy(PreparedStatement.class, (method, arguments) -> {
      if (method.getName().startsWith("set")) {
        while (parameters.size() < (Integer) arguments[0]) {
          parameters.add("NULL");
        }
        parameters.set((Integer) arguments[0] - 1, "'" + arguments[1] + "'");
      }
      if (method.getName().equals("executeQuery")) {
        pages[0] += pages(connection, sql, parameters);
      }
      return method.invoke(statement, arguments);
    });
  }

  private static long pages(Connection connection, String sql, List<String> parameters) throws SQLException {
    String numbered = sql;
    for (int i = 1; i <= parameters.size(); i++) {
      numbered = numbered.replaceFirst("\\?", "\\$" + i);
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("PREPARE question AS " + numbered);
      String values = parameters.isEmpty() ? "" : "(" + String.join(", ", parameters) + ")";
      var plan = new StringBuilder();
      try (ResultSet rows = statement.executeQuery("EXPLAIN (ANALYZE, BUFFERS) EXECUTE question" + values)) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
      statement.execute("DEALLOCATE question");
      if (Boolean.getBoolean("plans")) {
        System.out.println(numbered + "\n" + plan);
      }
      Matcher touched = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?").matcher(plan);
      return touched.find() ? number(touched.group(1)) + number(touched.group(2)) : 0;
    }
  }

  private static long number(String text) {
    return text == null ? 0 : Long.parseLong(text);
  }

  private interface Call {
    Object made(java.lang.reflect.Method method, Object[] arguments) throws Exception;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
      try {
        return call.made(method, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }));
  }
}
