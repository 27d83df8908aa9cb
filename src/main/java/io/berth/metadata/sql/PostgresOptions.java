package io.berth.metadata.sql;

import java.time.Duration;

/**
 * Where the PostgreSQL is, and how it is used.
 *
 * @param url {@code postgresql://host:port/database}, with {@code ssl…} parameters where wanted; without user and password
 * @param password empty where the server asks for none
 * @param poolSize connections at most, for reading and writing together; 2 or more
 * @param statementTimeout how long one statement may take
 * @param lockTimeout how long a statement may wait for other transactions
 * @param patience how long a transaction may wait for a connection, also for one that is lost to come back
 */
public record PostgresOptions(String url, String user, String password, int poolSize, Duration statementTimeout, Duration lockTimeout,
    Duration patience) {

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Options with the usual limits for waiting. */
  public PostgresOptions(String url, String user, String password, int poolSize, Duration statementTimeout) {
    this(url, user, password, poolSize, statementTimeout, LOCK_TIMEOUT, PATIENCE);
  }

  @Override
  public String toString() {
    return "PostgresOptions[" + url + ", user=" + user + ", password=•••]";
  }
}
