package io.berth.metadata.sql;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.Json;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tables {@code manifest} and {@code edge}: documents, and what points at what. What looks for one manifest takes the locks for that itself. */
final class ManifestTable {

  /** The kinds of edges whose targets the manifest needs. */
  static final List<String> STRONG_KINDS = List.of("layer", "config", "child", "mention");
  static final String STRONG = "'" + String.join("', '", STRONG_KINDS) + "'";

  private final Session session;
  private final Locks locks;

  ManifestTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  Optional<StoredManifest> find(RepositoryName repository, Digest manifest) {
    return session.one("SELECT digest, media_type, content FROM manifest WHERE digest = ? AND repository_id = " + RepositoryTable.ID,
        ManifestTable::stored, manifest, repository);
  }

  Optional<StoredManifest> find(RepositoryName repository, Tag tag) {
    return session.one("""
        SELECT manifest.digest, manifest.media_type, manifest.content FROM repository
        JOIN tag ON tag.repository_id = repository.id
        JOIN manifest ON manifest.repository_id = repository.id AND manifest.digest = tag.target
        WHERE repository.name = ? AND tag.name = ?""", ManifestTable::stored, repository, tag);
  }

  static StoredManifest stored(ResultSet row) throws SQLException {
    return new StoredManifest(Digest.parse(row.getString(1)), new MediaType(row.getString(2)), row.getBytes(3));
  }

  OptionalLong size(RepositoryName repository, Digest manifest) {
    locks.share(repository);
    Optional<Long> size = session.one("SELECT size FROM manifest WHERE digest = ? AND repository_id = " + RepositoryTable.ID,
        row -> row.getLong(1), manifest, repository);
    if (size.isEmpty()) {
      locks.absent(repository);
    }
    return size.map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  /**
   * Stores a manifest in place of one of the same digest.
   *
   * @param withheld the pointers of edges that don't reach; subjects and references that did go on to
   * @return what that one needed, and this one does not: it was read as something else then
   */
  Set<Digest> put(RepositoryName repository, StoredManifest stored, Manifest parsed, Set<String> withheld, Instant now) {
    long id = session.one("INSERT INTO manifest (repository_id, digest, media_type, artifact_type, size, created_at, annotations, content,"
        + " departure) VALUES (" + RepositoryTable.ID + ", ?, ?, ?, ?, ?, ?, ?, " + DepartureTable.NEWEST + ")"
        + " ON CONFLICT (repository_id, digest) DO UPDATE SET media_type = excluded.media_type, artifact_type = excluded.artifact_type,"
        + " departure = excluded.departure"
        + " RETURNING id", row -> row.getLong(1), repository, stored.digest(), stored.mediaType(), parsed.artifactType(),
        (long) stored.bytes().length, Times.micros(now), Json.write(parsed.annotations()), stored.bytes()).orElseThrow();
    record Old(String pointer, Digest target, boolean strong, boolean reaches) {}
    List<Old> old = session.all("DELETE FROM edge WHERE manifest_id = ? RETURNING pointer, target, CASE WHEN kind IN (" + STRONG
        + ") THEN 1 ELSE 0 END, reaches",
        row -> new Old(row.getString(1), Digest.parse(row.getString(2)), row.getInt(3) == 1, row.getLong(4) == 1), id);
    Set<Digest> released = old.stream().filter(Old::strong).map(Old::target).collect(Collectors.toCollection(HashSet::new));
    Set<String> reaching = old.stream().filter(edge -> edge.reaches && !edge.strong).map(Old::pointer).collect(Collectors.toSet());
    session.runEach(
        "INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size, platform, artifact_type, reaches)"
            + " VALUES (?, ?, " + RepositoryTable.ID + ", ?, ?, ?, ?, ?, ?, ?)",
        parsed.edges().stream().map(edge -> row(repository, id, edge, parsed.artifactType(),
            !withheld.contains(edge.pointer()) || !isStrong(edge.kind()) && reaching.contains(edge.pointer()))).toList());
    parsed.edges().stream().filter(edge -> isStrong(edge.kind())).map(edge -> edge.target().digest()).forEach(released::remove);
    return released;
  }

  private static boolean isStrong(Edge.Kind kind) {
    return switch (kind) {
      case CONFIG, LAYER, CHILD, MENTION -> true;
      case SUBJECT, REFERENCE -> false;
    };
  }

  private static @Nullable Object[] row(RepositoryName repository, long manifestId, Edge edge, @Nullable MediaType artifactType,
      boolean reaches) {
    Descriptor target = edge.target();
    return new @Nullable Object[] {manifestId, edge.pointer(), repository, kind(edge.kind()), target.digest(), target.mediaType(),
      target.size(), target.platform(), ReferrerFilter.KINDS.contains(edge.kind()) ? artifactType : null, reaches ? 1L : 0L};
  }

  boolean delete(RepositoryName repository, Digest manifest, Instant until) {
    Optional<Long> id =
        session.one("SELECT id FROM manifest WHERE digest = ? AND repository_id = " + RepositoryTable.ID, row -> row.getLong(1),
            manifest, repository);
    id.ifPresent(key -> {
      release(repository, key, until);
      session.run("DELETE FROM edge WHERE manifest_id = ?", key);
      session.run("DELETE FROM manifest WHERE id = ?", key);
    });
    return id.isPresent();
  }

  /** The blobs that the manifest needs are looked at then, however many they are. */
  private void release(RepositoryName repository, long id, Instant until) {
    long at = Times.micros(until);
    session.run("UPDATE link SET expires_at = ? WHERE repository_id = " + RepositoryTable.ID + " AND (expires_at IS NULL OR expires_at < ?)"
        + " AND digest IN (SELECT edge.target FROM edge WHERE edge.manifest_id = ? AND edge.kind IN (" + STRONG + "))", at, repository, at,
        id);
  }

  Optional<Digest> neededBy(RepositoryName repository, Digest content) {
    return session.one("SELECT manifest.digest FROM edge JOIN manifest ON manifest.id = edge.manifest_id WHERE edge.target = ?"
        + " AND edge.kind IN (" + STRONG + ") AND edge.repository_id = " + RepositoryTable.ID + " LIMIT 1",
        row -> Digest.parse(row.getString(1)), content, repository);
  }

  List<Digest> holders(RepositoryName repository, Digest content, int limit) {
    return session.all("SELECT DISTINCT manifest.digest FROM edge JOIN manifest ON manifest.id = edge.manifest_id WHERE edge.target = ?"
        + " AND edge.kind IN (" + STRONG + ") AND edge.repository_id = " + RepositoryTable.ID + " LIMIT ?",
        row -> Digest.parse(row.getString(1)), content, repository, limit);
  }

  /** One that is there is changed only by who has the repository for itself. */
  Optional<Descriptor> descriptor(RepositoryName repository, Digest manifest) {
    locks.share(repository);
    return described(repository, manifest).or(() -> {
      locks.name(repository, manifest);
      return described(repository, manifest);
    });
  }

  private Optional<Descriptor> described(RepositoryName repository, Digest manifest) {
    return session.one("SELECT media_type, size FROM manifest WHERE digest = ? AND repository_id = " + RepositoryTable.ID,
        row -> new Descriptor(new MediaType(row.getString(1)), manifest, row.getLong(2), null), manifest, repository);
  }

  /**
   * One question for each kind and type, which an index answers in order; of all their answers the first few. So the cost is that of a page,
   * however many there are.
   */
  List<Referrer> referrers(RepositoryName repository, Digest target, ReferrerFilter filter, Place after, int limit) {
    var parameters = new ArrayList<Object>();
    var questions = new StringJoiner(" UNION ALL ");
    List<@Nullable MediaType> types =
        filter.artifactTypes().isEmpty() ? Collections.singletonList(null) : List.copyOf(filter.artifactTypes());
    for (Edge.Kind kind : filter.kinds()) {
      for (MediaType type : types) {
        questions.add("SELECT * FROM (SELECT manifest_id, pointer, kind FROM edge WHERE repository_id = " + RepositoryTable.ID
            + " AND target = ? AND kind = ? AND (manifest_id, pointer) > (?, ?)" + (type == null ? "" : " AND artifact_type = ?")
            + " ORDER BY manifest_id, pointer LIMIT ?) AS question");
        Collections.addAll(parameters, repository, target, kind(kind), after.manifest(), after.pointer());
        if (type != null) {
          parameters.add(type);
        }
        parameters.add(limit);
      }
    }
    parameters.add(limit);
    return session.all("SELECT manifest.id, found.pointer, found.kind, manifest.media_type, manifest.digest, manifest.size,"
        + " manifest.artifact_type, manifest.annotations FROM (" + questions + " ORDER BY manifest_id, pointer LIMIT ?) AS found"
        + " JOIN manifest ON manifest.id = found.manifest_id ORDER BY found.manifest_id, found.pointer", ManifestTable::referrer,
        parameters.toArray());
  }

  private static Referrer referrer(ResultSet row) throws SQLException {
    var descriptor = new Descriptor(new MediaType(row.getString(4)), Digest.parse(row.getString(5)), row.getLong(6), null);
    String artifactType = row.getString(7);
    return new Referrer(new Place(row.getLong(1), row.getString(2)), Edge.Kind.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        descriptor, artifactType == null ? null : new MediaType(artifactType), row.getString(8));
  }

  private static String kind(Edge.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
