package io.berth.metadata.sql;

import io.berth.metadata.PresenceWrites;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Table {@code presence}: content that manifests need, and that came or went, behind the locks that this needs. Where a manifest needs nothing that comes, which is so in every push from the
 * bottom up, a question to an index is all it costs. For one thread.
 */
final class PresenceTable implements PresenceWrites {

  private static final Duration KEPT = Duration.ofDays(30);

  static final String NEEDED = "SELECT 1 FROM edge WHERE repository_id = " + RepositoryTable.ID
      + " AND target = ? AND kind IN ('config', 'layer', 'child')";
  private static final String NEW_MANIFEST = NEEDED + " AND NOT EXISTS (SELECT 1 FROM manifest WHERE manifest.repository_id ="
      + " edge.repository_id AND manifest.digest = edge.target) LIMIT 1";
  private static final String NEW_BLOB = NEEDED + " AND NOT EXISTS (SELECT 1 FROM link JOIN blob ON blob.id = link.blob_id"
      + " WHERE link.repository_id = edge.repository_id AND blob.digest = edge.target) LIMIT 1";

  /** The first few and no others, or each change would look through all that is kept for one that is too old. */
  static final String OLDEST =
      "SELECT id, at FROM presence WHERE repository_id = " + RepositoryTable.ID + " ORDER BY repository_id, id LIMIT 10";

  private final Session session;
  private final Locks locks;

  PresenceTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  /** To be called before a manifest is stored. */
  void comes(RepositoryName repository, Digest manifest, Instant now) {
    add(NEW_MANIFEST, repository, manifest, true, now);
  }

  /** To be called before a blob is linked. */
  void comesAsBlob(RepositoryName repository, Digest blob, Instant now) {
    add(NEW_BLOB, repository, blob, true, now);
  }

  @Override
  public void went(RepositoryName repository, Digest content, Instant now) {
    add(NEEDED + " LIMIT 1", repository, content, false, now);
  }

  /** Numbers are given out one after the other, up to the commit: whoever has read up to one has read all before it. */
  private void add(String condition, RepositoryName repository, Digest content, boolean present, Instant now) {
    if (session.one(condition, _ -> true, repository, content).isEmpty()) {
      return;
    }
    locks.sequence(repository);
    session.run("INSERT INTO presence (repository_id, content, present, at) VALUES (" + RepositoryTable.ID + ", ?, ?, ?)", repository,
        content, present ? 1L : 0L, Times.micros(now));
    session.run("DELETE FROM presence WHERE id IN (SELECT id FROM (" + OLDEST + ") AS oldest WHERE at < ?)", repository,
        Times.micros(now.minus(KEPT)));
  }

  @Override
  public List<Change> changes(RepositoryName repository, long after, int limit) {
    locks.own(repository);
    return session.all("SELECT id, content, present, at FROM presence WHERE id > ? AND repository_id = " + RepositoryTable.ID
        + " ORDER BY repository_id, id LIMIT ?",
        row -> new Change(row.getLong(1), Digest.parse(row.getString(2)), row.getLong(3) == 1, Times.instant(row.getLong(4))), after,
        repository, limit);
  }
}
