package io.berth.metadata.sql;

import io.berth.metadata.NamePatterns;
import io.berth.metadata.TagReads.Progress;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Table {@code repository}. */
final class RepositoryTable {

  /** The key of the repository whose name is the parameter; no row matches where it does not exist. */
  static final String ID = "(SELECT id FROM repository WHERE name = ?)";

  private final Session session;
  private final NamePatterns patterns;

  RepositoryTable(Session session, NamePatterns patterns) {
    this.session = session;
    this.patterns = patterns;
  }

  /** No name has a NUL character, and PostgreSQL takes no text with one: what is behind the text up to there is behind all of it. */
  static String position(String after) {
    int end = after.indexOf('\0');
    return end < 0 ? after : after.substring(0, end);
  }

  boolean exists(RepositoryName name) {
    return session.one("SELECT 1 FROM repository WHERE name = ?", _ -> true, name).isPresent();
  }

  List<RepositoryName> page(String after, int limit) {
    return session.all("SELECT name FROM repository WHERE name > ? ORDER BY name LIMIT ?", row -> new RepositoryName(row.getString(1)),
        after,
        limit);
  }

  Optional<RepositoryUsage> usage(RepositoryName name) {
    return session.one("""
        SELECT (SELECT COUNT(*) FROM tag WHERE tag.repository_id = repository.id),
          (SELECT COUNT(*) FROM manifest WHERE manifest.repository_id = repository.id),
          (SELECT COALESCE(SUM(size), 0) FROM manifest WHERE manifest.repository_id = repository.id),
          (SELECT COUNT(*) FROM link WHERE link.repository_id = repository.id),
          (SELECT COALESCE(SUM(blob.size), 0) FROM link JOIN blob ON blob.id = link.blob_id WHERE link.repository_id = repository.id)
        FROM repository WHERE name = ?""", RepositoryTable::usage, name);
  }

  long unsharedBytes(RepositoryName name) {
    return session.one("""
        SELECT (SELECT COALESCE(SUM(size), 0) FROM manifest WHERE manifest.repository_id = repository.id),
          (SELECT COALESCE(SUM(blob.size), 0) FROM link JOIN blob ON blob.id = link.blob_id WHERE link.repository_id = repository.id
            AND NOT EXISTS (SELECT 1 FROM link other WHERE other.blob_id = blob.id AND other.repository_id <> repository.id))
        FROM repository WHERE name = ?""", row -> row.getLong(1) + row.getLong(2), name).orElse(0L);
  }

  private static RepositoryUsage usage(ResultSet row) throws SQLException {
    return new RepositoryUsage(row.getLong(1), row.getLong(2), row.getLong(4), row.getLong(3) + row.getLong(5));
  }

  /** One that has been before goes on from where it was. */
  void create(RepositoryName name, Instant now) {
    int made = session.run(
        "INSERT INTO repository (name, created_at, sequence, first_sequence, presence_sequence, changed_at) VALUES (?, ?,"
            + " COALESCE((SELECT sequence FROM former_repository WHERE name = ?), 0),"
            + " COALESCE((SELECT sequence FROM former_repository WHERE name = ?), 0),"
            + " COALESCE((SELECT presence_sequence FROM former_repository WHERE name = ?), 0),"
            + " COALESCE((SELECT changed_at FROM former_repository WHERE name = ?), 0)) ON CONFLICT (name) DO NOTHING",
        name, Times.micros(now),
        name, name, name, name);
    if (made > 0) {
      new OriginTable(session, Locks.NONE).begin(name, patterns.of(name));
    }
  }

  long first(RepositoryName name) {
    return session.one("SELECT first_sequence FROM repository WHERE name = ?", row -> row.getLong(1), name).orElse(0L);
  }

  Progress progress(RepositoryName name) {
    return session.one("SELECT sequence, changed_at, tags FROM repository WHERE name = ?", RepositoryTable::progress, name)
        .orElse(Progress.NONE);
  }

  private static Progress progress(ResultSet row) throws SQLException {
    return new Progress(row.getLong(1), Times.instant(row.getLong(2)), row.getLong(3));
  }

  /**
   * One step further: the next number, a time later than the last though the clock may have been set back, and what is added to the number
   * of tags.
   */
  Progress advance(RepositoryName name, Instant now, long tags) {
    long at = Times.micros(now);
    return session.one("UPDATE repository SET sequence = sequence + 1, tags = tags + ?,"
        + " changed_at = CASE WHEN changed_at < ? THEN ? ELSE changed_at + 1 END WHERE name = ? RETURNING sequence, changed_at, tags",
        RepositoryTable::progress, tags, at, at, name)
        .orElseThrow(() -> new IllegalStateException("a tag changes only in a repository that exists"));
  }

  boolean delete(RepositoryName name) {
    session
        .run("INSERT INTO former_repository (name, sequence, presence_sequence, changed_at)"
            + " SELECT name, sequence, presence_sequence, changed_at FROM repository WHERE name = ? AND (sequence > 0 OR presence_sequence > 0)"
            + " ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence, presence_sequence = excluded.presence_sequence,"
            + " changed_at = excluded.changed_at", name);
    for (String table : List.of("edge", "manifest", "tag", "tag_event", "link", "departure", "own_push", "pull_day", "last_pull",
        "presence")) {
      session.run("DELETE FROM " + table + " WHERE repository_id = " + ID, name);
    }
    return session.run("DELETE FROM repository WHERE name = ?", name) > 0;
  }
}
