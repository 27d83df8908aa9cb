package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataException;
import io.berth.metadata.sql.PostgresServer.Facts;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting on a PostgreSQL server: what is refused in words, and what is made there. */
final class PostgresServerTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static PostgresOptions at(String database) {
    return PostgresForTests.options(database);
  }

  private static void open(PostgresOptions options) {
    PostgresMetadataStore.open(options, () -> {}).close();
  }

  private static PostgresOptions as(String user, String database) {
    PostgresOptions options = at(database);
    return new PostgresOptions(options.url(), user, "", 4, TIMEOUT, TIMEOUT, Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @CsvSource({"14, false", "15, true", "18, true", "19, true"})
  void versionsBeforeTheOldestAreRefused(int version, boolean fits) {
    var facts = new Facts(version, version + ".3", "UTF8", true, true, false, false);

    assertThat(facts.problem().isEmpty()).isEqualTo(fits);
    assertThat(facts.problem().orElse("")).matches(fits ? "" : ".*version 14\\.3, and Berth needs 15 to 18: upgrade.*");
  }

  @Test
  void whatCouldLoseNamesIsRefused() {
    assertThat(new Facts(18, "18.1", "UTF8", true, false, false, false).problem().orElseThrow()).contains("full_page_writes = on");
    assertThat(new Facts(18, "18.1", "UTF8", true, true, true, false).problem().orElseThrow()).contains("standby");
    assertThat(new Facts(18, "18.1", "UTF8", true, true, false, true).problem().orElseThrow()).contains("default_transaction_read_only");
  }

  @Test
  void aServerWithoutFsyncIsRefused() throws IOException {
    try (EmbeddedPostgres unsafe = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start()) {
      var options =
          PostgresOptions.of("postgresql://postgres@127.0.0.1:" + unsafe.getPort() + "/postgres", Optional.empty(), "", 4, TIMEOUT);

      assertThatThrownBy(() -> open(options)).isInstanceOf(MetadataException.class).hasMessageContaining("fsync is off")
          .hasMessageContaining("set fsync = on in postgresql.conf");
    }
  }

  @Test
  void anotherEncodingIsRefused() {
    PostgresForTests.say("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");

    assertThatThrownBy(() -> open(at("latin"))).hasMessageContaining("encoding LATIN1").hasMessageContaining("ENCODING 'UTF8'");
  }

  @Test
  void aDatabaseThatDoesNotExistIsRefused() {
    assertThatThrownBy(() -> open(at("nowhere"))).isInstanceOf(MetadataException.class).hasMessageContaining("no such database")
        .hasMessageContaining("CREATE DATABASE").hasMessageContaining("/nowhere");
  }

  @Test
  void aServerThatDoesNotAnswerIsRefused() {
    var options = PostgresOptions.of("postgresql://berth@127.0.0.1:1/berth", Optional.empty(), "", 4, TIMEOUT);

    assertThatThrownBy(() -> open(options)).isInstanceOf(MetadataException.class).hasMessageContaining("127.0.0.1:1")
        .hasMessageContaining("is the server running");
  }

  @Test
  void aUserWhoMayMakeNoTablesIsRefused() {
    String database = PostgresForTests.newDatabase();
    PostgresForTests.say(database, "CREATE ROLE visitor LOGIN");

    assertThatThrownBy(() -> open(as("visitor", database))).isInstanceOf(MetadataException.class)
        .hasMessageContaining("'visitor' may not make tables").hasMessageContaining("OWNER TO");
    assertThatThrownBy(() -> open(as("stranger", database))).hasMessageContaining("'stranger'").hasMessageContaining("does the user exist");
  }

  @ParameterizedTest
  @CsvSource({"28P01, BERTH_DATABASE_PASSWORD", "08004, BERTH_DATABASE_PASSWORD", "53300, max_connections", "57P03, try again",
    "08001, is the server running", "XX000, see the server's log"})
  void everyRefusalOfTheServerHasARemedy(String state, String remedy) {
    MetadataException refused = new PostgresServer(at("x")).refused(new SQLException("said the server", state));

    assertThat(refused).hasMessageContaining(remedy).hasMessageContaining("said the server");
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgresql://h/db", "mysql://u@h/db", "postgresql://u@h", "postgresql://u@h/", "postgresql://u@h/a/b",
    "postgresql://u:secret@h/db", "postgresql://u@h/db?socketFactory=x", "postgresql://u@h/db?sslmode", "postgresql://u@h/d b", "nonsense",
    "postgresql:///db", "postgresql://u@h/db#x"})
  void aUrlOfAnotherFormIsRefused(String url) {
    assertThatThrownBy(() -> PostgresOptions.of(url, Optional.empty(), "", 4, TIMEOUT)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("postgresql://USER@HOST:PORT/DATABASE").hasMessageNotContaining("secret");
  }

  @Test
  void aUrlSaysWhereAndWho() {
    var stated = PostgresOptions.of("postgresql://alice@db.example:6432/berth?sslmode=verify-full", Optional.empty(), "secret", 4, TIMEOUT);
    var byDefault = PostgresOptions.of("postgres://db.example/berth", Optional.of("bob"), "", 4, TIMEOUT);

    assertThat(stated.url()).isEqualTo("postgresql://db.example:6432/berth?sslmode=verify-full");
    assertThat(stated.user()).isEqualTo("alice");
    assertThat(stated.toString()).doesNotContain("secret");
    assertThat(byDefault.url()).isEqualTo("postgresql://db.example:5432/berth");
    assertThat(byDefault.user()).isEqualTo("bob");
  }

  @Test
  void processesThatMigrateAtTheSameTimeDoItOnce() throws Exception {
    String database = PostgresForTests.newDatabase();
    int processes = 6;
    var start = new CyclicBarrier(processes);
    try (var threads = Executors.newFixedThreadPool(processes)) {
      var migrations = new ArrayList<Future<Boolean>>();
      for (int i = 0; i < processes; i++) {
        migrations.add(threads.submit(() -> {
          try (Connection connection = PostgresForTests.connect(database)) {
            start.await();
            PostgresClaim.migrate(connection, new Session(connection));
            return true;
          }
        }));
      }
      for (Future<Boolean> migration : migrations) {
        assertThat(migration.get()).isTrue();
      }
    }
    assertThat(PostgresForTests.ask(database, "SELECT count(*) FROM schema_version")).isEqualTo("" + Migrations.NEWEST);
  }

  @Test
  void aDatabaseOfANewerProgramIsRefusedInWords() {
    String database = PostgresForTests.newDatabase();
    open(at(database));
    PostgresForTests.say(database, "INSERT INTO schema_version (version) VALUES (" + (Migrations.NEWEST + 41) + ")");

    assertThatThrownBy(() -> open(at(database))).isInstanceOf(MetadataException.class).hasMessageContaining("newer Berth")
        .hasMessageContaining("schema " + (Migrations.NEWEST + 41));
  }

  /** Otherwise lists would be in the order of the database's locale, and pages of them would not meet. */
  @Test
  void allTextIsComparedByItsBytes() {
    String database = PostgresForTests.newDatabase();
    open(at(database));

    String columns = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'";
    assertThat(Integer.parseInt(PostgresForTests.ask(database, columns))).isGreaterThan(15);
    assertThat(PostgresForTests.ask(database, columns + " AND collation_name IS DISTINCT FROM 'C'")).isEqualTo("0");
  }
}
