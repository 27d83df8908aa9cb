package io.berth.metadata.sql;

import java.time.Instant;
import java.util.Optional;

/** Table {@code clock}: when the registry looked at the clock last. */
final class ClockTable {

  private final Session session;

  ClockTable(Session session) {
    this.session = session;
  }

  Optional<Instant> seen() {
    return session.one("SELECT seen_at FROM clock WHERE seen_at > 0", row -> Times.instant(row.getLong(1)));
  }

  void see(Instant now) {
    session.run("UPDATE clock SET seen_at = ?", Times.micros(now));
  }
}
