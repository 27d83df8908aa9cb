package io.berth.metadata.sql;

import io.berth.metadata.GraphReads;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.oci.Referrer.Place;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Table {@code edge}, asked in both directions, behind the locks that this needs. For one thread. */
final class GraphTable implements GraphReads {

  /** By its key, in whose order an index has the edges; PostgreSQL would sort all edges of the manifest for each page otherwise. */
  private static final String OUT = "SELECT edge.kind, edge.pointer, edge.target, edge.media_type, edge.size, edge.platform,"
      + " edge.repository_id FROM edge WHERE edge.manifest_id = (SELECT id FROM manifest WHERE digest = ? AND repository_id = "
      + RepositoryTable.ID + ")";
  private static final String PAGE = " AND edge.pointer > ? ORDER BY edge.manifest_id, edge.pointer LIMIT ?";

  /** Entries alone are looked up for it: of all other references the index has everything that is asked. */
  private static final String SHORT_PLATFORM = "CASE WHEN LENGTH(platform) <= " + PLATFORM_LENGTH + " THEN platform END";

  private static final String LACKING = "SELECT DISTINCT edge.target FROM manifest"
      + " JOIN edge ON edge.manifest_id = manifest.id"
      + " JOIN link ON link.digest = edge.target AND link.repository_id = manifest.repository_id"
      + " WHERE manifest.digest = ? AND manifest.repository_id = " + RepositoryTable.ID + " AND edge.kind IN ("
      + ManifestTable.STRONG + ") AND NOT EXISTS (SELECT 1 FROM link AS held WHERE held.digest = link.digest AND held.repository_id = "
      + RepositoryTable.ID + " AND (held.expires_at IS NULL OR held.expires_at > ?))";

  /** Tags in the order of an index: where most tags point at one thing, PostgreSQL would look for those of another among all of them by name. */
  private static final String CONTENT = "SELECT 0, media_type, artifact_type, size FROM manifest WHERE digest = ? AND repository_id = "
      + RepositoryTable.ID + " UNION ALL SELECT 1, NULL, NULL, blob.size FROM link JOIN blob ON blob.id = link.blob_id"
      + " WHERE link.digest = ? AND link.repository_id = " + RepositoryTable.ID
      + " UNION ALL SELECT 2, name, NULL, 0 FROM (SELECT name FROM tag WHERE target BETWEEN ? AND ? AND repository_id = "
      + RepositoryTable.ID + " ORDER BY target, name LIMIT ?) AS first";

  private static final int AT_ONCE = 32;
  private static final String ANY = " IN (?" + ", ?".repeat(AT_ONCE - 1) + ")";

  static final String MANIFESTS = "SELECT digest, media_type, content FROM manifest WHERE digest" + ANY + " AND repository_id = "
      + RepositoryTable.ID;

  static final String BLOB_SIZES = "SELECT link.digest, blob.size FROM link JOIN blob ON blob.id = link.blob_id WHERE link.digest" + ANY
      + " AND link.repository_id = " + RepositoryTable.ID;

  private static final String STRONG = "(" + ManifestTable.STRONG + ")";
  private static final List<String> WEAK_KINDS = List.of("subject", "reference");
  private static final String WEAK = "('" + String.join("', '", WEAK_KINDS) + "')";
  static final String HOLDERS = "SELECT found.manifest_id, manifest.digest,"
      + tag(">", "''", "") + ", " + tag("<", "'" + TagEventTable.end("") + "'", " DESC") + ","
      + " EXISTS (SELECT 1 FROM edge above WHERE above.repository_id = manifest.repository_id AND above.target = manifest.digest"
      + " AND above.kind IN " + STRONG + "),"
      + " EXISTS (SELECT 1 FROM edge about WHERE about.manifest_id = manifest.id AND about.kind IN " + WEAK + ")"
      + " FROM (" + holders("layer") + " UNION ALL " + holders("config") + " UNION ALL " + holders("child") + " UNION ALL "
      + holders("mention") + " ORDER BY manifest_id LIMIT ?) AS found JOIN manifest ON manifest.id = found.manifest_id"
      + " ORDER BY found.manifest_id";
  static final String TAGS = "SELECT name FROM (SELECT target, name FROM tag WHERE (target, name) > (?, ?) AND repository_id = "
      + RepositoryTable.ID + " ORDER BY target, name LIMIT ?) AS page WHERE target = ? ORDER BY name";
  private static final String NAMED = " FROM manifest AS high WHERE high.repository_id = " + RepositoryTable.ID + " AND high.digest = ?";
  static final String REACHES = "SELECT 1" + NAMED + " AND EXISTS (" + points(ManifestTable.STRONG_KINDS, "high", "?") + ")";
  static final String IS_REACHED = "SELECT 1" + NAMED + " AND EXISTS (" + points(WEAK_KINDS, "high", "?") + ")";
  static final String CHILDREN = "SELECT target FROM (SELECT target, kind, reaches FROM edge WHERE manifest_id ="
      + " (SELECT id FROM manifest WHERE repository_id = " + RepositoryTable.ID + " AND digest = ?) ORDER BY pointer LIMIT ?) AS first_ones"
      + " WHERE kind = 'child' AND reaches = 1";
  static final String SUBJECTS = "SELECT DISTINCT edge.target FROM edge WHERE edge.manifest_id ="
      + " (SELECT id FROM manifest WHERE repository_id = " + RepositoryTable.ID + " AND digest = ?) AND edge.kind IN " + WEAK
      + " AND edge.target > ? AND edge.reaches = 1 AND EXISTS (SELECT 1 FROM manifest subject WHERE subject.repository_id ="
      + " edge.repository_id AND subject.digest = edge.target) ORDER BY edge.target LIMIT ?";

  /** Each pair by itself, so that a plan can't begin with all that holds what is common. */
  static final String REACHING = "SELECT column1, column2 FROM (VALUES " + String.join(", ", Collections.nCopies(AT_ONCE, "(?, ?)"))
      + ") AS pair JOIN manifest AS high ON high.repository_id = " + RepositoryTable.ID + " AND high.digest = column1 WHERE EXISTS ("
      + points(ManifestTable.STRONG_KINDS, "high", "column2")
      + ") OR EXISTS (SELECT 1 FROM (SELECT target, kind, reaches, repository_id FROM edge"
      + " WHERE manifest_id = high.id ORDER BY pointer LIMIT ?) AS entry JOIN manifest AS middle ON middle.repository_id = entry.repository_id"
      + " AND middle.digest = entry.target WHERE entry.kind = 'child' AND entry.reaches = 1 AND EXISTS ("
      + points(ManifestTable.STRONG_KINDS, "middle", "column2") + "))";
  private static final String TARGETS = "SELECT name, target FROM tag WHERE name" + ANY + " AND repository_id = " + RepositoryTable.ID;

  private final Session session;
  private final Locks locks;

  GraphTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  @Override
  public List<Edge> edges(RepositoryName repository, Digest manifest, String after, int limit) {
    locks.own(repository);
    return session.all(OUT + PAGE, GraphTable::edge, manifest, repository, after, limit);
  }

  private static Edge edge(ResultSet row) throws SQLException {
    var target = new Descriptor(new MediaType(row.getString(4)), Digest.parse(row.getString(3)), row.getLong(5),
        platform(row.getString(6)));
    return new Edge(kind(row.getString(1)), row.getString(2), target);
  }

  private static @Nullable Platform platform(@Nullable String text) {
    return text == null ? null : Platform.ofText(text);
  }

  private static String name(Edge.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Edge.Kind kind(String name) {
    return Edge.Kind.valueOf(name.toUpperCase(Locale.ROOT));
  }

  @Override
  public List<Target> targets(RepositoryName repository, Digest manifest, Set<Edge.Kind> kinds, String after, int limit) {
    locks.own(repository);
    var parameters = new ArrayList<Object>(List.of(manifest, repository));
    kinds.forEach(kind -> parameters.add(name(kind)));
    Collections.addAll(parameters, after, limit);
    String page = OUT + " AND edge.kind IN (" + String.join(", ", Collections.nCopies(kinds.size(), "?")) + ")" + PAGE;
    return session.all(
        "SELECT page.kind, page.pointer, page.target, page.media_type, page.size, page.platform, held.id, link.blob_id FROM (" + page
            + ") AS page LEFT JOIN manifest AS held ON held.repository_id = page.repository_id AND held.digest = page.target"
            + " LEFT JOIN link ON link.digest = page.target AND link.repository_id = page.repository_id ORDER BY page.pointer",
        row -> new Target(edge(row), row.getObject(7) != null, row.getObject(8) != null), parameters.toArray());
  }

  @Override
  public List<Digest> lacking(RepositoryName repository, Digest manifest, RepositoryName other, Instant until) {
    locks.own(repository);
    locks.own(other);
    return session.all(LACKING, row -> Digest.parse(row.getString(1)), manifest, repository, other, Times.micros(until));
  }

  /** One question for each kind, which an index answers in order; of all their answers the first few. */
  @Override
  public List<Incoming> incoming(RepositoryName repository, Digest target, Set<Edge.Kind> kinds, Place after, int limit) {
    locks.own(repository);
    var parameters = new ArrayList<Object>();
    var questions = new StringJoiner(" UNION ALL ");
    for (Edge.Kind kind : kinds) {
      questions.add("SELECT * FROM (SELECT manifest_id, pointer, kind, " + (kind == Edge.Kind.CHILD ? SHORT_PLATFORM : "CAST(NULL AS TEXT)")
          + " AS platform FROM edge WHERE repository_id = " + RepositoryTable.ID
          + " AND target = ? AND kind = ? AND (manifest_id, pointer) > (?, ?) ORDER BY manifest_id, pointer LIMIT ?) AS question");
      Collections.addAll(parameters, repository, target, name(kind), after.manifest(), after.pointer(), limit);
    }
    parameters.add(limit);
    return session.all("SELECT found.manifest_id, found.pointer, found.kind, manifest.digest, found.platform FROM (" + questions
        + " ORDER BY manifest_id, pointer LIMIT ?) AS found JOIN manifest ON manifest.id = found.manifest_id"
        + " ORDER BY found.manifest_id, found.pointer",
        row -> new Incoming(new Place(row.getLong(1), row.getString(2)), Digest.parse(row.getString(4)), kind(row.getString(3)),
            platform(row.getString(5))),
        parameters.toArray());
  }

  private record Part(int number, @Nullable String text, @Nullable String artifactType, long size) {}

  @Override
  public Optional<Content> content(RepositoryName repository, Digest digest, int tags) {
    locks.own(repository);
    List<Part> parts =
        session.all(CONTENT, row -> new Part(row.getInt(1), row.getString(2), row.getString(3), row.getLong(4)), digest, repository, digest,
            repository, digest, digest, repository, tags);
    List<Tag> names = parts.stream().filter(part -> part.number == 2).map(part -> new Tag(String.valueOf(part.text))).sorted().toList();
    return parts.stream().filter(part -> part.number < 2).min((a, b) -> Integer.compare(a.number, b.number))
        .map(part -> new Content(type(part.text), type(part.artifactType), part.size, names));
  }

  private static @Nullable MediaType type(@Nullable String text) {
    return text == null ? null : new MediaType(text);
  }

  @Override
  public List<Tag> someTags(RepositoryName repository, Digest target, String after, int limit) {
    locks.own(repository);
    return session.all(TAGS, row -> new Tag(row.getString(1)), target, after, repository, limit, target);
  }

  /** Where one begins in the index is said so that no statistics, wherever tags pile up, can make another way look shorter. */
  private static String tag(String compared, String with, String order) {
    return " (SELECT CASE WHEN target = manifest.digest THEN name END FROM (SELECT target, name FROM tag WHERE"
        + " tag.repository_id = manifest.repository_id AND (target, name) " + compared + " (manifest.digest, " + with + ") ORDER BY target"
        + order + ", name" + order + " LIMIT 1) AS outermost)";
  }

  /** Each kind by itself, since a plan for all of them may go through everything that points at what is common. */
  private static String points(List<String> kinds, String manifest, String target) {
    return kinds.stream()
        .map(kind -> "SELECT 1 FROM edge AS low WHERE low.repository_id = " + manifest + ".repository_id AND low.target = " + target
            + " AND low.kind = '" + kind + "' AND low.manifest_id = " + manifest + ".id AND low.reaches = 1")
        .collect(Collectors.joining(" UNION ALL "));
  }

  private static String holders(String kind) {
    return "SELECT * FROM (SELECT manifest_id FROM edge WHERE repository_id = " + RepositoryTable.ID + " AND target = ? AND kind = '" + kind
        + "' AND manifest_id > ? AND reaches = 1 ORDER BY manifest_id LIMIT ?) AS " + kind + "s";
  }

  @Override
  public List<Holder> holders(RepositoryName repository, Digest content, long after, int limit) {
    locks.own(repository);
    return session.all(HOLDERS, GraphTable::holder, repository, content, after, limit, repository, content, after, limit, repository,
        content, after, limit, repository, content, after, limit, limit);
  }

  private static Holder holder(ResultSet row) throws SQLException {
    String first = row.getString(3);
    String last = row.getString(4);
    return new Holder(row.getLong(1), Digest.parse(row.getString(2)), first == null ? null : new Tag(first),
        last == null ? null : new Tag(last), row.getBoolean(5), row.getBoolean(6));
  }

  @Override
  public boolean reaches(RepositoryName repository, Digest manifest, Digest content) {
    locks.own(repository);
    return session.one(REACHES, _ -> true, repository, manifest, content, content, content, content).isPresent();
  }

  @Override
  public Set<Step> reaching(RepositoryName repository, Collection<Step> steps, int entries) {
    locks.own(repository);
    var found = new HashSet<Step>();
    List<Step> distinct = steps.stream().distinct().toList();
    for (int from = 0; from < distinct.size(); from += AT_ONCE) {
      var parameters = new ArrayList<@Nullable Object>();
      for (int i = from; i < from + AT_ONCE; i++) {
        Step step = i < distinct.size() ? distinct.get(i) : null;
        parameters.add(step == null ? null : step.manifest());
        parameters.add(step == null ? null : step.content());
      }
      Collections.addAll(parameters, repository, entries);
      session.all(REACHING, row -> found.add(new Step(Digest.parse(row.getString(1)), Digest.parse(row.getString(2)))),
          parameters.toArray());
    }
    return found;
  }

  @Override
  public Map<Tag, Digest> targets(RepositoryName repository, Collection<Tag> tags) {
    locks.own(repository);
    var found = new HashMap<Tag, Digest>();
    some(TARGETS, row -> found.put(new Tag(row.getString(1)), Digest.parse(row.getString(2))), tags, repository);
    return found;
  }

  @Override
  public List<Digest> children(RepositoryName repository, Digest manifest, int limit) {
    locks.own(repository);
    return session.all(CHILDREN, row -> Digest.parse(row.getString(1)), repository, manifest, limit);
  }

  @Override
  public List<Digest> subjects(RepositoryName repository, Digest manifest, String after, int limit) {
    locks.own(repository);
    return session.all(SUBJECTS, row -> Digest.parse(row.getString(1)), repository, manifest, after, limit);
  }

  @Override
  public boolean isReached(RepositoryName repository, Digest manifest, Digest subject) {
    locks.own(repository);
    return session.one(IS_REACHED, _ -> true, repository, manifest, subject, subject).isPresent();
  }

  @Override
  public List<StoredManifest> manifests(RepositoryName repository, Collection<Digest> manifests) {
    locks.own(repository);
    return some(MANIFESTS, ManifestTable::stored, manifests, repository);
  }

  @Override
  public Map<Digest, Long> blobSizes(RepositoryName repository, Collection<Digest> blobs) {
    locks.own(repository);
    var sizes = new HashMap<Digest, Long>();
    some(BLOB_SIZES, row -> sizes.put(Digest.parse(row.getString(1)), row.getLong(2)), blobs, repository);
    return sizes;
  }

  /** As few statements as it takes, of which all but the last have as many digests as there are question marks; the last one repeats one. */
  private <T extends @Nullable Object> List<T> some(String sql, Session.Row<T> row, Collection<?> keys, RepositoryName repository) {
    var found = new ArrayList<T>();
    List<?> distinct = keys.stream().distinct().toList();
    for (int from = 0; from < distinct.size(); from += AT_ONCE) {
      var parameters = new ArrayList<Object>(distinct.subList(from, Math.min(distinct.size(), from + AT_ONCE)));
      while (parameters.size() < AT_ONCE) {
        parameters.add(parameters.getLast());
      }
      parameters.add(repository);
      found.addAll(session.all(sql, row, parameters.toArray()));
    }
    return found;
  }
}
