package io.berth.metadata.sql;

import io.berth.metadata.PullReads;
import io.berth.oci.PullCounts;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tables {@code pull_day} and {@code last_pull}, behind the locks that they need. For one thread. */
final class PullTable implements PullReads.Changes {

  /** Tags in one question. */
  private static final int AT_ONCE = 50;

  private static final List<String> COUNTS = List.of("verified_pulls", "verified_blobs", "verified_bytes", "claimed_pulls", "claimed_blobs",
      "claimed_bytes", "plain_pulls", "plain_blobs", "plain_bytes");
  private static final String ALL = "SELECT day, tag, " + String.join(", ", COUNTS) + " FROM pull_day WHERE ";

  /** By the key alone: PostgreSQL would look through all that was pulled on a day otherwise, whatever from. */
  private static final String DAYS = ALL + "(repository_id, day, tag) > (" + RepositoryTable.ID + ", ?, ?) AND (repository_id, day) <= ("
      + RepositoryTable.ID + ", ?) ORDER BY repository_id, day, tag LIMIT ?";
  private static final String DAYS_OF_TAG = ALL + "(repository_id, tag, day) >= (" + RepositoryTable.ID
      + ", ?, ?) AND (repository_id, tag, day) <= (" + RepositoryTable.ID + ", ?, ?) ORDER BY repository_id, tag, day LIMIT ?";

  /** What is there is added to, so that several who write at the same time lose nothing. */
  private static final String ADD = "INSERT INTO pull_day (repository_id, day, tag, " + String.join(", ", COUNTS)
      + ") SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM repository WHERE name = ? ON CONFLICT (repository_id, day, tag) DO UPDATE SET "
      + COUNTS.stream().map(count -> count + " = pull_day." + count + " + excluded." + count).collect(Collectors.joining(", "));
  private static final String PULLED = "INSERT INTO last_pull (repository_id, tag, at) SELECT id, ?, ? FROM repository WHERE name = ?"
      + " ON CONFLICT (repository_id, tag) DO UPDATE SET at = excluded.at WHERE last_pull.at < excluded.at";
  private static final String LAST = "SELECT tag, at FROM last_pull WHERE tag IN (" + String.join(", ", Collections.nCopies(AT_ONCE, "?"))
      + ") AND repository_id = " + RepositoryTable.ID;

  private final Session session;
  private final Locks locks;

  PullTable(Session session, Locks locks) {
    this.session = session;
    this.locks = locks;
  }

  @Override
  public List<PullDay> days(RepositoryName repository, LocalDate from, LocalDate to, PullDay.@Nullable Place after, int limit) {
    locks.own(repository);
    if (after == null || after.day().isBefore(from)) {
      return session.all(DAYS, PullTable::day, repository, from.toEpochDay() - 1, TagEventTable.end(""), repository, to.toEpochDay(),
          limit);
    }
    return session.all(DAYS, PullTable::day, repository, after.day().toEpochDay(), text(after.tag()), repository, to.toEpochDay(), limit);
  }

  @Override
  public List<PullDay> days(RepositoryName repository, Tag tag, LocalDate from, LocalDate to, int limit) {
    locks.own(repository);
    return session.all(DAYS_OF_TAG, PullTable::day, repository, tag, from.toEpochDay(), repository, tag, to.toEpochDay(), limit);
  }

  private static PullDay day(ResultSet row) throws SQLException {
    String tag = row.getString(2);
    return new PullDay(LocalDate.ofEpochDay(row.getLong(1)), tag.isEmpty() ? null : new Tag(tag), counts(row, 3), counts(row, 6),
        counts(row, 9));
  }

  private static PullCounts counts(ResultSet row, int first) throws SQLException {
    return new PullCounts(row.getLong(first), row.getLong(first + 1), row.getLong(first + 2));
  }

  private static String text(@Nullable Tag tag) {
    return tag == null ? "" : tag.value();
  }

  @Override
  public Map<Tag, Instant> lastPulls(RepositoryName repository, Collection<Tag> tags) {
    locks.own(repository);
    var found = new HashMap<Tag, Instant>();
    List<Tag> distinct = tags.stream().distinct().toList();
    for (int first = 0; first < distinct.size(); first += AT_ONCE) {
      var parameters = new ArrayList<Object>(distinct.subList(first, Math.min(distinct.size(), first + AT_ONCE)));
      while (parameters.size() < AT_ONCE) {
        parameters.add(parameters.getLast());
      }
      parameters.add(repository);
      session.all(LAST, row -> found.put(new Tag(row.getString(1)), Times.instant(row.getLong(2))), parameters.toArray());
    }
    return found;
  }

  /** In one order, whoever writes them, so that no two wait for each other. */
  @Override
  public void add(RepositoryName repository, Collection<PullDay> days) {
    locks.share(repository);
    session.runEach(ADD, days.stream().sorted(Comparator.comparing(PullDay::day).thenComparing(day -> text(day.tag())))
        .map(day -> row(repository, day)).toList());
  }

  private static @Nullable Object[] row(RepositoryName repository, PullDay day) {
    PullCounts verified = day.verified();
    PullCounts claimed = day.claimed();
    PullCounts plain = day.unattributed();
    return new Object[] {day.day().toEpochDay(), text(day.tag()), verified.pulls(), verified.blobs(), verified.bytes(), claimed.pulls(),
      claimed.blobs(), claimed.bytes(), plain.pulls(), plain.blobs(), plain.bytes(), repository};
  }

  @Override
  public void pulled(RepositoryName repository, Map<Tag, Instant> tags) {
    locks.share(repository);
    session.runEach(PULLED, tags.entrySet().stream().sorted(Map.Entry.comparingByKey())
        .<@Nullable Object[]>map(tag -> new Object[] {tag.getKey(), Times.micros(tag.getValue()), repository}).toList());
  }

  /** What is pulled anew at the same time stays: the condition is looked at again. */
  @Override
  public int forget(LocalDate before, int limit) {
    record Row(long repository, long at, String tag) {}
    long day = before.toEpochDay();
    List<Row> days = session.all("SELECT repository_id, day, tag FROM pull_day WHERE day < ? ORDER BY day LIMIT ?",
        row -> new Row(row.getLong(1), row.getLong(2), row.getString(3)), day, limit);
    session.runEach("DELETE FROM pull_day WHERE repository_id = ? AND day = ? AND tag = ?",
        days.stream().<@Nullable Object[]>map(row -> new Object[] {row.repository, row.at, row.tag}).toList());
    long micros = Times.micros(before.atStartOfDay().toInstant(ZoneOffset.UTC));
    List<Row> last = session.all("SELECT repository_id, at, tag FROM last_pull WHERE at < ? ORDER BY at LIMIT ?",
        row -> new Row(row.getLong(1), row.getLong(2), row.getString(3)), micros, limit - days.size());
    session.runEach("DELETE FROM last_pull WHERE repository_id = ? AND tag = ? AND at < ?",
        last.stream().<@Nullable Object[]>map(row -> new Object[] {row.repository, row.tag, micros}).toList());
    return days.size() + last.size();
  }
}
