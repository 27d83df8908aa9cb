package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import java.sql.Connection;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One process to a database, also when connections break. */
@Timeout(120)
final class PostgresTenancyTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final String OURS = " FROM pg_stat_activity WHERE application_name = 'berth' AND datname = current_database()";
  private static final String HOLDER = " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND objid = 1)";

  private final String database = PostgresForTests.newDatabase();
  private final AtomicInteger doubts = new AtomicInteger();
  private MetadataStore store;

  @BeforeEach
  void open() {
    store = another();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private MetadataStore another() {
    return PostgresMetadataStore.open(PostgresForTests.options(database), doubts::incrementAndGet);
  }

  private void link(String blob) {
    store.write(tx -> {
      tx.linkBlob(APP, Documents.digest(blob), 1, Instant.EPOCH, Instant.EPOCH);
      return null;
    });
  }

  private boolean has(String blob) {
    return store.read(tx -> tx.blobSize(APP, Documents.digest(blob)).isPresent());
  }

  private void breakConnections(String which) {
    PostgresForTests.say(database, "SELECT pg_terminate_backend(pid)" + OURS + which);
  }

  @Test
  void aSecondProcessIsRefusedInWordsUntilTheFirstHasEnded() {
    link("a");
    assertThatThrownBy(this::another).isInstanceOf(MetadataException.class)
        .hasMessageContaining("another Berth is running on this database")
        .hasMessageContaining("it came from 127.0.0.1").hasMessageContaining("stop it");
    link("b");
    assertThat(doubts).hasValue(0);

    store.close();
    store = another();
    assertThat(has("b")).isTrue();
  }

  @Test
  void aTransactionWhoseConnectionBreaksFailsAndLaterOnesGoOn() {
    link("before");
    assertThatThrownBy(() -> store.write(tx -> {
      tx.linkBlob(APP, Documents.digest("lost"), 1, Instant.EPOCH, Instant.EPOCH);
      breakConnections("");
      tx.linkBlob(APP, Documents.digest("lost too"), 1, Instant.EPOCH, Instant.EPOCH);
      return null;
    })).isInstanceOf(MetadataException.class);
    Awaitility.await().untilAtomic(doubts, org.hamcrest.Matchers.greaterThanOrEqualTo(2));

    assertThat(has("before")).isTrue();
    assertThat(has("lost")).isFalse();
    link("after");
    assertThat(has("after")).isTrue();
  }

  @Test
  void connectionsThatBrokeWhileNobodyUsedThemAreReplaced() {
    link("a");
    assertThat(has("a")).isTrue();
    breakConnections("");

    Awaitility.await().ignoreExceptions().until(() -> has("a"));
    link("b");
    assertThat(has("b")).isTrue();
  }

  /** What is remembered from before may be wrong by then, as another process may have had the database in between. */
  @Test
  void whoLosesItsClaimForgetsWhatItRemembersAndTakesItAnew() {
    link("a");
    breakConnections(HOLDER);

    Awaitility.await().untilAtomic(doubts, org.hamcrest.Matchers.equalTo(2));
    assertThat(has("a")).isTrue();
    assertThat(PostgresForTests.ask(database, "SELECT count(*)" + OURS + HOLDER)).isEqualTo("1");
  }

  @Test
  void aClaimThatAnotherProcessHasTakenIsNotServedFrom() {
    link("a");
    breakConnections("");
    MetadataStore other = PostgresMetadataStore.open(PostgresForTests.options(database), () -> {});
    try (other) {
      Awaitility.await().until(() -> doubts.get() > 0);
      assertThatThrownBy(() -> has("a")).isInstanceOf(MetadataException.class).hasMessageContaining("another Berth is running");
      assertThat((Object) other.read(tx -> tx.blobSize(APP, Documents.digest("a")).isPresent())).isEqualTo(true);
    }
    Awaitility.await().ignoreExceptions().until(() -> has("a"));
  }

  /** The server sleeps in the middle of the commit, and the connection breaks meanwhile. */
  @Test
  void aCommitOfWhichNobodyKnowsIsSettledBeforeTheNextTransaction() throws Exception {
    link("a");
    PostgresForTests.say(database, """
        CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON link DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION doze()""");
    var breaker = Thread.ofVirtual().start(() -> {
      Awaitility.await().until(() -> !PostgresForTests.ask(database, "SELECT count(*)" + OURS + " AND wait_event = 'PgSleep'").equals("0"));
      breakConnections(" AND wait_event = 'PgSleep'");
    });

    assertThatThrownBy(() -> link("b")).isInstanceOf(MetadataException.class).hasMessageContaining("nobody knows whether it took place");
    breaker.join();
    PostgresForTests.say(database, "DROP TRIGGER slow ON link");
    Awaitility.await().untilAtomic(doubts, org.hamcrest.Matchers.equalTo(2));
    assertThat(has("b")).isFalse();
    link("b");
    assertThat(has("b")).isTrue();
  }

  @Test
  void commitsAreDurableWhateverTheServerDoesByDefault() throws Exception {
    assertThat(PostgresForTests.ask(database, "SHOW synchronous_commit")).as("the server's default here").isEqualTo("off");
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      session.all(PostgresServer.durable(), row -> row.getString(1));
      assertThat(session.one("SHOW synchronous_commit", row -> row.getString(1))).contains("on");
    }
    PostgresForTests.say(database, """
        CREATE TABLE seen (value text);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        CREATE TRIGGER noting AFTER INSERT ON link FOR EACH ROW EXECUTE FUNCTION note()""");
    link("a");
    assertThat(PostgresForTests.ask(database, "SELECT value FROM seen")).isEqualTo("on");
  }
}
