package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import io.berth.oci.StoreFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process's time in its database: a claim, the connections that work under it, and a thread that watches over both. When the claim's
 * connection breaks, or nobody knows what has become of a commit, everything is let go, what the process remembers is forgotten, and the claim
 * is taken anew; work waits for that a while. Another process may have had the database in between, and nothing of ours is left that would
 * not know. Safe for any thread.
 */
final class PostgresTenancy implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PostgresTenancy.class);

  private static final Duration PING = Duration.ofSeconds(2);
  private static final Duration RENEWAL = Duration.ofMillis(500);
  private static final Duration FAREWELL = Duration.ofSeconds(10);
  private static final int ALL = Integer.MAX_VALUE;

  private final PostgresOptions options;
  private final PostgresServer server;
  private final Runnable doubt;
  private final Semaphore wake = new Semaphore(0);
  private final Semaphore work = new Semaphore(ALL);
  private final Thread keeper;
  private volatile CompletableFuture<PostgresPools> pools = new CompletableFuture<>();
  private volatile boolean closed;
  private volatile boolean doubted;
  private PostgresClaim claim; // the keeper's alone, once it runs
  private String complaint = "";

  /**
   * Takes the database and migrates it.
   *
   * @param doubt called when what this process remembers may be wrong
   * @throws MetadataException in words with the remedy
   */
  PostgresTenancy(PostgresOptions options, Runnable doubt) {
    this.options = options;
    this.server = new PostgresServer(options);
    this.doubt = doubt;
    this.claim = claim(options.patience()); // of one that was killed just before, connections may be left
    this.pools.complete(new PostgresPools(server, claim, options));
    this.keeper = Thread.ofPlatform().name("berth-database").daemon().start(this::keep);
  }

  private PostgresClaim claim(Duration patience) {
    PostgresClaim taken = PostgresClaim.take(server, patience);
    try {
      taken.migrate();
      return taken;
    } catch (MetadataException e) {
      taken.close();
      throw e.getCause() instanceof SQLException cause && PostgresServer.state(cause).equals("42501") ? server.refused(cause) : e;
    }
  }

  /** Chooses a connection. */
  interface Choice {
    Connection of(PostgresPools pools) throws SQLException;
  }

  /** To be called before work, which holds up {@link #close} until {@link #leave}. */
  void enter() {
    boolean entered = work.tryAcquire();
    if (closed || !entered) {
      if (entered) {
        work.release();
      }
      throw new MetadataException("the metadata store is closed", StoreFailure.Kind.PASSING, new IllegalStateException("closed"));
    }
  }

  void leave() {
    work.release();
  }

  /**
   * Waits for one's turn.
   *
   * @throws MetadataException if that takes too long
   */
  void await(Semaphore turns) {
    try {
      if (!turns.tryAcquire(options.patience().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new MetadataException("so many transactions wait for the database that this one gave up", new TimeoutException());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MetadataException("interrupted while waiting for the database", e);
    }
  }

  /**
   * A connection for one transaction, to be closed after it. Waits for one to become free, or to come back.
   *
   * @throws MetadataException if that takes too long
   */
  Connection borrow(Choice choice) {
    long end = System.nanoTime() + options.patience().toNanos();
    while (true) {
      try {
        return choice.of(pools.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS));
      } catch (SQLException e) {
        wake.release();
        if (System.nanoTime() > end) {
          throw new MetadataException("no connection to the database is to be had: " + e.getMessage(), e);
        }
      } catch (TimeoutException e) {
        throw new MetadataException("the connection to the database is lost: " + complaint, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MetadataException("interrupted while waiting for a connection to the database", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException("pools are made before they are announced", e);
      }
    }
  }

  /** Something failed that may mean that the connections are gone. */
  void suspect() {
    wake.release();
  }

  /** Nobody knows what has become of a commit. It is settled when the last connection of this claim is gone, and its server process with it. */
  void doubt() {
    doubted = true;
    wake.release();
  }

  private void keep() {
    Duration pause = PING;
    while (!closed) {
      try {
        var _ = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
        if (pools.isDone() && (doubted || !claim.isAlive())) {
          lose();
        }
        if (!pools.isDone()) {
          renew();
        }
      } catch (InterruptedException _) {
        return; // closed
      } catch (RuntimeException e) {
        LOG.error("watching over the database failed; going on", e);
      }
      pause = pools.isDone() ? PING : RENEWAL;
    }
  }

  private void lose() {
    PostgresPools old = pools.join();
    pools = new CompletableFuture<>();
    doubted = false;
    doubt.run();
    claim.close();
    old.close();
    LOG.warn("the connection to the database is lost; until it is back, requests wait or fail");
  }

  private void renew() {
    try {
      claim = claim(Duration.ZERO);
      doubt.run();
      pools.complete(new PostgresPools(server, claim, options));
      LOG.info("the connection to the database is back");
      complaint = "";
    } catch (MetadataException e) {
      String now = String.valueOf(e.getMessage());
      if (!now.equals(complaint)) {
        LOG.warn("{}", now);
      }
      complaint = now;
    }
  }

  /** Refuses new work, lets what runs end, and gives the database back. A second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    keeper.interrupt();
    boolean interrupted = false;
    try {
      var _ = work.tryAcquire(ALL, FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
      keeper.join();
    } catch (InterruptedException _) {
      interrupted = true;
    }
    if (pools.isDone()) {
      pools.join().close();
    }
    claim.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
