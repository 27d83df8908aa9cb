package io.berth.metadata.sql;

import io.berth.metadata.MetadataStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Stores with more in them than a test has the time to push: filled by the databases themselves. */
public final class FilledStore {

  private FilledStore() {}

  /** What is done to a new database before it is opened; {@code binary} is its type for bytes. */
  public interface Filling {
    void into(Statement statement, String binary) throws SQLException;
  }

  /** A store in a file of the folder. */
  public static MetadataStore inSqlite(Path folder, Filling filling) {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      filling.into(statement, "BLOB");
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return SqliteMetadataStore.open(file);
  }

  /** A store in a database of its own. */
  public static MetadataStore inPostgresql(Filling filling) {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); Statement statement = connection.createStatement()) {
      filling.into(statement, "BYTEA");
      statement.execute("VACUUM ANALYZE");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return PostgresMetadataStore.open(PostgresForTests.options(database), () -> {});
  }
}
