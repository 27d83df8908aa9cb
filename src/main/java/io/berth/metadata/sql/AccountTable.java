package io.berth.metadata.sql;

import io.berth.metadata.AccountWrites;
import io.berth.metadata.StoredAccount;
import io.berth.metadata.StoredKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tables {@code account}, {@code api_key} and {@code identity_epoch}, behind one lock: they change seldom. For one thread. */
final class AccountTable implements AccountWrites {

  private static final String ACCOUNT =
      "SELECT login, kind, password, groups, administrator, disabled, expires_at, created_at FROM account";
  private static final String KEY = "SELECT id, owner, hash, description, ceiling, groups, created_at, expires_at FROM api_key";

  private final Session session;
  private final Locks locks;

  AccountTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  @Override
  public Optional<StoredAccount> account(String login) {
    locks.allAccounts();
    return session.one(ACCOUNT + " WHERE login = ?", AccountTable::account, login);
  }

  @Override
  public List<StoredAccount> accounts(StoredAccount.Kind kind, String after, int limit) {
    locks.allAccounts();
    return session.all(ACCOUNT + " WHERE kind = ? AND login > ? ORDER BY login LIMIT ?", AccountTable::account, word(kind), after, limit);
  }

  @Override
  public boolean hasAdministrator(Instant now) {
    locks.allAccounts();
    return session.one("SELECT 1 FROM account WHERE kind = 'user' AND administrator = 1 AND disabled = 0"
        + " AND (expires_at IS NULL OR expires_at > ?) LIMIT 1", _ -> true, Times.micros(now)).orElse(false);
  }

  private static StoredAccount account(ResultSet row) throws SQLException {
    return new StoredAccount(row.getString(1), StoredAccount.Kind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)), row.getString(3),
        row.getString(4).lines().toList(), row.getInt(5) != 0, row.getInt(6) != 0, instant(row, 7), Times.instant(row.getLong(8)));
  }

  @Override
  public void putAccount(StoredAccount account) {
    locks.allAccounts();
    session.run("DELETE FROM account WHERE login = ?", account.login());
    session.run("INSERT INTO account (login, kind, password, groups, administrator, disabled, expires_at, created_at)"
        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", account.login(), word(account.kind()), account.password(),
        String.join("\n", account.groups()), account.administrator() ? 1 : 0, account.disabled() ? 1 : 0, micros(account.expires()),
        Times.micros(account.created()));
  }

  @Override
  public void deleteAccount(String login) {
    locks.allAccounts();
    session.run("DELETE FROM account WHERE login = ?", login);
  }

  @Override
  public Optional<StoredKey> key(String id) {
    locks.allAccounts();
    return session.one(KEY + " WHERE id = ?", AccountTable::key, id);
  }

  @Override
  public Optional<StoredKey> keyOf(String hash) {
    locks.allAccounts();
    return session.one(KEY + " WHERE hash = ?", AccountTable::key, hash);
  }

  @Override
  public List<StoredKey> keys(String owner, String after, int limit) {
    locks.allAccounts();
    return session.all(KEY + " WHERE owner = ? AND id > ? ORDER BY id LIMIT ?", AccountTable::key, owner, after, limit);
  }

  private static StoredKey key(ResultSet row) throws SQLException {
    return new StoredKey(row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5),
        row.getString(6).lines().toList(), Times.instant(row.getLong(7)), instant(row, 8));
  }

  @Override
  public void putKey(StoredKey key) {
    locks.allAccounts();
    session.run("DELETE FROM api_key WHERE id = ?", key.id());
    session.run(
        "INSERT INTO api_key (id, owner, hash, description, ceiling, groups, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        key.id(), key.owner(), key.hash(), key.description(), key.ceiling(), String.join("\n", key.groups()), Times.micros(key.created()),
        micros(key.expires()));
  }

  @Override
  public void deleteKey(String id) {
    locks.allAccounts();
    session.run("DELETE FROM api_key WHERE id = ?", id);
  }

  @Override
  public void deleteKeys(String owner) {
    locks.allAccounts();
    session.run("DELETE FROM api_key WHERE owner = ?", owner);
  }

  @Override
  public long epoch(String identity) {
    locks.allAccounts();
    return session.one("SELECT epoch FROM identity_epoch WHERE identity = ?", row -> row.getLong(1), identity).orElse(0L);
  }

  @Override
  public long raiseEpoch(String identity) {
    long next = epoch(identity) + 1;
    session.run("INSERT INTO identity_epoch (identity, epoch) VALUES (?, ?) ON CONFLICT (identity) DO UPDATE SET epoch = excluded.epoch",
        identity, next);
    return next;
  }

  private static String word(StoredAccount.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable Long micros(@Nullable Instant instant) {
    return instant == null ? null : Times.micros(instant);
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull() ? null : Times.instant(micros);
  }
}
