package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * This process's claim to the database: what it keeps in memory, manifests above all, would be wrong if another process changed the names.
 *
 * <p>Two locks keep it, both of them tied to connections, so that they go with the process however it ends. The <em>holder</em> lock belongs
 * to the claim's own connection. The <em>users</em> lock is shared by every connection that works under the claim, and is given to such a
 * connection only while the claim's own is there ({@link #admission}). A new claim needs both for itself at once: so it comes about only when
 * the last connection of the one before is gone, also where that process does not know yet that it has lost its claim.
 */
final class PostgresClaim implements AutoCloseable {

  /** The family of our advisory locks of two numbers, which never meet those of one number. The letters are "brth". */
  private static final int FAMILY = 0x62727468;

  private static final int HOLDER = 1;
  private static final int USERS = 2;
  private static final int MIGRATION = 3;

  private static final Duration STEP = Duration.ofMillis(100);
  private static final int PING_MILLIS = 5_000;

  private final Connection connection;
  private final Session session;
  private final int backend;

  private PostgresClaim(Connection connection, Session session, int backend) {
    this.connection = connection;
    this.session = session;
    this.backend = backend;
  }

  /**
   * Takes the database for this process.
   *
   * @param patience how long to wait for connections of a process that has just ended
   * @throws MetadataException if another process has it, or the server can't be used
   */
  static PostgresClaim take(PostgresServer server, Duration patience) {
    Connection connection = server.connect();
    try {
      var session = new Session(connection);
      server.check(session);
      long end = System.nanoTime() + patience.toNanos();
      while (!taken(session)) {
        if (System.nanoTime() > end) {
          throw new MetadataException("another Berth is running on this database" + who(session)
              + ": stop it, or give this one another database. One that has ended just now may need a moment",
              new IllegalStateException("claimed"));
        }
        Thread.sleep(STEP);
      }
      int backend = session.one("SELECT pg_backend_pid()", row -> row.getInt(1)).orElseThrow();
      return new PostgresClaim(connection, session, backend);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close(connection);
      throw new MetadataException("interrupted while waiting for the database", e);
    } catch (RuntimeException e) {
      close(connection);
      throw e;
    }
  }

  private static boolean taken(Session session) {
    if (!truth(session, "SELECT pg_try_advisory_lock(?, ?)", HOLDER)) {
      return false;
    }
    if (truth(session, "SELECT pg_try_advisory_lock(?, ?)", USERS)) {
      return truth(session, "SELECT pg_advisory_unlock(?, ?)", USERS);
    }
    truth(session, "SELECT pg_advisory_unlock(?, ?)", HOLDER);
    return false;
  }

  private static boolean truth(Session session, String question, int lock) {
    return session.one(question, row -> row.getBoolean(1), FAMILY, lock).orElseThrow();
  }

  /** As much of the other process as the server tells this user. */
  private static String who(Session session) {
    return session.one(
        "SELECT coalesce(host(client_addr), 'the database''s own machine'), to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')"
            + " FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted AND backend_start IS NOT NULL"
            + " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            + " AND classid::bigint = ? AND objsubid = 2 ORDER BY objid LIMIT 1",
        row -> " (it came from " + row.getString(1) + " at " + row.getString(2) + " UTC)", (long) FAMILY).orElse("");
  }

  /**
   * What a connection must say before it works under this claim; it fails where the claim is gone. The lock comes first: once it is held,
   * nobody can take the claim away.
   */
  String admission() {
    return "SELECT pg_advisory_lock_shared(" + FAMILY + ", " + USERS + ");"
        + " SELECT 1 / count(*) AS claim FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = " + backend
        + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid::bigint = " + FAMILY
        + " AND objid::bigint = " + HOLDER + " AND objsubid = 2";
  }

  /** Brings the database to the schema of this program. Processes that do so at the same time do it one after the other. */
  void migrate() {
    migrate(connection, session);
  }

  static void migrate(Connection connection, Session session) {
    try {
      connection.setAutoCommit(false);
      session.run("SET LOCAL statement_timeout = 0");
      session.run("SET LOCAL lock_timeout = 0");
      session.run("SET LOCAL synchronous_commit = on");
      session.one("SELECT pg_advisory_xact_lock(?, ?)", _ -> true, FAMILY, MIGRATION);
      Migrations.run(session, Dialect.POSTGRESQL);
      connection.commit();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      throw new MetadataException("the database can't be migrated: " + e.getMessage(), e);
    }
  }

  /** Whether the claim's connection is there; waits a few seconds at most. */
  boolean isAlive() {
    try {
      Executor sameThread = Runnable::run;
      connection.setNetworkTimeout(sameThread, PING_MILLIS);
      return session.one("SELECT 1", _ -> true).isPresent();
    } catch (SQLException | MetadataException _) {
      return false;
    }
  }

  @Override
  public void close() {
    close(connection);
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException _) {
      // it is gone, which was the point
    }
  }
}
