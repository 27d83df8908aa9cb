package io.berth.metadata.sql;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Instant;
import java.util.OptionalLong;

/** Tables {@code blob} and {@code link}: what exists, and which repository holds it. */
final class BlobTable {

  private final Session session;

  BlobTable(Session session) {
    this.session = session;
  }

  OptionalLong size(RepositoryName repository, Digest blob) {
    return session.one("SELECT blob.size FROM blob JOIN link ON link.blob_id = blob.id WHERE blob.digest = ? AND link.repository_id = "
        + RepositoryTable.ID, row -> row.getLong(1), blob, repository)
        .map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  void link(RepositoryName repository, Digest blob, long size, Instant now) {
    long at = Times.micros(now);
    session.run("INSERT INTO blob (digest, size, created_at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING", blob, size, at);
    session.run("INSERT INTO link (repository_id, blob_id, created_at) SELECT repository.id, blob.id, ? FROM repository, blob"
        + " WHERE repository.name = ? AND blob.digest = ? ON CONFLICT (repository_id, blob_id) DO NOTHING", at, repository, blob);
  }

  boolean unlink(RepositoryName repository, Digest blob) {
    return session.run(
        "DELETE FROM link WHERE repository_id = " + RepositoryTable.ID + " AND blob_id = (SELECT id FROM blob WHERE digest = ?)",
        repository, blob) > 0;
  }
}
