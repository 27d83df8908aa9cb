package io.berth.metadata.sql;

import io.berth.metadata.OwnPushes;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Instant;
import java.util.Optional;

/** Table {@code own_push}, behind the locks that it needs. For one thread. */
final class OwnPushTable implements OwnPushes.Changes {

  private final Session session;
  private final Locks locks;

  OwnPushTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  @Override
  public Optional<Instant> until(RepositoryName repository, String principal, Digest digest) {
    locks.own(repository);
    return session.one("SELECT until FROM own_push WHERE principal = ? AND digest = ? AND repository_id = " + RepositoryTable.ID,
        row -> Times.instant(row.getLong(1)), principal, digest, repository);
  }

  @Override
  public boolean isAnyOver(Instant now) {
    return session.one("SELECT 1 FROM own_push WHERE until <= ? ORDER BY until LIMIT 1", _ -> true, Times.micros(now)).isPresent();
  }

  @Override
  public void put(RepositoryName repository, String principal, Digest digest, Instant until) {
    locks.share(repository);
    session.run("INSERT INTO own_push (repository_id, principal, digest, until) SELECT id, ?, ?, ? FROM repository WHERE name = ?"
        + " ON CONFLICT (repository_id, principal, digest) DO UPDATE SET until = excluded.until WHERE own_push.until < excluded.until",
        principal, digest, Times.micros(until), repository);
  }

  /** One that is written anew at the same time is not forgotten: the condition is looked at again. */
  @Override
  public int forget(Instant now, int limit) {
    long at = Times.micros(now);
    record Due(long repository, String principal, String digest) {}
    var due = session.all("SELECT repository_id, principal, digest FROM own_push WHERE until <= ? ORDER BY until LIMIT ?",
        row -> new Due(row.getLong(1), row.getString(2), row.getString(3)), at, limit);
    due.forEach(one -> session.run("DELETE FROM own_push WHERE repository_id = ? AND principal = ? AND digest = ? AND until <= ?",
        one.repository, one.principal, one.digest, at));
    return due.size();
  }
}
