package io.berth.metadata.sql;

import io.berth.metadata.Upload;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Table {@code upload}: unfinished uploads, behind the locks that questions about them need. */
final class UploadTable {

  private static final String SELECT = "SELECT id, repository, principal, address, algorithm, touched_at FROM upload";

  private final Session session;
  private final Locks locks;

  UploadTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  Optional<Upload> find(String id) {
    locks.allUploads();
    return session.one(SELECT + " WHERE id = ?", UploadTable::upload, id);
  }

  List<Upload> idle(Instant since, int limit) {
    locks.allUploads();
    return session.all(SELECT + " WHERE touched_at < ? ORDER BY touched_at LIMIT ?", UploadTable::upload, Times.micros(since), limit);
  }

  List<Upload> of(String principal, String address, int limit) {
    locks.allUploads();
    return session.all(SELECT + " WHERE principal = ? AND address = ? ORDER BY touched_at LIMIT ?", UploadTable::upload, principal, address,
        limit);
  }

  private static Upload upload(ResultSet row) throws SQLException {
    return new Upload(row.getString(1), new RepositoryName(row.getString(2)), row.getString(3), row.getString(4),
        Digest.Algorithm.parse(row.getString(5)), Times.instant(row.getLong(6)));
  }

  void put(Upload upload) {
    session.run("INSERT INTO upload (id, repository, principal, address, algorithm, touched_at) VALUES (?, ?, ?, ?, ?, ?)"
        + " ON CONFLICT (id) DO UPDATE SET touched_at = excluded.touched_at", upload.id(), upload.repository(), upload.principal(),
        upload.address(), upload.algorithm(), Times.micros(upload.touchedAt()));
  }

  void delete(String id) {
    session.run("DELETE FROM upload WHERE id = ?", id);
  }
}
