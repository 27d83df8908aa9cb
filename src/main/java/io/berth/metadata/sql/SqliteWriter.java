package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import io.berth.metadata.NamePatterns;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.StoreFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to a SQLite file. A commit costs a sync of the disk, so transactions that wait while one is being made durable
 * share the next: they run one after the other, each in a savepoint of its own, and are answered together once the shared commit is durable.
 * One that throws is rolled back alone. If the commit itself fails, all of them fail, and none has happened.
 */
final class SqliteWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteWriter.class);

  /** Transactions that share a commit at most, so that the first does not wait for ever. */
  private static final int BATCH = 256;

  private final Supplier<Session> connect;
  private final NamePatterns patterns;
  private final BlockingQueue<Pending<?>> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean ended;

  /** A transaction that waits; after it ran, either result or failure is set, and the future completes when that is durable. */
  private static final class Pending<T extends @Nullable Object> {

    private final Function<? super WriteTransaction, T> work;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private @Nullable T result;
    private @Nullable Throwable failure;

    Pending(Function<? super WriteTransaction, T> work) {
      this.work = work;
    }

    void run(SqlTransaction transaction, Session session) {
      session.run("SAVEPOINT work");
      try {
        result = work.apply(transaction);
        transaction.settle();
      } catch (Throwable thrown) {
        failure = thrown;
        rollBack(session, thrown);
      }
      session.run("RELEASE work");
    }

    /** When the disk is full, SQLite may have ended the whole transaction by itself; then what it said first tells why. */
    private static void rollBack(Session session, Throwable thrown) {
      try {
        session.run("ROLLBACK TO work");
      } catch (MetadataException e) {
        if (thrown instanceof MetadataException first) {
          first.addSuppressed(e);
          throw first;
        }
        throw e;
      }
    }

    @SuppressWarnings("NullAway") // the work may well return null, then so does write
    void complete() {
      if (failure != null) {
        answer.completeExceptionally(failure);
      } else {
        answer.complete(result);
      }
    }

    void fail(MetadataException e) {
      answer.completeExceptionally(e);
    }
  }

  SqliteWriter(Supplier<Session> connect, NamePatterns patterns) {
    this.connect = connect;
    this.patterns = patterns;
    this.thread = Thread.ofPlatform().name("berth-metadata-writer").start(this::loop);
  }

  <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
    if (closed) {
      throw closed();
    }
    var pending = new Pending<T>(work);
    queue.add(pending);
    if (ended) {
      failQueued();
    }
    try {
      return pending.answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MetadataException("interrupted while waiting for the metadata store", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException thrown -> throw thrown;
        case Error error -> throw error;
        case null, default -> throw new MetadataException("the metadata store failed", e);
      }
    }
  }

  private void loop() {
    Session session = null;
    try {
      while (!closed || !queue.isEmpty()) {
        List<Pending<?>> batch = nextBatch();
        if (batch.isEmpty()) {
          continue;
        }
        try {
          if (session == null) {
            session = connect.get();
          }
          commit(session, batch);
          batch.forEach(Pending::complete);
        } catch (MetadataException e) {
          batch.forEach(pending -> pending.fail(e));
          session = discard(session);
        }
      }
    } finally {
      discard(session);
      ended = true;
      failQueued();
    }
  }

  /** What came while the thread was ending; called by the thread at its end, and by whoever came after that. */
  private void failQueued() {
    var left = new ArrayList<Pending<?>>();
    queue.drainTo(left);
    left.forEach(pending -> pending.fail(closed()));
  }

  private static MetadataException closed() {
    return new MetadataException("the metadata store is closed", StoreFailure.Kind.PASSING, new IllegalStateException("closed"));
  }

  private List<Pending<?>> nextBatch() {
    var batch = new ArrayList<Pending<?>>();
    try {
      batch.add(queue.take());
      queue.drainTo(batch, BATCH - 1);
    } catch (InterruptedException e) {
      // close() woke us; what is queued is still done
      queue.drainTo(batch, BATCH);
    }
    return batch;
  }

  private void commit(Session session, List<Pending<?>> batch) {
    session.run("BEGIN IMMEDIATE");
    for (Pending<?> pending : batch) {
      pending.run(new SqlTransaction(session, Locks.NONE, patterns), session);
    }
    session.run("COMMIT");
  }

  /** Closing a connection rolls back what it had begun, whatever went wrong; the next batch gets a new one. */
  private static @Nullable Session discard(@Nullable Session session) {
    if (session != null) {
      try {
        session.close();
      } catch (MetadataException e) {
        LOG.warn("a connection to the metadata store can't be closed; going on with a new one", e);
      }
    }
    return null;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
