package io.berth.metadata.sql;

import io.berth.metadata.ReadTransaction.Orphan;
import io.berth.oci.Backlog;
import io.berth.oci.Digest;
import java.time.Instant;
import java.util.List;

/**
 * The marked rows of table {@code blob}: blobs that perhaps nobody holds, in the order in which they may go.
 *
 * <p>In PostgreSQL at READ COMMITTED, a statement that waited for a row looks again at that row, but not at others, so "no link to it" in the
 * same statement may be an old truth. Therefore condemning writes to the row first, and looks for links in the next statement. Whoever removed
 * a link has then either committed, and is seen, or has yet to mark the row, behind this transaction. A link that is being made
 * meanwhile is seen by the collector's second look: a push holds the digest's lock, and a mount has the origin's link kept in its place.
 */
final class OrphanQueue {

  private static final String HELD = "EXISTS (SELECT 1 FROM link WHERE link.blob_id = blob.id)";

  static final String DUE = "SELECT digest, size FROM blob WHERE orphaned_at <= ? ORDER BY orphaned_at LIMIT ?";

  private final Session session;

  OrphanQueue(Session session) {
    this.session = session;
  }

  List<Orphan> due(Instant now, int limit) {
    return session.all(DUE, row -> new Orphan(Digest.parse(row.getString(1)), row.getLong(2)), Times.micros(now), limit);
  }

  void add(Digest blob, long size, Instant now, Instant due) {
    session.run("INSERT INTO blob (digest, size, created_at, orphaned_at) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING", blob, size,
        Times.micros(now), Times.micros(due));
  }

  boolean condemn(Digest blob, Instant now, Instant first) {
    long at = Times.micros(now);
    if (session.run("UPDATE blob SET condemned_at = ? WHERE digest = ? AND orphaned_at <= ? AND orphaned_at > 0", at, blob, at) == 0) {
      session.run("UPDATE blob SET orphaned_at = ? WHERE digest = ? AND orphaned_at = 0", Times.micros(first), blob);
      return false;
    }
    return session.run("UPDATE blob SET orphaned_at = NULL, condemned_at = NULL WHERE digest = ? AND " + HELD, blob) == 0;
  }

  boolean isCondemned(Digest blob) {
    return session.one("SELECT 1 FROM blob WHERE digest = ? AND condemned_at IS NOT NULL AND NOT " + HELD, _ -> true, blob).isPresent();
  }

  void postpone(Digest blob, Instant due) {
    session.run("UPDATE blob SET orphaned_at = ? WHERE digest = ? AND orphaned_at IS NOT NULL", Times.micros(due), blob);
  }

  boolean delete(Digest blob) {
    return session.run("DELETE FROM blob WHERE digest = ? AND condemned_at IS NOT NULL AND NOT " + HELD, blob) > 0;
  }

  Backlog backlog(Instant now) {
    long at = Times.micros(now);
    Backlog links = session.one("SELECT COUNT(*), COALESCE(SUM(CASE WHEN expires_at <= ? THEN 1 ELSE 0 END), 0), MIN(expires_at) FROM link"
        + " WHERE expires_at IS NOT NULL",
        row -> new Backlog(row.getLong(1), row.getLong(2), BlobTable.instant(row, 3), 0, 0, 0, 0, null),
        at).orElseThrow();
    return session.one("SELECT COUNT(*), COALESCE(SUM(size), 0), COALESCE(SUM(CASE WHEN orphaned_at <= ? THEN 1 ELSE 0 END), 0),"
        + " COALESCE(SUM(CASE WHEN orphaned_at <= ? THEN size ELSE 0 END), 0), MIN(orphaned_at) FROM blob WHERE orphaned_at IS NOT NULL AND NOT "
        + HELD,
        row -> new Backlog(links.links(), links.dueLinks(), links.nextLink(), row.getLong(1), row.getLong(2), row.getLong(3),
            row.getLong(4), BlobTable.instant(row, 5)),
        at, at).orElseThrow();
  }
}
