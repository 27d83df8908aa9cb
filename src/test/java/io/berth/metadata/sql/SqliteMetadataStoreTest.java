package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.AccountContract;
import io.berth.metadata.DepartureContract;
import io.berth.metadata.GraphContract;
import io.berth.metadata.LeaseContract;
import io.berth.metadata.ManifestContract;
import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.OriginContract;
import io.berth.metadata.PresenceContract;
import io.berth.metadata.PullContract;
import io.berth.metadata.ReachContract;
import io.berth.metadata.RepositoryContract;
import io.berth.metadata.StoredAccount;
import io.berth.metadata.TagContract;
import io.berth.metadata.TagHistoryContract;
import io.berth.metadata.TokenKeyContract;
import io.berth.metadata.TransactionContract;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.registry.CompletionsContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

final class SqliteMetadataStoreTest {

  private static MetadataStore openIn(Path folder) {
    return SqliteMetadataStore.open(folder.resolve("metadata.db"));
  }

  @Nested
  final class Accounts extends AccountContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }

    @Override
    protected Optional<StoredAccount> lookUp(Path folder, String login) {
      return AccountLook.find(folder.resolve("metadata.db"), login);
    }
  }

  @Nested
  final class Transactions extends TransactionContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Origins extends OriginContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class TokenKeys extends TokenKeyContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Pulls extends PullContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Repositories extends RepositoryContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Manifests extends ManifestContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Graphs extends GraphContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Reach extends ReachContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Completions extends CompletionsContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Presence extends PresenceContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Leases extends LeaseContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Departures extends DepartureContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class Tags extends TagContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @Nested
  final class TagHistories extends TagHistoryContract {

    @Override
    protected MetadataStore open(Path folder) {
      return openIn(folder);
    }
  }

  @TempDir Path folder;

  private Connection raw() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("metadata.db"));
  }

  private String ask(String question) throws SQLException {
    try (Connection connection = raw(); Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(question)) {
      return answer.getString(1);
    }
  }

  private void say(String change) throws SQLException {
    try (Connection connection = raw(); Statement statement = connection.createStatement()) {
      statement.executeUpdate(change);
    }
  }

  @Test
  void aDatabaseOfANewerProgramIsRefusedInWords() throws SQLException {
    openIn(folder).close();
    say("INSERT INTO schema_version (version) VALUES (" + (Migrations.NEWEST + 41) + ")");

    assertThatThrownBy(() -> openIn(folder)).isInstanceOf(MetadataException.class).hasMessageContaining("newer Berth")
        .hasMessageContaining("schema " + (Migrations.NEWEST + 41)).hasMessageContaining("knows " + Migrations.NEWEST);
    assertThat(ask("SELECT MAX(version) FROM schema_version")).isEqualTo("" + (Migrations.NEWEST + 41));
  }

  @Test
  void migrationsRunOnce() throws SQLException {
    for (int i = 0; i < 3; i++) {
      openIn(folder).close();
    }
    assertThat(ask("SELECT COUNT(*) FROM schema_version")).isEqualTo("" + Migrations.NEWEST);
  }

  @Test
  void aFileThatIsNoDatabaseIsRefusedInWords() throws IOException {
    Files.writeString(folder.resolve("metadata.db"), "this is not a database, but a longer text ".repeat(100));

    assertThatThrownBy(() -> openIn(folder)).isInstanceOf(MetadataException.class).hasMessageContaining("metadata store");
  }

  @Test
  void theJournalIsWrittenAhead() throws SQLException {
    openIn(folder).close();

    assertThat(ask("PRAGMA journal_mode")).isEqualTo("wal");
  }

  /** These belong to a connection, not to the file; all connections are made in one place. */
  @Test
  void everyConnectionSyncsAtEachCommitAndEnforcesForeignKeys() {
    openIn(folder).close();
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + folder.resolve("metadata.db"))) {
      assertThat(session.one("PRAGMA synchronous", row -> row.getInt(1))).as("2 is FULL").contains(2);
      assertThat(session.one("PRAGMA foreign_keys", row -> row.getInt(1))).contains(1);
      assertThat(session.one("PRAGMA journal_mode", row -> row.getString(1))).contains("wal");
      assertThat(session.one("PRAGMA busy_timeout", row -> row.getInt(1)).orElseThrow()).isPositive();
    }
  }

  @Test
  void whatIsAcknowledgedIsSeenByAnotherConnectionAtOnce() throws SQLException {
    try (MetadataStore store = openIn(folder)) {
      store.write(tx -> {
        tx.linkBlob(RepositoryName.parse("a"), Documents.digest("x"), 1, Instant.EPOCH, Instant.EPOCH);
        return null;
      });
      assertThat(ask("SELECT name FROM repository")).isEqualTo("a");
    }
  }

  /** A failure of the database is reported, and forgotten once its cause is gone. */
  @Test
  void writingGoesOnAfterTheDatabaseFailed() throws SQLException {
    try (MetadataStore store = openIn(folder)) {
      say("ALTER TABLE upload RENAME TO hidden");
      assertThatThrownBy(() -> store.write(tx -> {
        tx.deleteUpload("u");
        return null;
      })).isInstanceOf(MetadataException.class);
      say("ALTER TABLE hidden RENAME TO upload");

      assertThat(store.<String>write(tx -> {
        tx.deleteUpload("u");
        return null;
      })).isNull();
    }
  }

  private void assertRefused(JournalMode journal, SynchronousMode synchronous, String named) throws SQLException {
    var config = new SQLiteConfig();
    config.setJournalMode(journal);
    config.setSynchronous(synchronous);
    var session = new Session(config.createConnection("jdbc:sqlite:" + folder.resolve("other.db")));

    assertThatThrownBy(() -> SqliteMetadataStore.requireDurable(session)).isInstanceOf(MetadataException.class)
        .hasMessageContaining(named).hasMessageContaining("Put the data folder on a local file system");
  }

  @Test
  void settingsThatCouldLoseWhatWasAcknowledgedAreRefused() throws SQLException {
    assertRefused(JournalMode.DELETE, SynchronousMode.FULL, "journal_mode is delete and synchronous 2");
    assertRefused(JournalMode.WAL, SynchronousMode.NORMAL, "journal_mode is wal and synchronous 1");
    assertRefused(JournalMode.WAL, SynchronousMode.OFF, "journal_mode is wal and synchronous 0");
  }
}
