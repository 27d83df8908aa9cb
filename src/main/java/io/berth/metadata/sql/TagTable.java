package io.berth.metadata.sql;

import io.berth.metadata.ReadTransaction.TagState;
import io.berth.metadata.TagEvent;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tables {@code tag} and {@code tag_event}: where tags point, and where they have pointed. */
final class TagTable {

  private final Session session;
  private final RepositoryTable repositories;

  TagTable(Session session, RepositoryTable repositories) {
    this.session = session;
    this.repositories = repositories;
  }

  Optional<TagState> find(RepositoryName repository, Tag tag) {
    return session.one("SELECT target, version FROM tag WHERE name = ? AND repository_id = " + RepositoryTable.ID,
        row -> new TagState(tag, Digest.parse(row.getString(1)), row.getLong(2)), tag, repository);
  }

  List<Tag> page(RepositoryName repository, String after, int limit) {
    return session.all("SELECT name FROM tag WHERE name > ? AND repository_id = " + RepositoryTable.ID + " ORDER BY name LIMIT ?",
        row -> new Tag(row.getString(1)), after, repository, limit);
  }

  List<Tag> of(RepositoryName repository, Digest target) {
    return session.all("SELECT name FROM tag WHERE target = ? AND repository_id = " + RepositoryTable.ID + " ORDER BY name",
        row -> new Tag(row.getString(1)), target, repository);
  }

  List<TagEvent> history(RepositoryName repository, Tag tag, int limit) {
    return session
        .all("SELECT sequence, tag, kind, from_digest, to_digest, at, actor, client FROM tag_event WHERE tag = ? AND repository_id = "
            + RepositoryTable.ID + " ORDER BY sequence DESC LIMIT ?", TagTable::event, tag, repository, limit);
  }

  private static TagEvent event(ResultSet row) throws SQLException {
    return new TagEvent(row.getLong(1), new Tag(row.getString(2)), TagEvent.Kind.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        digest(row.getString(4)), digest(row.getString(5)), Times.instant(row.getLong(6)), row.getString(7), row.getString(8));
  }

  private static @Nullable Digest digest(@Nullable String text) {
    return text == null ? null : Digest.parse(text);
  }

  /**
   * Moves the tag and records the event. The sequence is taken as late as can be, since from then on others who change tags of the repository
   * wait for this transaction.
   */
  @Nullable TagEvent change(RepositoryName repository, Tag tag, @Nullable Digest to, String actor, String client, Instant now) {
    Digest from = find(repository, tag).map(TagState::target).orElse(null);
    if (from == null ? to == null : from.equals(to)) {
      return null;
    }
    TagEvent.Kind kind = from == null ? TagEvent.Kind.CREATED : to == null ? TagEvent.Kind.DELETED : TagEvent.Kind.MOVED;
    Instant at = after(history(repository, tag, 1), Times.instant(Times.micros(now)));
    var event = new TagEvent(repositories.advance(repository), tag, kind, from, to, at, actor, client);
    record(repository, event);
    if (to == null) {
      session.run("DELETE FROM tag WHERE name = ? AND repository_id = " + RepositoryTable.ID, tag, repository);
    } else {
      session.run("INSERT INTO tag (repository_id, name, target, version) VALUES (" + RepositoryTable.ID + ", ?, ?, ?)"
          + " ON CONFLICT (repository_id, name) DO UPDATE SET target = excluded.target, version = excluded.version", repository, tag, to,
          event.sequence());
    }
    return event;
  }

  private void record(RepositoryName repository, TagEvent event) {
    session.run("INSERT INTO tag_event (repository_id, sequence, tag, kind, from_digest, to_digest, at, actor, client) VALUES ("
        + RepositoryTable.ID + ", ?, ?, ?, ?, ?, ?, ?, ?)", repository, event.sequence(), event.tag(),
        event.kind().name().toLowerCase(Locale.ROOT), event.from(), event.to(), Times.micros(event.at()), event.actor(), event.client());
  }

  /** A time strictly later than the newest event's, though the clock may have been set back. */
  private static Instant after(List<TagEvent> newest, Instant now) {
    if (newest.isEmpty() || newest.getFirst().at().isBefore(now)) {
      return now;
    }
    return Times.instant(Times.micros(newest.getFirst().at()) + 1);
  }
}
