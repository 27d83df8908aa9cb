package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PostgreSQL server: how to reach it, whether names may be trusted to it, and what its refusals mean in words. Every connection is made
 * here, so that all of them have the same limits. Safe for any thread.
 */
final class PostgresServer {

  private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);

  static final int OLDEST = 15;
  static final int NEWEST = 18;

  /** How long the network may be silent beyond the time that a statement may take. */
  private static final Duration NETWORK = Duration.ofSeconds(10);

  /** A transaction that a stalled process holds open ends after this. */
  private static final Duration IDLE_TRANSACTION = Duration.ofMinutes(1);

  /** A statement is prepared on the server when a connection has run it so many times. */
  private static final int PREPARE_AFTER = 3;

  private final PostgresOptions options;

  PostgresServer(PostgresOptions options) {
    this.options = options;
  }

  /**
   * Makes connections.
   *
   * @param settings of the server for them, as {@code name=value}
   */
  PGSimpleDataSource source(String... settings) {
    var source = new PGSimpleDataSource();
    source.setURL("jdbc:" + options.url());
    source.setUser(options.user());
    source.setPassword(options.password());
    source.setApplicationName("berth");
    source.setAssumeMinServerVersion("9.0"); // so that the name goes with the greeting
    source.setTcpKeepAlive(true);
    source.setConnectTimeout((int) NETWORK.toSeconds());
    source.setSocketTimeout((int) options.statementTimeout().plus(NETWORK).toSeconds());
    source.setPrepareThreshold(PREPARE_AFTER);
    var text = new StringBuilder();
    text.append("-c statement_timeout=").append(options.statementTimeout().toMillis());
    text.append(" -c lock_timeout=").append(options.lockTimeout().toMillis());
    text.append(" -c idle_in_transaction_session_timeout=").append(IDLE_TRANSACTION.toMillis());
    // when this machine vanishes, the server is to notice and let another one in: after 10 + 3 * 5 seconds
    text.append(" -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3");
    for (String setting : settings) {
      text.append(" -c ").append(setting.replace(" ", "\\ "));
    }
    source.setOptions(text.toString());
    return source;
  }

  /** A connection for one thread, outside of any pool. */
  Connection connect() {
    try {
      return source().getConnection();
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  /** What a connection must be told before it is used, so that a commit is durable when it returns, on the standby too if there is one. */
  static String durable() {
    return "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')";
  }

  /**
   * What a server says of itself.
   *
   * @param version the major version
   * @param release the version in words
   */
  record Facts(int version, String release, String encoding, boolean fsync, boolean fullPageWrites, boolean standby, boolean readOnly) {

    static Facts of(Session session) {
      return new Facts(Integer.parseInt(setting(session, "server_version_num")) / 10_000, setting(session, "server_version"),
          setting(session, "server_encoding"), setting(session, "fsync").equals("on"), setting(session, "full_page_writes").equals("on"),
          session.one("SELECT pg_is_in_recovery()", row -> row.getBoolean(1)).orElseThrow(),
          setting(session, "default_transaction_read_only").equals("on"));
    }

    /** Why names may not be trusted to it, with the remedy. */
    Optional<String> problem() {
      if (version < OLDEST) {
        return Optional.of("it is version " + release + ", and Berth needs " + OLDEST + " to " + NEWEST + ": upgrade the server");
      }
      if (!encoding.equals("UTF8")) {
        return Optional.of("the database has the encoding " + encoding
            + ": make one with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0");
      }
      if (!fsync || !fullPageWrites) {
        String name = fsync ? "full_page_writes" : "fsync";
        return Optional.of(name + " is off, so a power failure could lose or damage what was acknowledged: set " + name
            + " = on in postgresql.conf and reload the server");
      }
      if (standby) {
        return Optional.of("it is a standby, which can only be read: name the primary server");
      }
      if (readOnly) {
        return Optional
            .of("its transactions are read-only by default: set default_transaction_read_only = off for the database or the user");
      }
      return Optional.empty();
    }
  }

  /**
   * Looks whether names may be trusted to this server.
   *
   * @throws MetadataException if not, in words with the remedy
   */
  void check(Session session) {
    Facts facts = Facts.of(session);
    facts.problem().ifPresent(problem -> {
      throw new MetadataException("PostgreSQL at " + options.url() + " can't be used: " + problem, new IllegalStateException(problem));
    });
    if (facts.version() > NEWEST) {
      LOG.warn("PostgreSQL at {} is version {}, newer than those that this Berth was tested with ({} to {})", options.url(),
          facts.release(), OLDEST, NEWEST);
    }
  }

  private static String setting(Session session, String name) {
    return session.one("SELECT current_setting(?)", row -> row.getString(1), name).orElseThrow();
  }

  /** Why there is no connection, or no table can be made, in words with the remedy. */
  MetadataException refused(SQLException e) {
    String state = state(e);
    String remedy = switch (state) {
      case "28P01", "08004" -> "the password is missing or wrong for the user '" + options.user()
          + "': give it in the environment variable BERTH_DATABASE_PASSWORD, or in a file";
      case "28000" -> "the server does not let the user '" + options.user()
          + "' in from here: does the user exist, and does pg_hba.conf have a line for it?";
      case "3D000" -> "there is no such database: make it with CREATE DATABASE ... OWNER \"" + options.user() + "\"";
      case "53300" -> "the server has no connection left: raise its max_connections, or make the pool smaller";
      case "57P03" -> "the server is starting up or shutting down: try again in a moment";
      case "42501" ->
          "the user '" + options.user() + "' may not make tables: make it the owner of the database (ALTER DATABASE ... OWNER TO \""
              + options.user() + "\")";
      default -> state.startsWith("08") ? "is the server running there, and may this machine reach it?" : "see the server's log";
    };
    return new MetadataException("PostgreSQL at " + options.url() + " can't be used: " + remedy + " (" + e.getMessage() + ")", e);
  }

  /** The SQLSTATE behind a failure; empty if there is none. */
  static String state(@Nullable Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException failure && failure.getSQLState() != null) {
        return failure.getSQLState();
      }
    }
    return "";
  }

  /** Whether a failure means that the connection is gone, and with it the knowledge of what has become of a commit. */
  static boolean isLoss(Throwable e) {
    String state = state(e);
    return state.isEmpty() || state.startsWith("08") || state.startsWith("57P");
  }
}
