package io.berth.metadata.sql;

import io.berth.metadata.PresenceWrites;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Table {@code presence}: content that manifests need, and that came or went. Where a manifest needs nothing that comes, which is so in every push from the
 * bottom up, a question to an index is all it costs. For one thread.
 *
 * <p>It is written down at the end of the transaction ({@link #settle}), with the numbers of the repository that come next: from then on others who
 * take numbers of that repository, or change its tags, wait for this transaction, which waits for nothing any more.
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
      "SELECT sequence, at FROM presence WHERE repository_id = " + RepositoryTable.ID + " ORDER BY sequence LIMIT 10";

  private final Session session;
  private final Locks locks;
  private final SortedMap<RepositoryName, List<Change>> unwritten = new TreeMap<>();

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

  private void add(String condition, RepositoryName repository, Digest content, boolean present, Instant now) {
    if (session.one(condition, _ -> true, repository, content).isPresent()) {
      unwritten.computeIfAbsent(repository, _ -> new ArrayList<>()).add(new Change(0, content, present, now));
    }
  }

  /** The repository goes, with all that came to it. */
  void forget(RepositoryName repository) {
    unwritten.remove(repository);
  }

  @Override
  public Set<RepositoryName> changed() {
    return Set.copyOf(unwritten.keySet());
  }

  /**
   * Writes it down. To be called when the work is done, before it is committed. Numbers are given out one after the other, up to the commit: whoever has
   * read up to one has read all before it.
   */
  void settle() {
    unwritten.forEach(this::write);
  }

  private void write(RepositoryName repository, List<Change> changes) {
    long last = session.one("UPDATE repository SET presence_sequence = presence_sequence + ? WHERE name = ? RETURNING presence_sequence",
        row -> row.getLong(1), (long) changes.size(), repository)
        .orElseThrow(() -> new IllegalStateException("something comes or goes only in a repository that exists"));
    long sequence = last - changes.size();
    for (Change change : changes) {
      sequence++;
      session.run("INSERT INTO presence (repository_id, sequence, content, present, at) VALUES (" + RepositoryTable.ID + ", ?, ?, ?, ?)",
          repository, sequence, change.content(), change.present() ? 1L : 0L, Times.micros(change.at()));
      session.run("DELETE FROM presence WHERE repository_id = " + RepositoryTable.ID + " AND sequence IN (SELECT sequence FROM (" + OLDEST
          + ") AS oldest WHERE at < ?)", repository, repository, Times.micros(change.at().minus(KEPT)));
    }
  }

  @Override
  public List<Change> changes(RepositoryName repository, long after, int limit) {
    locks.own(repository);
    return session.all("SELECT sequence, content, present, at FROM presence WHERE sequence > ? AND repository_id = " + RepositoryTable.ID
        + " ORDER BY sequence LIMIT ?",
        row -> new Change(row.getLong(1), Digest.parse(row.getString(2)), row.getLong(3) == 1, Times.instant(row.getLong(4))), after,
        repository, limit);
  }
}
