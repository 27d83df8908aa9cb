package io.berth.metadata.sql;

import io.berth.metadata.TagMove;
import io.berth.metadata.TagReads.Age;
import io.berth.metadata.TagReads.DueTag;
import io.berth.metadata.TagReads.Progress;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.TagFilter;
import io.berth.oci.Tagged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Table {@code tag}: where tags point. All else about a tag is in the event that made it what it is. */
final class TagTable {

  private static final String WITH_EVENT =
      " FROM tag JOIN tag_event ON tag_event.repository_id = tag.repository_id AND tag_event.sequence = tag.version AND tag_event.tag = tag.name"
          + " WHERE tag.repository_id = " + RepositoryTable.ID;

  private final Session session;
  private final RepositoryTable repositories;
  private final TagEventTable events;

  TagTable(Session session, RepositoryTable repositories, TagEventTable events) {
    this.session = session;
    this.repositories = repositories;
    this.events = events;
  }

  Optional<TagState> find(RepositoryName repository, Tag tag) {
    return session.one("SELECT target, version FROM tag WHERE name = ? AND repository_id = " + RepositoryTable.ID,
        row -> new TagState(tag, Digest.parse(row.getString(1)), row.getLong(2)), tag, repository);
  }

  Optional<Tagged> whole(RepositoryName repository, Tag tag) {
    return session.one("SELECT " + TagEventTable.ALL + WITH_EVENT + " AND tag.name = ?", TagEventTable::tagged, repository, tag);
  }

  List<Tag> page(RepositoryName repository, String after, int limit) {
    return session.all("SELECT name FROM tag WHERE name > ? AND repository_id = " + RepositoryTable.ID + " ORDER BY name LIMIT ?",
        row -> new Tag(row.getString(1)), after, repository, limit);
  }

  List<Tagged> page(RepositoryName repository, TagFilter filter, String after, int limit) {
    String some = " AND name " + TagEventTable.begin(filter.prefix(), after) + " ? AND name < ?";
    String begin = TagEventTable.later(filter.prefix(), after);
    String end = TagEventTable.end(filter.prefix());
    return filter.target() == null
        ? session.all(page(TagEventTable.ALL, some, "name"), TagEventTable::tagged, repository, begin, end, limit, repository)
        : session.all(page(TagEventTable.ALL, some + " AND target = ?", "name"), TagEventTable::tagged, repository, begin, end,
            filter.target(), limit, repository);
  }

  /** Tags in an order, and only then their events, so that no planner begins with all events. */
  private static String page(String columns, String some, String order) {
    return "SELECT " + columns + " FROM (SELECT name, version FROM tag WHERE repository_id = " + RepositoryTable.ID + some + " ORDER BY "
        + order + " LIMIT ?) AS page JOIN tag_event ON tag_event.repository_id = " + RepositoryTable.ID
        + " AND tag_event.sequence = page.version AND tag_event.tag = page.name ORDER BY " + order;
  }

  List<Tag> of(RepositoryName repository, Digest target) {
    return session.all("SELECT name FROM tag WHERE target = ? AND repository_id = " + RepositoryTable.ID + " ORDER BY name",
        row -> new Tag(row.getString(1)), target, repository);
  }

  boolean isTarget(RepositoryName repository, Digest digest) {
    return session.one("SELECT 1 FROM tag WHERE target = ? AND repository_id = " + RepositoryTable.ID + " LIMIT 1", _ -> true, digest,
        repository).isPresent();
  }

  List<TagEvent> byAge(RepositoryName repository, boolean newestFirst, @Nullable Age after, int limit) {
    String order = newestFirst ? "version DESC, name DESC" : "version, name";
    return after == null
        ? session.all(page(TagEventTable.LIGHT, "", order), TagEventTable::event, repository, limit, repository)
        : session.all(page(TagEventTable.LIGHT, " AND (version, name) " + (newestFirst ? "<" : ">") + " (?, ?)", order),
            TagEventTable::event, repository, after.version(), after.tag(), limit, repository);
  }

  List<TagEvent> forwards(RepositoryName repository, @Nullable Tag after, int limit) {
    return session.all(page(TagEventTable.LIGHT, " AND name > ?", "name"), TagEventTable::event, repository,
        after == null ? "" : after.value(), limit, repository);
  }

  List<TagEvent> backwards(RepositoryName repository, @Nullable Tag before, int limit) {
    return session.all(page(TagEventTable.LIGHT, " AND name < ?", "name DESC"), TagEventTable::event, repository,
        before == null ? TagEventTable.end("") : before.value(), limit, repository);
  }

  List<DueTag> due(Instant now, int limit) {
    return session.all("SELECT repository.name, tag.name FROM tag JOIN repository ON repository.id = tag.repository_id"
        + " WHERE tag.expires_at <= ? ORDER BY tag.expires_at LIMIT ?",
        row -> new DueTag(new RepositoryName(row.getString(1)), new Tag(row.getString(2))), Times.micros(now), limit);
  }

  Optional<Instant> expiry(RepositoryName repository, Tag tag) {
    return session.one("SELECT expires_at FROM tag WHERE name = ? AND expires_at IS NOT NULL AND repository_id = " + RepositoryTable.ID,
        row -> Times.instant(row.getLong(1)), tag, repository);
  }

  /**
   * Changes tags and records the events. The sequence is taken as late as can be, since from then on others who change tags of the repository
   * wait for this transaction.
   */
  List<TagEvent> change(RepositoryName repository, List<TagMove> moves, Author author, Instant now) {
    if (moves.isEmpty()) {
      return List.of();
    }
    long more = moves.stream().mapToLong(move -> (move.content() == null ? 0 : 1) - (move.before() == null ? 0 : 1)).sum();
    Progress progress = repositories.advance(repository, now, more);
    var made = new ArrayList<TagEvent>();
    for (TagMove move : moves) {
      TagContent content = move.content() == null
          ? new TagContent(Objects.requireNonNull(move.before()), null, null, null)
          : move.content();
      var event = new TagEvent(progress.sequence(), move.tag(), kind(move), move.before() == null ? null : move.before().digest(),
          content.target(), progress.at(), author, progress.total());
      events.record(repository, event, content);
      put(repository, move, event);
      made.add(event);
    }
    return made;
  }

  private static TagEvent.Kind kind(TagMove move) {
    return switch (move.cause()) {
      case RESTORATION -> TagEvent.Kind.RESTORED;
      case IMPORT -> TagEvent.Kind.IMPORTED;
      case EXPIRY -> TagEvent.Kind.EXPIRED;
      case REQUEST -> kind(move.before(), move.content());
    };
  }

  private static TagEvent.Kind kind(@Nullable Descriptor before, @Nullable TagContent after) {
    if (after == null) {
      return TagEvent.Kind.DELETED;
    }
    if (before == null) {
      return TagEvent.Kind.CREATED;
    }
    return before.digest().equals(after.target().digest()) ? TagEvent.Kind.UPDATED : TagEvent.Kind.MOVED;
  }

  private void put(RepositoryName repository, TagMove move, TagEvent event) {
    if (event.kind().isRemoval()) {
      session.run("DELETE FROM tag WHERE name = ? AND repository_id = " + RepositoryTable.ID, move.tag(), repository);
    } else {
      session.run("INSERT INTO tag (repository_id, name, target, version, expires_at) VALUES (" + RepositoryTable.ID + ", ?, ?, ?, ?)"
          + " ON CONFLICT (repository_id, name) DO UPDATE SET target = excluded.target, version = excluded.version,"
          + " expires_at = excluded.expires_at", repository, move.tag(), event.target().digest(), event.sequence(),
          move.expires() == null ? null : Times.micros(move.expires()));
    }
  }

  void expire(RepositoryName repository, Tag tag, @Nullable Instant at) {
    session.run("UPDATE tag SET expires_at = ? WHERE name = ? AND repository_id = " + RepositoryTable.ID,
        at == null ? null : Times.micros(at), tag, repository);
  }
}
