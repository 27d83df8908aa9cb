package io.berth.metadata.sql;

import io.berth.metadata.TokenKeys;
import java.time.Instant;
import java.util.Optional;

/** Table {@code token_key}: by which keys tokens can be verified. */
record TokenKeyTable(Session session) implements TokenKeys.Changes {

  @Override
  public Optional<String> find(String id, Instant now) {
    return session.one("SELECT jwk FROM token_key WHERE id = ? AND expires_at > ?", row -> row.getString(1), id, Times.micros(now));
  }

  @Override
  public void put(String id, String jwk, Instant until, Instant now) {
    session.run("DELETE FROM token_key WHERE expires_at <= ?", Times.micros(now));
    session.run(
        "INSERT INTO token_key (id, jwk, expires_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at",
        id, jwk, Times.micros(until));
  }
}
