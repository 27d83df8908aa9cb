package io.berth.http.engine;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Vertx;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of a server. The files are looked at again every few seconds and when somebody says so: connections that begin afterwards use what is in
 * them, others go on as they are. What can't be used changes nothing; the log says why, once for each content.
 *
 * <p>Safe for all threads.
 */
final class Tls implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
  private static final long HANDSHAKE_SECONDS = 10;
  private static final String NO_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

  static {
    // a renegotiation costs us more than who asks for it, and nobody needs one
    if (System.getProperty(NO_RENEGOTIATION) == null) {
      System.setProperty(NO_RENEGOTIATION, "true");
    }
  }

  private TlsOptions options;
  private final boolean http2;
  private final Vertx vertx;
  private final Thread watch;
  private volatile SslContext current;
  private Credentials used;
  private String problem = "";
  private String complaint = "";

  private Tls(TlsOptions options, boolean http2, Vertx vertx, Credentials used, SslContext current) {
    this.options = options;
    this.http2 = http2;
    this.vertx = vertx;
    this.used = used;
    this.current = current;
    this.watch = Thread.ofVirtual().name("berth-tls").unstarted(() -> poll(options.poll()));
  }

  /**
   * Reads the files and begins to watch them.
   *
   * @throws UnusableCertificateException in words
   */
  static Tls open(TlsOptions options, boolean http2, Vertx vertx) throws UnusableCertificateException {
    Credentials read = Credentials.read(options);
    Credentials.Usable usable = read.use(http2, vertx);
    tell(usable.certificate());
    Tls tls = new Tls(options, http2, vertx, read, usable.context());
    tls.watch.start();
    return tls;
  }

  /** What makes one connection secure. */
  SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler = current.newHandler(allocator);
    handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    return handler;
  }

  /**
   * Reads other files, or the same ones again. What else is in the options stays as it was at the start.
   *
   * @return what has them used, for connections that begin afterwards
   */
  synchronized Runnable prepare(TlsOptions other) throws UnusableCertificateException {
    TlsOptions next = other.withSpoken(options.oldest(), options.cipherSuites()).withPoll(options.poll());
    Credentials read = Credentials.read(next);
    Credentials.Usable usable = read.use(http2, vertx);
    return () -> take(next, read, usable);
  }

  private synchronized void take(TlsOptions next, Credentials read, Credentials.Usable usable) {
    boolean known = read.isSame(used);
    options = next;
    used = read;
    current = usable.context();
    problem = "";
    complaint = "";
    if (!known) {
      tell(usable.certificate());
    }
  }

  /**
   * Looks at the files now.
   *
   * @return whether connections that begin from now on use what is in them
   */
  boolean reload() {
    return reload(true);
  }

  /** Files that are just being written are none yet: who looks by chance complains only of what is still so the next time. */
  private synchronized boolean reload(boolean asked) {
    try {
      Credentials read = Credentials.read(options);
      if (!read.isSame(used)) {
        take(options, read, read.use(http2, vertx));
      }
      problem = "";
      complaint = "";
      return true;
    } catch (UnusableCertificateException e) {
      String words = String.valueOf(e.getMessage());
      boolean known = words.equals(problem);
      problem = words;
      complain(asked || known);
      return false;
    }
  }

  private void complain(boolean aloud) {
    if (aloud && !problem.equals(complaint)) {
      complaint = problem;
      LOG.warn("the certificate is not renewed, the one in use stays: {}", problem);
    }
  }

  private void poll(Duration interval) {
    try {
      while (true) {
        Thread.sleep(interval);
        var _ = reload(false);
      }
    } catch (InterruptedException _) {
      // closed
    }
  }

  private static void tell(X509Certificate certificate) {
    String name = certificate.getSubjectX500Principal().getName();
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    Instant now = Instant.now();
    if (end.isBefore(now)) {
      LOG.warn("the certificate of {} expired at {}: clients will refuse it; renew it, the new one is taken without a restart", name, end);
    } else if (begin.isAfter(now)) {
      LOG.warn("the certificate of {} is valid from {} only: clients will refuse it until then; look at the clock", name, begin);
    } else {
      LOG.info("the certificate of {} is in use, valid until {}, another {} days", name, end, Duration.between(now, end).toDays());
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }

  /** The certificate that the peer of a channel has shown and that was verified. Any thread. */
  static Optional<X509Certificate> certificate(Channel channel) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    try {
      return handler != null && handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate shown ? Optional.of(shown)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }
}
