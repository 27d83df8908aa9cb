package io.berth.metadata.sql;

import io.berth.metadata.MetadataStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** A PostgreSQL server for all tests of this JVM, started when it is first asked for; each test has a database of its own. */
public final class PostgresForTests {

  private static final class Server {
    private static final EmbeddedPostgres RUNNING = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().setServerConfig("synchronous_commit", "off").setServerConfig("fsync", "on")
            .setServerConfig("max_connections", "200").start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String shared;
  private static Path last;

  private PostgresForTests() {}

  /** Options for a database. */
  public static PostgresOptions options(String database) {
    return new PostgresOptions("postgresql://127.0.0.1:" + Server.RUNNING.getPort() + "/" + database, "postgres", "", 12,
        Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(5));
  }

  /** A new, empty database. */
  public static String newDatabase() {
    byte[] random = new byte[8];
    ThreadLocalRandom.current().nextBytes(random);
    String name = "t" + HexFormat.of().formatHex(random);
    say("postgres", "CREATE DATABASE " + name);
    return name;
  }

  /** The store of a folder, which keeps its names until another folder is asked for: all of them share one database, which is soon emptied. */
  public static synchronized MetadataStore openIn(Path folder) {
    if (shared == null) {
      shared = newDatabase();
    }
    if (!folder.equals(last)) {
      say(shared, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      last = folder;
    }
    return PostgresMetadataStore.open(options(shared), () -> {});
  }

  /** Options for the database that the store of a folder was last opened in. */
  public static synchronized PostgresOptions optionsIn(Path folder) {
    if (shared == null || !folder.equals(last)) {
      throw new IllegalStateException("no store was opened for " + folder);
    }
    return options(shared);
  }

  /** A connection past the store. */
  public static Connection connect(String database) throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + Server.RUNNING.getPort() + "/" + database, "postgres", "");
  }

  /** Runs a statement. */
  public static void say(String database, String change) {
    try (Connection connection = connect(database); Statement statement = connection.createStatement()) {
      statement.execute(change);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first value of the first row. */
  public static String ask(String database, String question) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(question)) {
      return answer.next() ? answer.getString(1) : null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
