package io.berth.metadata.sql;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;

/**
 * The locks of one writing transaction in PostgreSQL at READ COMMITTED: advisory locks on names, so that what does not exist yet can be locked,
 * too. A statement there sees what was committed before it began, so what is read after its lock was taken is current and stays so.
 *
 * <p>A transaction shares the repositories that it touches, so that pushes run side by side. To remove something, or to act on something not
 * being there, it must have the repository for itself. A shared lock is never turned into an exclusive one, since two who tried would wait
 * for each other: the attempt ends with {@link Escalation}, and the next one takes before all else what was found wanting, in order.
 *
 * <p>Names whose keys happen to be equal wait for each other without need, and that is all. For one thread.
 */
final class PostgresLocks implements Locks {

  private final Session session;
  private final Set<RepositoryName> owned = new HashSet<>();
  private final Set<RepositoryName> shared = new HashSet<>();
  private final SortedSet<RepositoryName> wanted;
  private final Set<String> names = new HashSet<>();
  private boolean hasTag;

  /** Ends an attempt that needs a repository for itself and only shares it. */
  static final class Escalation extends RuntimeException {

    private static final long serialVersionUID = 1;

    private Escalation() {
      super("to be run again with more locks", null, false, false);
    }
  }

  /**
   * Locks for one attempt.
   *
   * @param wanted the repositories that it needs for itself, as far as known; what turns out to be needed for the next attempt is added
   */
  PostgresLocks(Session session, SortedSet<RepositoryName> wanted) {
    this.session = session;
    this.wanted = wanted;
    List.copyOf(wanted).forEach(this::own);
  }

  /**
   * To be called when the work is done, before it is committed.
   *
   * @throws Escalation if it can't stand, also where the work has kept an earlier one to itself
   */
  void settle() {
    if (!owned.containsAll(wanted)) {
      throw new Escalation();
    }
  }

  @Override
  public void share(RepositoryName repository) {
    if (!owned.contains(repository) && shared.add(repository)) {
      take("SELECT pg_advisory_xact_lock_shared(?)", repository.value());
    }
  }

  @Override
  public void own(RepositoryName repository) {
    wanted.add(repository);
    if (shared.contains(repository)) {
      throw new Escalation();
    }
    if (owned.add(repository)) {
      take("SELECT pg_advisory_xact_lock(?)", repository.value());
    }
  }

  /**
   * Waits for the first manifest, and behind that for the first tag, but not for a further one while others may wait for what is held here.
   * Who owns the repository needs no locks of its names, of which there may be more than the database has room for.
   */
  @Override
  public void name(RepositoryName repository, TagOrDigest name) {
    share(repository);
    String full = repository + "@" + name;
    if (owned.contains(repository) || names.contains(full)) {
      return;
    }
    boolean mayWait = name instanceof Tag ? !hasTag : names.isEmpty();
    if (mayWait) {
      take("SELECT pg_advisory_xact_lock(?)", full);
    } else if (!session.one("SELECT pg_try_advisory_xact_lock(?)", row -> row.getBoolean(1), key(full)).orElseThrow()) {
      own(repository);
    }
    names.add(full);
    hasTag |= name instanceof Tag;
  }

  /** Nothing keeps others from adding it, so what follows from its absence can't stand while the repository is shared. */
  @Override
  public void absent(RepositoryName repository) {
    wanted.add(repository);
  }

  @Override
  public void allRepositories() {
    session.run("LOCK TABLE repository IN SHARE ROW EXCLUSIVE MODE");
  }

  @Override
  public void allUploads() {
    session.run("LOCK TABLE upload IN SHARE ROW EXCLUSIVE MODE");
  }

  @Override
  public void allAccounts() {
    session.run("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE");
  }

  @Override
  public void allClasses() {
    session.run("LOCK TABLE access_class IN EXCLUSIVE MODE");
  }

  private void take(String statement, String name) {
    session.one(statement, _ -> true, key(name));
  }

  private static long key(String name) {
    var hash = Digest.Algorithm.SHA256.newHash();
    return ByteBuffer.wrap(hash.digest(name.getBytes(StandardCharsets.UTF_8))).getLong();
  }
}
