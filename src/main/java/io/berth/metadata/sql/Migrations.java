package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Brings a database to the schema of this program: the numbered files beside this class, each run once. A database of a newer program is
 * refused rather than guessed at. The caller holds the transaction.
 */
final class Migrations {

  static final int NEWEST = 13;

  private Migrations() {}

  /** Runs what is missing. */
  static void run(Session session, Dialect dialect) {
    run(session, dialect, NEWEST);
  }

  /** Runs what is missing, up to a version. */
  static void run(Session session, Dialect dialect, int last) {
    session.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    for (int next = version(session) + 1; next <= last; next++) {
      for (String statement : text(next, dialect).split(";\n", -1)) {
        if (!statement.isBlank()) {
          session.run(statement);
        }
      }
      session.run("INSERT INTO schema_version (version) VALUES (?)", next);
    }
  }

  /**
   * The version that the database has.
   *
   * @throws MetadataException if this program does not know it
   */
  static int version(Session session) {
    int version = session.one("SELECT MAX(version) FROM schema_version", row -> row.getInt(1)).orElse(0);
    if (version > NEWEST) {
      throw new MetadataException("the metadata store was written by a newer Berth (schema " + version + ", this one knows " + NEWEST
          + "): start that version, or restore a backup", new IllegalStateException("schema " + version));
    }
    return version;
  }

  private static String text(int number, Dialect dialect) {
    try (InputStream file = Migrations.class.getResourceAsStream(number + ".sql")) {
      if (file == null) {
        throw new IllegalStateException("migration " + number + " is not in the program");
      }
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      for (var word : dialect.words().entrySet()) {
        text = text.replace("${" + word.getKey() + "}", word.getValue());
      }
      return text;
    } catch (IOException e) {
      throw new MetadataException("migration " + number + " can't be read", e);
    }
  }
}
