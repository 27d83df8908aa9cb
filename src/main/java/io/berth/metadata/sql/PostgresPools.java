package io.berth.metadata.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * The connections that work under one {@link PostgresClaim}: some that read, some that write, so that writers who wait for each other leave
 * readers in peace. They are made when they are needed, and none is made once the claim is gone. Prepared statements stay with their
 * connection, kept by the driver. Safe for any thread.
 */
final class PostgresPools implements AutoCloseable {

  /** Who waits longer looks whether these are still the pools that count. */
  private static final long WAIT_MILLIS = 1_000;

  private final HikariDataSource reading;
  private final HikariDataSource writing;

  PostgresPools(PostgresServer server, PostgresClaim claim, PostgresOptions options) {
    this.writing = pool("berth-write", server.source(), claim, options.writers(), false);
    this.reading = pool("berth-read", server.source("default_transaction_isolation=repeatable read"), claim, options.readers(), true);
  }

  private static HikariDataSource pool(String name, DataSource source, PostgresClaim claim, int size, boolean readOnly) {
    var config = new HikariConfig();
    config.setPoolName(name);
    config.setDataSource(source);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0); // one that was kept ready without being asked for would keep a lost claim from being renewed
    config.setConnectionTimeout(WAIT_MILLIS);
    config.setValidationTimeout(WAIT_MILLIS);
    config.setInitializationFailTimeout(-1);
    config.setAutoCommit(false);
    config.setReadOnly(readOnly);
    config.setIsolateInternalQueries(true); // what a connection must say is committed, and its first transaction begins with its first use
    config.setConnectionInitSql(PostgresServer.durable() + "; " + claim.admission());
    return new HikariDataSource(config);
  }

  /** A connection whose transactions see one state, that of their first statement, and change nothing. */
  Connection reader() throws SQLException {
    return reading.getConnection();
  }

  /** A connection whose statements see what was committed before they began. */
  Connection writer() throws SQLException {
    return writing.getConnection();
  }

  /** Ends all connections, those at work too. */
  @Override
  public void close() {
    writing.close();
    reading.close();
  }
}
