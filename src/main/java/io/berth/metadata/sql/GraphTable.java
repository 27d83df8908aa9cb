package io.berth.metadata.sql;

import io.berth.metadata.GraphReads;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Table {@code edge}, asked in both directions, behind the locks that this needs. For one thread. */
final class GraphTable implements GraphReads {

  static final String EDGES = "SELECT edge.kind, edge.pointer, edge.target, edge.media_type, edge.size FROM manifest"
      + " JOIN edge ON edge.manifest_id = manifest.id WHERE manifest.digest = ? AND manifest.repository_id = " + RepositoryTable.ID
      + " AND edge.pointer > ? ORDER BY edge.pointer LIMIT ?";

  static final String INCOMING = "SELECT edge.manifest_id, manifest.digest, edge.pointer FROM edge"
      + " JOIN manifest ON manifest.id = edge.manifest_id WHERE edge.target = ? AND edge.kind = ? AND edge.manifest_id > ?"
      + " AND edge.repository_id = " + RepositoryTable.ID + " ORDER BY edge.manifest_id LIMIT ?";

  private final Session session;
  private final Locks locks;

  GraphTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  @Override
  public List<Edge> edges(RepositoryName repository, Digest manifest, String after, int limit) {
    locks.own(repository);
    return session.all(EDGES, GraphTable::edge, manifest, repository, after, limit);
  }

  private static Edge edge(ResultSet row) throws SQLException {
    var target = new Descriptor(new MediaType(row.getString(4)), Digest.parse(row.getString(3)), row.getLong(5), null);
    return new Edge(Edge.Kind.valueOf(row.getString(1).toUpperCase(Locale.ROOT)), row.getString(2), target);
  }

  @Override
  public List<Incoming> incoming(RepositoryName repository, Digest target, Edge.Kind kind, long after, int limit) {
    locks.own(repository);
    return session.all(INCOMING, row -> new Incoming(row.getLong(1), Digest.parse(row.getString(2)), row.getString(3)), target,
        kind.name().toLowerCase(Locale.ROOT), after, repository, limit);
  }

  @Override
  public Optional<Described> described(RepositoryName repository, Digest manifest) {
    locks.own(repository);
    return session.one("SELECT media_type, artifact_type, size FROM manifest WHERE digest = ? AND repository_id = " + RepositoryTable.ID,
        GraphTable::described, manifest, repository);
  }

  private static Described described(ResultSet row) throws SQLException {
    String artifactType = row.getString(2);
    return new Described(new MediaType(row.getString(1)), artifactType == null ? null : new MediaType(artifactType), row.getLong(3));
  }

  @Override
  public List<Tag> someTags(RepositoryName repository, Digest target, int limit) {
    locks.own(repository);
    return session.all("SELECT name FROM tag WHERE target = ? AND repository_id = " + RepositoryTable.ID + " ORDER BY name LIMIT ?",
        row -> new Tag(row.getString(1)), target, repository, limit);
  }
}
