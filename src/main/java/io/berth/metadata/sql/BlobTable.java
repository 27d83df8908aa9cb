package io.berth.metadata.sql;

import io.berth.metadata.ReadTransaction.DueLink;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tables {@code blob} and {@code link}: what exists, and which repository holds it.
 *
 * <p>What keeps bytes from being lost or forgotten while transactions run side by side in PostgreSQL:
 * <ul>
 * <li>Whatever takes a link away marks the blob as an orphan, without looking whether others hold it: two who remove the last two links could
 * each see the other's. Only the collector looks, later ({@link OrphanQueue}). So a blob that nobody holds is always marked.
 * <li>Whatever links a blob takes the mark away if it sees one, so that a popular blob's row is not written to by every push. One that is set at
 * the same time may stay, and then the collector finds the link.
 * </ul>
 *
 * <p>Whether a repository holds a blob is asked of its links alone, which have the digest for that: a look at the blob first would take longer where
 * another repository holds it, and so tell of it.
 *
 * <p>A lease may be renewed while the repository is shared; only who has it for himself acts on a lease.
 */
final class BlobTable {

  private static final String LINK =
      " WHERE link.repository_id = " + RepositoryTable.ID + " AND link.digest = ?";
  private static final String MARK = "UPDATE blob SET orphaned_at = CASE WHEN orphaned_at > ? THEN orphaned_at ELSE ? END WHERE ";

  static final String DUE = "SELECT repository.name, blob.digest FROM link JOIN repository ON repository.id = link.repository_id"
      + " JOIN blob ON blob.id = link.blob_id WHERE link.expires_at <= ? ORDER BY link.expires_at LIMIT ?";

  private final Session session;

  BlobTable(Session session) {
    this.session = session;
  }

  Optional<HeldBlob> held(RepositoryName repository, Digest blob) {
    return session.one("SELECT blob.size, link.expires_at FROM link JOIN blob ON blob.id = link.blob_id" + LINK,
        row -> new HeldBlob(row.getLong(1), instant(row, 2)), repository, blob);
  }

  static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull() ? null : Times.instant(micros);
  }

  /** The size is set anew, too: that of an orphan was never stated by anyone. A blob that is not there would be no number, which fails. */
  void link(RepositoryName repository, Digest blob, long size, Instant now, Instant until) {
    long at = Times.micros(now);
    session.run("INSERT INTO blob (digest, size, created_at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING", blob, size, at);
    session.run("UPDATE blob SET size = ?, orphaned_at = NULL, condemned_at = NULL WHERE digest = ? AND orphaned_at IS NOT NULL", size,
        blob);
    session.run("INSERT INTO link (repository_id, digest, blob_id, access_class, created_at, expires_at) VALUES (" + RepositoryTable.ID
        + ", ?, (SELECT id FROM blob WHERE digest = ?), (SELECT access_class FROM repository WHERE name = ?), ?, ?)"
        + " ON CONFLICT (repository_id, digest) DO UPDATE SET expires_at = excluded.expires_at"
        + " WHERE link.expires_at < excluded.expires_at", repository, blob, blob, repository, at, Times.micros(until));
  }

  void renew(RepositoryName repository, Digest blob, Instant until) {
    long at = Times.micros(until);
    session.run("UPDATE link SET expires_at = ?" + LINK + " AND expires_at < ?", at, repository, blob, at);
  }

  void keep(RepositoryName repository, Digest blob) {
    session.run("UPDATE link SET expires_at = NULL" + LINK, repository, blob);
  }

  /** A manifest that needed it has gone. */
  void release(RepositoryName repository, Digest blob, Instant until) {
    long at = Times.micros(until);
    session.run("UPDATE link SET expires_at = ?" + LINK + " AND (expires_at IS NULL OR expires_at < ?)", at, repository, blob, at);
  }

  boolean unlink(RepositoryName repository, Digest blob, Instant due) {
    boolean held = session.run("DELETE FROM link" + LINK, repository, blob) > 0;
    if (held) {
      long at = Times.micros(due);
      session.run(MARK + "digest = ?", at, at, blob);
    }
    return held;
  }

  /** All that the repository holds will be held by it no more. */
  void orphanAll(RepositoryName repository, Instant due) {
    long at = Times.micros(due);
    session.run(MARK + "id IN (SELECT blob_id FROM link WHERE repository_id = " + RepositoryTable.ID + ")", at, at, repository);
  }

  List<DueLink> due(Instant now, int limit) {
    return session.all(DUE, row -> new DueLink(new RepositoryName(row.getString(1)), Digest.parse(row.getString(2))), Times.micros(now),
        limit);
  }
}
