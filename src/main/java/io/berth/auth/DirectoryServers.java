package io.berth.auth;

import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.FailoverServerSet;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.ServerSet;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a directory, and the connections to them: few, kept for a while, and none before one is needed. Their certificates have to be for the
 * host that was named. Everything has a time limit. A connection that its server has closed meanwhile is replaced once. When none answers, nobody waits for
 * that again in the next second. Referrals are not followed. Safe for any thread; callers wait.
 */
final class DirectoryServers implements AutoCloseable {

  private static final long AGE_MILLIS = Duration.ofMinutes(5).toMillis();
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final DirectoryTerms terms;
  private final NamedHostSockets tls;
  private final Semaphore turns;
  private @Nullable LDAPConnectionPool accounts;
  private @Nullable LDAPConnectionPool persons;
  private volatile @Nullable Long failed;
  private boolean closed;

  DirectoryServers(DirectoryTerms terms, SSLContext tls) {
    this.terms = terms;
    this.tls = new NamedHostSockets(tls.getSocketFactory());
    this.turns = new Semaphore(terms.connections(), true);
  }

  /** What is done with a connection. It may be done twice. */
  interface Work<T> {
    T on(LDAPConnection connection) throws LDAPException;
  }

  /**
   * Does something as the entry that may look for others, or as nobody in particular.
   *
   * @throws Passwords.UnavailableException if no server answers, or none as it should
   */
  <T> T asAccount(Work<T> work) {
    return inTurn(() -> run(pool(true), work));
  }

  /**
   * Does something that begins with a bind, on a connection that was somebody else's before.
   *
   * @throws Passwords.UnavailableException if no server answers, or none as it should
   */
  <T> T asPerson(Work<T> work) {
    return inTurn(() -> run(pool(false), work));
  }

  private interface Turn<T> {
    T take() throws LDAPException;
  }

  private <T> T inTurn(Turn<T> turn) {
    Long last = failed;
    if (last != null && System.nanoTime() - last < PAUSE) {
      throw new Passwords.UnavailableException("the directory did not answer a moment ago", null);
    }
    boolean mine = false;
    try {
      mine = turns.tryAcquire(terms.patience().answer().toMillis(), TimeUnit.MILLISECONDS);
      if (!mine) {
        throw new Passwords.UnavailableException("the directory is asked for more people than it answers", null);
      }
      return turn.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Passwords.UnavailableException("interrupted", e);
    } catch (LDAPException e) {
      throw new Passwords.UnavailableException("the directory can't be asked: " + e.getMessage(), e);
    } finally {
      if (mine) {
        turns.release();
      }
    }
  }

  private <T> T run(LDAPConnectionPool pool, Work<T> work) throws LDAPException {
    LDAPConnection connection = connect(pool::getConnection);
    try {
      T result = work.on(connection);
      pool.releaseConnection(connection);
      return result;
    } catch (LDAPException e) {
      if (e.getResultCode().equals(ResultCode.SERVER_DOWN)) { // which may have closed it long ago
        return again(pool, connect(() -> pool.replaceDefunctConnection(connection)), work);
      }
      release(pool, connection, e);
      throw e;
    } catch (RuntimeException | Error e) {
      pool.releaseDefunctConnection(connection);
      throw e;
    }
  }

  private <T> T again(LDAPConnectionPool pool, LDAPConnection connection, Work<T> work) throws LDAPException {
    try {
      T result = work.on(connection);
      pool.releaseConnection(connection);
      return result;
    } catch (LDAPException e) {
      release(pool, connection, e);
      throw e;
    } catch (RuntimeException | Error e) {
      pool.releaseDefunctConnection(connection);
      throw e;
    }
  }

  private void release(LDAPConnectionPool pool, LDAPConnection connection, LDAPException e) {
    if (e.getResultCode().isConnectionUsable() && !e.getResultCode().equals(ResultCode.TIMEOUT)) {
      pool.releaseConnection(connection);
      return;
    }
    failed = System.nanoTime();
    pool.releaseDefunctConnection(connection);
  }

  private interface Connect {
    LDAPConnection get() throws LDAPException;
  }

  private LDAPConnection connect(Connect connect) throws LDAPException {
    try {
      return connect.get();
    } catch (LDAPException e) {
      failed = System.nanoTime();
      throw e;
    }
  }

  private synchronized LDAPConnectionPool pool(boolean isAccount) throws LDAPException {
    if (closed) {
      throw new Passwords.UnavailableException("the directory is not asked any more", null);
    }
    if (isAccount) {
      LDAPConnectionPool pool = accounts == null
          ? open(terms.account().map(account -> new SimpleBindRequest(account.dn(), account.password())).orElse(null))
          : accounts;
      accounts = pool;
      return pool;
    }
    LDAPConnectionPool pool = persons == null ? open(null) : persons;
    persons = pool;
    return pool;
  }

  private LDAPConnectionPool open(@Nullable BindRequest account) throws LDAPException {
    var pool = new LDAPConnectionPool(servers(), account, 0, terms.connections(), null, false);
    pool.setCreateIfNecessary(false); // there is one for each turn
    pool.setMaxWaitTimeMillis(terms.patience().answer().toMillis());
    pool.setMaxConnectionAgeMillis(AGE_MILLIS);
    pool.setConnectionPoolName("directory");
    return pool;
  }

  private ServerSet servers() {
    List<ServerSet> servers = new ArrayList<>();
    for (DirectoryTerms.Server server : terms.servers()) {
      PostConnectProcessor first =
          server.protection() == DirectoryTerms.Protection.START_TLS ? new StartTLSPostConnectProcessor(tls) : null;
      servers.add(new SingleServerSet(server.host(), server.port(),
          server.protection() == DirectoryTerms.Protection.TLS ? tls : null, options(), null, first));
    }
    return servers.size() == 1 ? servers.getFirst() : new FailoverServerSet(servers);
  }

  private LDAPConnectionOptions options() {
    var options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis(Math.toIntExact(terms.patience().connect().toMillis()));
    options.setResponseTimeoutMillis(terms.patience().answer().toMillis());
    options.setAbandonOnTimeout(false); // the connection is closed
    options.setFollowReferrals(false);
    options.setBindWithDNRequiresPassword(true);
    options.setUseSynchronousMode(true); // no thread of its own for each
    return options;
  }

  /** Closes the connections; those in use when they are no longer. Afterwards nobody can be asked. */
  @Override
  public synchronized void close() {
    closed = true;
    if (accounts != null) {
      accounts.close();
    }
    if (persons != null) {
      persons.close();
    }
  }
}
