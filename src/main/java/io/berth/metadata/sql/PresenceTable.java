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

  /**
   * Whether something needs it: the first that points at it tells, since in the order of the index those that do come first. No plan can go through all
   * edges instead, in the hope of meeting one soon where many point at it.
   */
  static final String NEEDED = "SELECT 1 FROM (SELECT target, kind FROM edge WHERE (repository_id, target) >= (" + RepositoryTable.ID
      + ", ?) ORDER BY repository_id, target, kind, manifest_id, pointer LIMIT 1) AS first_one WHERE target = ? AND kind IN ('child', 'config', 'layer')";
  /** Whether it is there is asked once, and not for each that needs it. */
  static final String NEW_MANIFEST =
      "SELECT 1 FROM (" + NEEDED + ") AS needed WHERE NOT EXISTS (SELECT 1 FROM manifest WHERE repository_id = "
          + RepositoryTable.ID + " AND digest = ?)";
  static final String NEW_BLOB = "SELECT 1 FROM (" + NEEDED + ") AS needed WHERE NOT EXISTS (SELECT 1 FROM link WHERE repository_id = "
      + RepositoryTable.ID + " AND digest = ?)";

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
    if (session.one(NEW_MANIFEST, _ -> true, repository, manifest, manifest, repository, manifest).isPresent()) {
      add(repository, manifest, true, now);
    }
  }

  /** To be called before a blob is linked. */
  void comesAsBlob(RepositoryName repository, Digest blob, Instant now) {
    if (session.one(NEW_BLOB, _ -> true, repository, blob, blob, repository, blob).isPresent()) {
      add(repository, blob, true, now);
    }
  }

  @Override
  public void went(RepositoryName repository, Digest content, Instant now) {
    if (session.one(NEEDED, _ -> true, repository, content, content).isPresent()) {
      add(repository, content, false, now);
    }
  }

  private void add(RepositoryName repository, Digest content, boolean present, Instant now) {
    unwritten.computeIfAbsent(repository, _ -> new ArrayList<>()).add(new Change(0, content, present, now));
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
