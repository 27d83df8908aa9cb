package io.berth.metadata.sql;

import io.berth.metadata.TagReads.Past;
import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.TagFilter;
import io.berth.oci.Tagged;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Table {@code tag_event}: what tags are and have been. Rows are only added. Questions stand behind the locks that they need. */
final class TagEventTable {

  /** The columns of an event. */
  static final String LIGHT =
      "tag_event.sequence, tag_event.tag, tag_event.kind, tag_event.from_digest, tag_event.digest, tag_event.media_type,"
          + " tag_event.size, tag_event.at, tag_event.actor, tag_event.client, tag_event.reference, tag_event.total";

  /** These, and what is said of the tag. */
  static final String ALL = LIGHT + ", tag_event.description, tag_event.meta, tag_event.document_type, tag_event.document";

  private final Session session;
  private final Locks locks;

  TagEventTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  static TagEvent event(ResultSet row) throws SQLException {
    String from = row.getString(4);
    return new TagEvent(row.getLong(1), new Tag(row.getString(2)), TagEvent.Kind.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        from == null ? null : Digest.parse(from),
        new Descriptor(new MediaType(row.getString(6)), Digest.parse(row.getString(5)), row.getLong(7), null),
        Times.instant(row.getLong(8)), new Author(row.getString(9), row.getString(10), row.getString(11)), row.getLong(12));
  }

  static Tagged tagged(ResultSet row) throws SQLException {
    TagEvent event = event(row);
    String form = row.getString(15);
    SignedTag signed = form == null ? null : new SignedTag(SignedTag.Form.valueOf(form.toUpperCase(Locale.ROOT)), row.getBytes(16));
    return new Tagged(event, new TagContent(event.target(), row.getString(13), row.getString(14), signed));
  }

  /** What comes behind all names that begin so: their characters are all lower than the last of ASCII. */
  static String end(String prefix) {
    return prefix + '\u007f';
  }

  /** How to compare with {@link #later}: SQLite begins at one bound only, whichever it likes, so there must be no other. */
  static String begin(String prefix, String after) {
    return after.compareTo(prefix) < 0 ? ">=" : ">";
  }

  /** Where names begin that come behind a position and begin so. */
  static String later(String prefix, String after) {
    return after.compareTo(prefix) < 0 ? prefix : after;
  }

  void record(RepositoryName repository, TagEvent event, TagContent content) {
    SignedTag signed = content.signed();
    Descriptor target = event.target();
    session.run("INSERT INTO tag_event (repository_id, sequence, tag, kind, from_digest, digest, media_type, size, at, actor, client,"
        + " reference, total, description, meta, document_type, document) VALUES (" + RepositoryTable.ID
        + ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", repository, event.sequence(), event.tag(), text(event.kind()), event.from(),
        target.digest(), target.mediaType(), target.size(), Times.micros(event.at()), event.author().actor(), event.author().client(),
        event.author().reference(), event.total(), content.description(), content.meta(), signed == null ? null : text(signed.form()),
        signed == null ? null : signed.bytes());
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  long sequenceAt(RepositoryName repository, Instant instant) {
    locks.own(repository);
    return session.one("SELECT sequence FROM tag_event WHERE at <= ? AND repository_id = " + RepositoryTable.ID
        + " ORDER BY at DESC LIMIT 1", row -> row.getLong(1), Times.nearest(instant), repository).orElse(0L);
  }

  long totalAt(RepositoryName repository, long sequence) {
    locks.own(repository);
    return session.one("SELECT total FROM tag_event WHERE sequence <= ? AND repository_id = " + RepositoryTable.ID
        + " ORDER BY sequence DESC LIMIT 1", row -> row.getLong(1), sequence, repository).orElse(0L);
  }

  Optional<Tagged> at(RepositoryName repository, Tag tag, long sequence) {
    locks.name(repository, tag);
    return session.one("SELECT " + ALL + " FROM tag_event WHERE tag = ? AND sequence <= ? AND repository_id = " + RepositoryTable.ID
        + " ORDER BY sequence DESC LIMIT 1", TagEventTable::tagged, tag, sequence, repository).filter(tagged -> isThere(tagged.event()));
  }

  private static boolean isThere(TagEvent event) {
    return !event.kind().isRemoval();
  }

  /** Steps from name to name in the index, however often each has changed. */
  Past at(RepositoryName repository, TagFilter filter, String after, long sequence, int limit) {
    locks.own(repository);
    Optional<Long> id = session.one("SELECT id FROM repository WHERE name = ?", row -> row.getLong(1), repository);
    if (id.isEmpty()) {
      return new Past(List.of(), null);
    }
    String target = filter.target() == null ? "" : " AND digest = ?";
    var first = new ArrayList<Object>(List.of(id.get(), later(filter.prefix(), after), end(filter.prefix())));
    var next = new ArrayList<Object>(List.of(id.get(), end(filter.prefix())));
    if (filter.target() != null) {
      first.add(filter.target());
      next.add(filter.target());
    }
    first.addAll(next);
    first.addAll(List.of(limit, id.get(), id.get(), sequence));
    record Row(Tag name, @Nullable Tagged tagged) {}

    List<Row> rows = session.all("WITH RECURSIVE known (name) AS (SELECT MIN(tag) FROM tag_event"
        + " WHERE repository_id = ? AND tag " + begin(filter.prefix(), after) + " ? AND tag < ?" + target
        + " UNION ALL SELECT (SELECT MIN(tag) FROM tag_event WHERE repository_id = ? AND tag > known.name AND tag < ?" + target
        + ") FROM known WHERE known.name IS NOT NULL)"
        + " SELECT " + ALL + ", page.name FROM (SELECT name FROM known WHERE name IS NOT NULL LIMIT ?) page"
        + " LEFT JOIN tag_event ON tag_event.repository_id = ? AND tag_event.tag = page.name AND tag_event.sequence ="
        + " (SELECT MAX(past.sequence) FROM tag_event past WHERE past.repository_id = ? AND past.tag = page.name AND past.sequence <= ?)"
        + " ORDER BY page.name",
        row -> new Row(new Tag(row.getString(17)), row.getString(2) == null ? null : tagged(row)), first.toArray());
    var tags = new ArrayList<Tagged>();
    for (Row row : rows) {
      if (row.tagged != null && isThere(row.tagged.event())
          && (filter.target() == null || filter.target().equals(row.tagged.content().target().digest()))) {
        tags.add(row.tagged);
      }
    }
    return new Past(tags, rows.size() < limit ? null : rows.getLast().name);
  }

  List<TagEvent> history(RepositoryName repository, Tag tag, long before, long since, @Nullable Digest digest, int limit) {
    locks.name(repository, tag);
    String all = "SELECT " + LIGHT + " FROM tag_event WHERE tag = ? AND sequence < ? AND sequence >= ? AND repository_id = "
        + RepositoryTable.ID;
    String last = " ORDER BY sequence DESC LIMIT ?";
    return digest == null
        ? session.all(all + last, TagEventTable::event, tag, before, since, repository, limit)
        : session.all(all + " AND digest = ?" + last, TagEventTable::event, tag, before, since, repository, digest, limit);
  }

  /** Up to the end of the transaction in which the last one was made. */
  List<TagEvent> changes(RepositoryName repository, long after, int limit) {
    locks.own(repository);
    return session.all("SELECT " + LIGHT + " FROM tag_event WHERE sequence > ? AND sequence <= (SELECT MAX(sequence) FROM (SELECT sequence"
        + " FROM tag_event WHERE sequence > ? AND repository_id = " + RepositoryTable.ID + " ORDER BY sequence LIMIT ?) AS first_ones)"
        + " AND repository_id = " + RepositoryTable.ID + " ORDER BY sequence, tag", TagEventTable::event, after, after, repository, limit,
        repository);
  }
}
