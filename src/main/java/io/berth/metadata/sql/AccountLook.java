package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import io.berth.metadata.StoredAccount;
import java.nio.file.Path;
import java.util.Optional;

/** Looks up an account in a database that another process may be using, without taking the database, migrating it or changing anything in it. */
public final class AccountLook {

  private AccountLook() {}

  /**
   * In SQLite.
   *
   * @throws MetadataException when it can't be read, in words
   */
  public static Optional<StoredAccount> find(Path file, String login) {
    try (Session session = SqliteMetadataStore.look(file)) {
      return new AccountTable(session, Locks.NONE).account(login);
    }
  }

  /**
   * In PostgreSQL.
   *
   * @throws MetadataException when it can't be read, in words
   */
  public static Optional<StoredAccount> find(PostgresOptions options, String login) {
    try (var session = new Session(new PostgresServer(options).connect())) {
      return new AccountTable(session, Locks.NONE).account(login);
    }
  }
}
