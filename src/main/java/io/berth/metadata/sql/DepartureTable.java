package io.berth.metadata.sql;

import io.berth.metadata.DepartureWrites;
import io.berth.oci.Departing;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.TagEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Table {@code departure}: what goes since its subject has gone, behind the locks that this needs. For one thread. */
final class DepartureTable implements DepartureWrites {

  /** The number of the newest; what is pushed keeps it. No number comes twice. */
  static final String NEWEST = "(SELECT COALESCE(MAX(id), 0) FROM departure)";

  static final String DUE =
      "SELECT repository.name, departure.subject FROM departure JOIN repository ON repository.id = departure.repository_id"
          + " WHERE departure.due_at <= ? ORDER BY departure.due_at LIMIT ?";

  static final String ABOUT = "SELECT edge.manifest_id, manifest.digest, manifest.departure FROM edge"
      + " JOIN manifest ON manifest.id = edge.manifest_id WHERE edge.target = ? AND edge.kind = 'subject' AND edge.manifest_id < ?"
      + " AND edge.repository_id = " + RepositoryTable.ID + " ORDER BY edge.manifest_id DESC LIMIT ?";

  private static final String EVENTS = " FROM tag_event WHERE repository_id = " + RepositoryTable.ID;

  // places in the history are compared as a whole, so that no index but the right one can look good to the database

  private static final String NEXT_TAG = "SELECT tag FROM (SELECT digest, tag" + EVENTS + " AND (digest, tag, sequence) > (?, ?, ?)"
      + " ORDER BY digest, tag, sequence LIMIT 1) AS next WHERE digest = ?";

  private static final String LAST_EVENT = "SELECT sequence, kind, at" + EVENTS + " AND (digest, tag, sequence) <= (?, ?, ?)"
      + " ORDER BY digest DESC, tag DESC, sequence DESC LIMIT 1";

  private static final String NEXT_EVENT = "SELECT at FROM (SELECT tag, at" + EVENTS + " AND (tag, sequence) > (?, ?)"
      + " ORDER BY tag, sequence LIMIT 1) AS next WHERE tag = ?";

  private static final String THIS = " WHERE subject = ? AND repository_id = " + RepositoryTable.ID;

  /** So many tags are looked at that have once been on a manifest. */
  private static final int TAGS = 100;

  private final Session session;
  private final Locks locks;

  DepartureTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  @Override
  public List<Due> due(Instant now, int limit) {
    return session.all(DUE, row -> new Due(new RepositoryName(row.getString(1)), Digest.parse(row.getString(2))), Times.micros(now), limit);
  }

  @Override
  public Departing waiting(Instant now) {
    long at = Times.micros(now);
    return session.one("SELECT COUNT(*), COALESCE(SUM(CASE WHEN due_at <= ? THEN 1 ELSE 0 END), 0), MIN(due_at),"
        + " COALESCE(SUM(referrers), 0), COALESCE(SUM(CASE WHEN due_at <= ? THEN referrers ELSE 0 END), 0) FROM (SELECT due_at,"
        + " (SELECT COUNT(*) FROM edge WHERE edge.repository_id = departure.repository_id AND edge.target = departure.subject"
        + " AND edge.kind = 'subject') AS referrers FROM departure) AS waiting",
        row -> new Departing(row.getLong(1), row.getLong(2), BlobTable.instant(row, 3), row.getLong(4), row.getLong(5)), at, at)
        .orElseThrow();
  }

  @Override
  public Optional<Departure> find(RepositoryName repository, Digest subject) {
    locks.own(repository);
    return session.one("SELECT id, since, due_at, COALESCE(before_id, " + Long.MAX_VALUE + "), again_at FROM departure" + THIS,
        DepartureTable::departure, subject, repository);
  }

  private static Departure departure(ResultSet row) throws SQLException {
    return new Departure(row.getLong(1), row.getLong(2), Times.instant(row.getLong(3)), row.getLong(4), BlobTable.instant(row, 5));
  }

  @Override
  public List<About> about(RepositoryName repository, Digest subject, long before, int limit) {
    locks.own(repository);
    return session.all(ABOUT, row -> new About(row.getLong(1), Digest.parse(row.getString(2)), row.getLong(3)), subject, before, repository,
        limit);
  }

  @Override
  public boolean isLeaving(RepositoryName repository, Digest manifest) {
    locks.own(repository);
    return session.one("SELECT 1 FROM manifest JOIN edge ON edge.manifest_id = manifest.id AND edge.kind = 'subject'"
        + " JOIN departure ON departure.repository_id = edge.repository_id AND departure.subject = edge.target"
        + " WHERE manifest.digest = ? AND edge.pointer = '/subject' AND manifest.repository_id = " + RepositoryTable.ID, _ -> true,
        manifest, repository).isPresent();
  }

  /** Steps from tag to tag in the index, however often each has changed. */
  @Override
  public Optional<Instant> untagged(RepositoryName repository, Digest manifest) {
    locks.own(repository);
    Optional<Instant> latest = Optional.empty();
    Optional<String> tag = session.one(NEXT_TAG, row -> row.getString(1), repository, manifest, "", Long.MAX_VALUE, manifest);
    for (int i = 0; tag.isPresent(); i++) {
      Instant left = i == TAGS ? Instant.MAX : left(repository, manifest, tag.get());
      if (left.equals(Instant.MAX)) {
        return Optional.of(left);
      }
      latest = latest.filter(left::isBefore).or(() -> Optional.of(left));
      tag = session.one(NEXT_TAG, row -> row.getString(1), repository, manifest, tag.get(), Long.MAX_VALUE, manifest);
    }
    return latest;
  }

  /** When the tag left the manifest, where it has been. */
  private Instant left(RepositoryName repository, Digest manifest, String tag) {
    return session.one(LAST_EVENT, row -> TagEvent.Kind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)).isRemoval()
        ? Optional.of(Times.instant(row.getLong(3)))
        : session.one(NEXT_EVENT, next -> Times.instant(next.getLong(1)), repository, tag, row.getLong(1), tag),
        repository, manifest, tag, Long.MAX_VALUE).flatMap(at -> at).orElse(Instant.MAX);
  }

  @Override
  public boolean add(RepositoryName repository, Digest subject, Instant now, Duration grace, long since) {
    locks.own(repository);
    end(repository, subject);
    Optional<Long> number = session.one(
        "INSERT INTO departure (repository_id, subject, due_at, span) SELECT repository.id, ?, ?, ? FROM repository"
            + " WHERE repository.name = ? AND EXISTS (SELECT 1 FROM edge WHERE edge.repository_id = repository.id AND edge.target = ?"
            + " AND edge.kind = 'subject') RETURNING id",
        row -> row.getLong(1), subject, Times.micros(now.plus(grace)), micros(grace), repository,
        subject);
    number.ifPresent(own -> session.run("UPDATE departure SET since = ? WHERE id = ?", since == 0 ? own : (Long) since, own));
    return number.isPresent();
  }

  @Override
  public void advance(RepositoryName repository, Digest subject, long before, @Nullable Instant again) {
    locks.own(repository);
    session.run("UPDATE departure SET before_id = ?, again_at = ?" + THIS, before, again == null ? null : (Long) Times.micros(again),
        subject,
        repository);
  }

  @Override
  public void restart(RepositoryName repository, Digest subject, Instant now, Duration grace) {
    locks.own(repository);
    session.run("UPDATE departure SET before_id = NULL, again_at = NULL, since = id, due_at = ?, span = ?" + THIS,
        Times.micros(now.plus(grace)), micros(grace), subject, repository);
  }

  @Override
  public void end(RepositoryName repository, Digest subject) {
    locks.own(repository);
    session.run("DELETE FROM departure" + THIS, subject, repository);
  }

  @Override
  public void spare(RepositoryName repository, Digest manifest) {
    locks.name(repository, manifest);
    session.run("UPDATE manifest SET departure = " + NEWEST + " WHERE digest = ? AND repository_id = " + RepositoryTable.ID, manifest,
        repository);
  }

  @Override
  public void postpone(Instant now, Duration by) {
    long at = Times.micros(now);
    session.run("UPDATE departure SET due_at = CASE WHEN due_at + ? < ? + span THEN due_at + ? ELSE ? + span END", micros(by), at,
        micros(by),
        at);
  }

  private static long micros(Duration time) {
    return TimeUnit.MILLISECONDS.toMicros(time.toMillis());
  }
}
