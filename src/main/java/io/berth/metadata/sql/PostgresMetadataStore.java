package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.NamePatterns;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoreFailure;
import java.time.Duration;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Names in a PostgreSQL database, which belongs to this process alone while it runs ({@link PostgresTenancy}).
 *
 * <p>Reading is done at REPEATABLE READ, so that it sees one state. Writing is done at READ COMMITTED behind locks that make it serialisable
 * ({@link PostgresLocks}). What deadlocks or can't be serialised is run again, and so is what turns out to need more locks.
 */
public final class PostgresMetadataStore implements MetadataStore {

  /** How often a transaction is tried that others get in the way of. */
  private static final int ATTEMPTS = 10;

  private static final int FIRST_PAUSE_MILLIS = 5;
  private static final int LONGEST_PAUSE_MILLIS = 500;

  private final PostgresTenancy tenancy;
  private final NamePatterns patterns;

  /** Those who wait get their turn in the order in which they came, which the pools alone do not see to. */
  private final Semaphore readers;
  private final Semaphore writers;

  private PostgresMetadataStore(PostgresTenancy tenancy, PostgresOptions options, NamePatterns patterns) {
    this.tenancy = tenancy;
    this.patterns = patterns;
    this.readers = new Semaphore(options.readers(), true);
    this.writers = new Semaphore(options.writers(), true);
  }

  /**
   * Takes the database for this process and migrates it as needed.
   *
   * @param doubt called from any thread when what this process remembers of the names may be wrong: it must be forgotten then
   * @param patterns with which the names of new repositories are compared
   * @throws MetadataException when it can't be used, in words with the remedy
   */
  public static PostgresMetadataStore open(PostgresOptions options, Runnable doubt, NamePatterns patterns) {
    return new PostgresMetadataStore(new PostgresTenancy(options, doubt), options, patterns);
  }

  /** Opens one for which no pattern of names matters. */
  public static PostgresMetadataStore open(PostgresOptions options, Runnable doubt) {
    return open(options, doubt, NamePatterns.NONE);
  }

  /**
   * Looks at a database without taking it or changing anything.
   *
   * @return what it is, in words
   * @throws MetadataException when it can't be used, in words with the remedy
   */
  public static String examine(PostgresOptions options) {
    var server = new PostgresServer(options);
    try (var session = new Session(server.connect())) {
      server.check(session);
      return "PostgreSQL " + PostgresServer.Facts.of(session).release() + " at " + options.url() + ", which syncs what it acknowledges";
    }
  }

  @Override
  public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
    tenancy.enter();
    try {
      tenancy.await(readers);
      try (var session = new Session(tenancy.borrow(PostgresPools::reader))) {
        T result = work.apply(new SqlTransaction(session, Locks.NONE, patterns));
        session.commit();
        return result;
      } catch (MetadataException e) {
        throw noticed(e);
      } finally {
        readers.release();
      }
    } finally {
      tenancy.leave();
    }
  }

  @Override
  public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
    tenancy.enter();
    try {
      tenancy.await(writers);
      try {
        return writeInTurn(work);
      } finally {
        writers.release();
      }
    } finally {
      tenancy.leave();
    }
  }

  private <T extends @Nullable Object> T writeInTurn(Function<? super WriteTransaction, T> work) {
    SortedSet<RepositoryName> alone = new TreeSet<>();
    for (int attempt = 1;; attempt++) {
      try {
        return attempt(work, alone);
      } catch (PostgresLocks.Escalation e) {
        requireFurther(attempt, e);
      } catch (MetadataException e) {
        if (!isConflict(e)) {
          throw noticed(e);
        }
        requireFurther(attempt, e);
        pause(attempt);
      }
    }
  }

  /** Closing a connection whose transaction was not committed rolls that back. */
  private <T extends @Nullable Object> T attempt(Function<? super WriteTransaction, T> work, SortedSet<RepositoryName> alone) {
    try (var session = new Session(tenancy.borrow(PostgresPools::writer))) {
      var locks = new PostgresLocks(session, alone);
      var transaction = new SqlTransaction(session, locks, patterns);
      T result = work.apply(transaction);
      locks.settle();
      transaction.settle();
      commit(session);
      return result;
    }
  }

  private void commit(Session session) {
    try {
      session.commit();
    } catch (MetadataException e) {
      if (PostgresServer.isLoss(e)) {
        tenancy.doubt();
        throw new MetadataException("the connection to the database broke during a commit, so nobody knows whether it took place", e);
      }
      throw e;
    }
  }

  private MetadataException noticed(MetadataException e) {
    if (PostgresServer.isLoss(e)) {
      tenancy.suspect();
    }
    return e;
  }

  /** A serialisation failure or a deadlock, which the server ends by making one of the transactions give way. */
  private static boolean isConflict(MetadataException e) {
    return switch (PostgresServer.state(e)) {
      case "40001", "40P01" -> true;
      default -> false;
    };
  }

  private static void requireFurther(int attempt, RuntimeException cause) {
    if (attempt == ATTEMPTS) {
      throw new MetadataException("other transactions were in the way " + ATTEMPTS + " times", StoreFailure.Kind.PASSING, cause);
    }
  }

  /** Random, so that those who met do not meet again, and longer each time. */
  private static void pause(int attempt) {
    int most = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << attempt);
    try {
      Thread.sleep(Duration.ofMillis(ThreadLocalRandom.current().nextInt(most)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MetadataException("interrupted while waiting for the metadata store", e);
    }
  }

  @Override
  public void close() {
    tenancy.close();
  }
}
