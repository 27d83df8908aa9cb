package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.NamePatterns;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * Names in one SQLite file. Durable by write-ahead log and a full sync at each commit ({@code synchronous=FULL}); readers never wait for
 * writers. All writing is done by one thread, which commits together what arrives together ({@link SqliteWriter}).
 */
public final class SqliteMetadataStore implements MetadataStore {

  private static final int CACHE_KIB = 32 * 1024;
  private static final int BUSY_MILLIS = 10_000;

  /** How {@code PRAGMA synchronous} says FULL. */
  private static final int FULL = 2;

  private final String url;
  private final NamePatterns patterns;
  private final SqliteWriter writer;
  private final Queue<Reader> idle = new ConcurrentLinkedQueue<>();
  private final Semaphore turns = new Semaphore(Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));

  private record Reader(Session session, SqlTransaction transaction) {}

  private SqliteMetadataStore(String url, NamePatterns patterns) {
    this.url = url;
    this.patterns = patterns;
    try (Session session = connect(url)) {
      session.run("BEGIN IMMEDIATE");
      Migrations.run(session, Dialect.SQLITE);
      session.run("COMMIT");
    }
    this.writer = new SqliteWriter(() -> connect(url), patterns);
  }

  /**
   * Opens the database, creating or migrating it as needed. Scans nothing.
   *
   * @param patterns with which the names of new repositories are compared
   * @throws MetadataException when it can't be opened, in words
   */
  public static SqliteMetadataStore open(Path file, NamePatterns patterns) {
    return new SqliteMetadataStore("jdbc:sqlite:" + file, patterns);
  }

  /** Opens one for which no pattern of names matters. */
  public static SqliteMetadataStore open(Path file) {
    return open(file, NamePatterns.NONE);
  }

  /**
   * Looks at a database, which another process may be using, and changes nothing in it.
   *
   * @return what it is, in words
   * @throws MetadataException when it can't be used, in words
   */
  public static String examine(Path file) {
    try (Session session = look(file)) {
      int version = Migrations.version(session);
      String release = session.one("SELECT sqlite_version()", row -> row.getString(1)).orElseThrow();
      String journal = session.one("PRAGMA journal_mode", row -> row.getString(1)).orElseThrow();
      return "SQLite " + release + ", schema " + version + " of " + Migrations.NEWEST + ", journal " + journal;
    }
  }

  /** A connection that can change nothing. */
  static Session look(Path file) {
    var config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(BUSY_MILLIS);
    try {
      return new Session(config.createConnection("jdbc:sqlite:" + file));
    } catch (SQLException e) {
      throw new MetadataException("the metadata store can't be opened: " + e.getMessage(), e);
    }
  }

  /** Has SQLite's native library lie in a folder rather than be unpacked at each start; to be called before the first database is opened. */
  public static void keepLibraryIn(Path folder) {
    SqliteLibrary.keepIn(folder);
  }

  static Session connect(String url) {
    var config = new SQLiteConfig();
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(BUSY_MILLIS);
    config.setCacheSize(-CACHE_KIB);
    try {
      var session = new Session(config.createConnection(url));
      requireDurable(session);
      return session;
    } catch (SQLException e) {
      throw new MetadataException("the metadata store can't be opened: " + e.getMessage(), e);
    }
  }

  /**
   * Looks whether the settings that were asked for are in force; where a file system has no shared memory, SQLite quietly takes others.
   *
   * @throws MetadataException if not, in words; the session is closed then
   */
  static void requireDurable(Session session) {
    String journal = session.one("PRAGMA journal_mode", row -> row.getString(1)).orElse("unknown");
    int synchronous = session.one("PRAGMA synchronous", row -> row.getInt(1)).orElse(0);
    if (!journal.equals("wal") || synchronous < FULL) {
      session.close();
      String what = "journal_mode is " + journal + " and synchronous " + synchronous;
      throw new MetadataException("the metadata store can't be used: " + what + " instead of wal and 2 (FULL), so that a power failure "
          + "could lose what was acknowledged. Put the data folder on a local file system", new IllegalStateException(what));
    }
  }

  @Override
  public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
    try {
      turns.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MetadataException("interrupted while waiting for the metadata store", e);
    }
    try {
      return readInTurn(work);
    } finally {
      turns.release();
    }
  }

  /** A connection on which anything of the database failed may be in the middle of a transaction, and is not used again. */
  private <T extends @Nullable Object> T readInTurn(Function<? super ReadTransaction, T> work) {
    Reader kept = idle.poll();
    Reader reader = kept == null ? reader() : kept;
    boolean usable = false;
    try {
      reader.session.run("BEGIN");
      try {
        return work.apply(reader.transaction);
      } finally {
        reader.session.run("COMMIT");
        usable = true;
      }
    } finally {
      if (usable) {
        idle.add(reader);
      } else {
        reader.session.close();
      }
    }
  }

  private Reader reader() {
    Session session = connect(url);
    return new Reader(session, new SqlTransaction(session, Locks.NONE, patterns));
  }

  @Override
  public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
    return writer.write(work);
  }

  @Override
  public void close() {
    writer.close();
    for (Reader reader = idle.poll(); reader != null; reader = idle.poll()) {
      reader.session.close();
    }
  }
}
