package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.PullCounts;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * To ask what was pulled, to add to it and to forget it costs what is looked at, not what is stored: 20,000 tags were pulled on one day, and one tag on 20,000 days, in
 * two repositories. Counted in steps of SQLite's machine and in pages that PostgreSQL touches.
 */
@Timeout(300)
final class PullPlansTest {

  private static final int MANY = 20_000;
  private static final int PAGE = 50;
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final LocalDate FIRST = LocalDate.ofEpochDay(1);
  private static final LocalDate MIDDLE = LocalDate.ofEpochDay(MANY / 2);
  private static final LocalDate BUSY = LocalDate.ofEpochDay(MANY + 1);
  private static final LocalDate LAST = LocalDate.of(9999, 12, 31);
  private static final Tag LATEST = new Tag("latest");
  private static final Tag ONE = new Tag("t10000");

  private static final Map<String, Consumer<PullTable>> QUESTIONS = new TreeMap<>(Map.of(
      "the first days", table -> assertThat(table.days(APP, FIRST, LAST, null, PAGE)).hasSize(PAGE),
      "days from the middle", table -> assertThat(table.days(APP, MIDDLE, LAST, null, PAGE)).hasSize(PAGE),
      "tags of a day", table -> assertThat(table.days(APP, BUSY, BUSY, null, PAGE)).hasSize(PAGE),
      "more of them", table -> assertThat(table.days(APP, FIRST, LAST, new PullDay.Place(BUSY, ONE), PAGE)).hasSize(PAGE),
      "no days", table -> assertThat(table.days(APP, LAST, LAST, null, PAGE)).isEmpty(),
      "days of a tag", table -> assertThat(table.days(APP, LATEST, MIDDLE, LAST, PAGE)).hasSize(PAGE),
      "the days of one of many tags", table -> assertThat(table.days(APP, ONE, FIRST, LAST, PAGE)).hasSize(1),
      "when tags were pulled last", table -> assertThat(table.lastPulls(APP, List.of(ONE, LATEST))).hasSize(1)));

  private static final Map<String, Consumer<PullTable>> CHANGES = Map.of(
      "adding", table -> table.add(APP, List.of(new PullDay(BUSY, ONE, PullCounts.NONE, PullCounts.NONE, PullCounts.NONE))),
      "adding a day", table -> table.add(APP, List.of(new PullDay(LAST, ONE, PullCounts.NONE, PullCounts.NONE, PullCounts.NONE))),
      "a pull", table -> table.pulled(APP, Map.of(ONE, Instant.EPOCH.plusSeconds(1))),
      "forgetting", table -> assertThat(table.forget(MIDDLE, PAGE)).isEqualTo(PAGE),
      "forgetting nothing", table -> assertThat(table.forget(LocalDate.EPOCH, PAGE)).isZero());

  @TempDir Path folder;

  private static void fill(Statement statement) throws SQLException {
    String numbers = "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < " + MANY
        + ") SELECT i FROM number) AS numbers";
    for (int repository = 1; repository <= 2; repository++) {
      statement.execute("INSERT INTO repository (name, created_at) VALUES ('team/" + (repository == 1 ? "app" : "lib") + "', 1)");
      statement.execute("INSERT INTO pull_day SELECT " + repository + ", i, 'latest', 1, 1, 1, 1, 1, 1, 1, 1, 1 FROM " + numbers);
      statement.execute("INSERT INTO pull_day SELECT " + repository + ", " + (MANY + 1) + ", 't' || i, 1, 1, 1, 1, 1, 1, 1, 1, 1 FROM "
          + numbers);
      statement.execute("INSERT INTO last_pull SELECT " + repository + ", 't' || i, i FROM " + numbers);
    }
  }

  private static void check(Map<String, Consumer<PullTable>> all, ToLongFunction<Consumer<PullTable>> cost, long limit) {
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
      fill(statement);
      connection.commit();
      connection.setAutoCommit(true);
      var table = new PullTable(new Session(connection), Locks.NONE);
      for (Map<String, Consumer<PullTable>> all : List.of(QUESTIONS, CHANGES)) {
        check(all, work -> {
          try {
            return TagPlansTest.steps(connection, () -> work.accept(table));
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        }, 6_000);
      }
    }
  }

  @Test
  void norInPostgresqlWhetherItKnowsTheParametersWhenItPlansOrNot() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      fill(statement);
      statement.execute("VACUUM ANALYZE");
      for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
        statement.execute("SET plan_cache_mode = " + mode);
        check(QUESTIONS, work -> {
          var pages = new long[1];
          work.accept(new PullTable(new Session(TagPlansTest.explaining(connection, pages)), Locks.NONE));
          return pages[0];
        }, 150);
      }
    }
  }
}
