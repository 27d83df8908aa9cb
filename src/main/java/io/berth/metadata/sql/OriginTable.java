package io.berth.metadata.sql;

import io.berth.metadata.NamePatterns.Known;
import io.berth.metadata.Origins;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code access_class} and the columns of that name: which repositories are as the same patterns say. Each link carries the class of its
 * repository, so that one index, by class and then by digest, answers where among some classes a blob is, and touches nothing of any other. For
 * one thread.
 */
final class OriginTable implements Origins.Changes {

  /** Classes of one question. */
  private static final int CLASSES = 2_000;

  /** Names and patterns of one question; there are as many questions as it takes, whatever the earlier ones found. */
  private static final int AT_ONCE = 64;

  private static final String ANYWHERE = "SELECT repository.name FROM blob JOIN link ON link.blob_id = blob.id"
      + " JOIN repository ON repository.id = link.repository_id WHERE blob.digest = ? LIMIT 1";

  /**
   * A question of its own for each class, which PostgreSQL answers in the same way for every digest. As a join, it would go another way about one that its
   * statistics know to be common.
   */
  private static final String HELD = "(SELECT link.repository_id FROM link WHERE link.access_class = asked.access_class"
      + " AND link.access_class <> 0 AND link.digest = ? ORDER BY link.repository_id LIMIT 1)";

  private final Session session;
  private final Locks locks;

  OriginTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  /** The number that a class goes by; 0 is that of which nothing is known. */
  static long number(Collection<String> patterns) {
    if (patterns.isEmpty()) {
      return 0;
    }
    byte[] text = String.join("\n", new TreeSet<>(patterns)).getBytes(StandardCharsets.UTF_8);
    long number = ByteBuffer.wrap(Digest.Algorithm.SHA256.newHash().digest(text)).getLong();
    return number == 0 ? 1 : number;
  }

  @Override
  public Optional<RepositoryName> anywhere(Digest blob) {
    return session.one(ANYWHERE, OriginTable::name, blob);
  }

  @Override
  public Optional<RepositoryName> among(List<RepositoryName> repositories, Digest blob) {
    Optional<RepositoryName> found = Optional.empty();
    for (int i = 0; i < repositories.size() && found.isEmpty(); i += AT_ONCE) {
      List<RepositoryName> some = repositories.subList(i, Math.min(repositories.size(), i + AT_ONCE));
      var parameters = new ArrayList<Object>(filled(some));
      parameters.add(blob);
      found = session.one("SELECT repository.name FROM repository JOIN link ON link.repository_id = repository.id WHERE repository.name"
          + in(filled(some).size()) + " AND link.digest = ? LIMIT 1", OriginTable::name, parameters.toArray());
    }
    return found;
  }

  /** The first set is asked about in parts, and each part with all of the others. */
  @Override
  public Optional<RepositoryName> matching(List<Set<String>> patterns, Digest blob) {
    Optional<RepositoryName> found = Optional.empty();
    List<String> first = patterns.isEmpty() || patterns.contains(Set.<String>of()) ? List.of() : sorted(patterns.getFirst());
    for (int i = 0; i < first.size() && found.isEmpty(); i += AT_ONCE) {
      found = matching(first.subList(i, Math.min(first.size(), i + AT_ONCE)), patterns.subList(1, patterns.size()), blob);
    }
    return found;
  }

  private Optional<RepositoryName> matching(List<String> first, List<Set<String>> others, Digest blob) {
    var parameters = new ArrayList<Object>(filled(first));
    var classes = new StringBuilder("SELECT DISTINCT access_class FROM access_class WHERE pattern").append(in(parameters.size()));
    for (Set<String> other : others) {
      List<String> all = filled(sorted(other));
      parameters.addAll(all);
      classes.append(" AND EXISTS (SELECT 1 FROM access_class AS too WHERE too.access_class = access_class.access_class AND too.pattern")
          .append(in(all.size())).append(')');
    }
    parameters.addFirst(blob);
    parameters.add(CLASSES);
    return session.one("SELECT name FROM repository WHERE id = (SELECT held FROM (SELECT " + HELD + " AS held FROM (" + classes
        + " LIMIT ?) AS asked) AS each WHERE held IS NOT NULL LIMIT 1)", OriginTable::name, parameters.toArray());
  }

  private static List<String> sorted(Set<String> patterns) {
    return List.copyOf(new TreeSet<>(patterns));
  }

  /** As many as a power of two, the last one repeated, so that there are few statements to be prepared. */
  private static <T> List<T> filled(List<T> some) {
    var filled = new ArrayList<>(some);
    while (Integer.bitCount(filled.size()) != 1) {
      filled.add(some.getLast());
    }
    return filled;
  }

  private static String in(int size) {
    return " IN (?" + ", ?".repeat(size - 1) + ")";
  }

  private static RepositoryName name(ResultSet row) throws SQLException {
    return new RepositoryName(row.getString(1));
  }

  @Override
  public List<RepositoryName> otherwiseKnown(String among, int limit) {
    var found = new ArrayList<>(
        session.all("SELECT name FROM repository WHERE compared_with < ? ORDER BY compared_with LIMIT ?", OriginTable::name, among, limit));
    found.addAll(session.all("SELECT name FROM repository WHERE compared_with > ? ORDER BY compared_with LIMIT ?", OriginTable::name, among,
        limit - found.size()));
    return found;
  }

  /** A repository that has just come into being, and holds nothing yet. */
  void begin(RepositoryName repository, Known known) {
    if (!known.among().isEmpty()) {
      session.run("UPDATE repository SET access_class = ?, compared_with = ? WHERE name = ?", enter(known), known.among(), repository);
    }
  }

  /** In the order of the patterns, so that two who enter the same class at the same time do not wait for each other. */
  private long enter(Known known) {
    long number = number(known.patterns());
    session.runEach("INSERT INTO access_class (pattern, access_class) VALUES (?, ?) ON CONFLICT (pattern, access_class) DO NOTHING",
        sorted(known.patterns()).stream().map(pattern -> new @Nullable Object[] {pattern, number}).toList());
    return number;
  }

  @Override
  public @Nullable String classify(RepositoryName repository, Known known, String after, int limit) {
    locks.own(repository);
    long number = enter(known);
    session.run("UPDATE repository SET access_class = ? WHERE name = ?", number, repository);
    List<String> step = session.all("SELECT digest FROM link WHERE repository_id = " + RepositoryTable.ID
        + " AND digest > ? ORDER BY digest LIMIT ?", row -> row.getString(1), repository, after, limit);
    if (!step.isEmpty()) {
      session.run("UPDATE link SET access_class = ? WHERE repository_id = " + RepositoryTable.ID
          + " AND digest > ? AND digest <= ? AND access_class <> ?", number, repository, after, step.getLast(), number);
    }
    if (step.size() < limit) {
      session.run("UPDATE repository SET compared_with = ? WHERE name = ?", known.among(), repository);
      return null;
    }
    return step.getLast();
  }

  /** Behind all those that put repositories into classes, which see then that a class is no more. */
  @Override
  public void forgetUnused() {
    locks.allClasses();
    session.run("DELETE FROM access_class WHERE NOT EXISTS (SELECT 1 FROM repository WHERE repository.access_class ="
        + " access_class.access_class)");
  }
}
