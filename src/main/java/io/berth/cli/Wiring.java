package io.berth.cli;

import io.berth.config.HttpConfig;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.config.StatisticsConfig;
import io.berth.config.TlsConfig;
import io.berth.config.UploadsConfig;
import io.berth.http.Dispatcher;
import io.berth.http.Locations;
import io.berth.http.RequestHandler;
import io.berth.http.engine.EngineOptions;
import io.berth.http.engine.HttpServer;
import io.berth.http.engine.UnusableCertificateException;
import io.berth.job.Classifier;
import io.berth.job.Collector;
import io.berth.job.PullWriter;
import io.berth.job.TagReaper;
import io.berth.job.UploadReaper;
import io.berth.metadata.MetadataStore;
import io.berth.ops.AuditLog;
import io.berth.ops.Health;
import io.berth.ops.LogLevel;
import io.berth.ops.audit.AuditChain;
import io.berth.registry.AccessClasses;
import io.berth.registry.Arrivals;
import io.berth.registry.ClockWatch;
import io.berth.registry.DigestLocks;
import io.berth.registry.Feeds;
import io.berth.registry.Fetches;
import io.berth.registry.Garbage;
import io.berth.registry.Headroom;
import io.berth.registry.Leases;
import io.berth.registry.ManifestCache;
import io.berth.registry.Mode;
import io.berth.registry.Patience;
import io.berth.registry.PullBook;
import io.berth.registry.Pulls;
import io.berth.registry.ReservingBlobStore;
import io.berth.registry.TagLists;
import io.berth.registry.Tags;
import io.berth.registry.TellingMetadataStore;
import io.berth.registry.UploadLimits;
import io.berth.registry.Uploads;
import io.berth.registry.Upstream;
import io.berth.signing.TrustedKeys;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts list: a running registry, put together from a configuration, and taken apart again in the opposite order. Safe for any thread. */
public final class Wiring implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final List<Reloadable> reloadables = new ArrayList<>();
  private final Mode mode;
  private final ListenAddress listen;
  private final boolean tls;
  private final HttpServer server;
  private @Nullable AuditLog audit;
  private Optional<String> operators = Optional.empty();

  private Wiring(ServeConfig config, OutputStream accessLog) {
    this.mode = new Mode(config.readOnly());
    this.listen = config.http().listen();
    this.tls = config.http().tls().isPresent();
    try {
      this.server = assemble(config, accessLog);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts a registry.
   *
   * @throws Refusal if the configuration or the machine does not allow it
   */
  public static Wiring start(ServeConfig config) {
    return start(config, System.err);
  }

  /** Starts a registry whose access log goes elsewhere than to standard error. */
  static Wiring start(ServeConfig config, OutputStream accessLog) {
    requireServable(config);
    return new Wiring(config, accessLog);
  }

  /**
   * Takes over what a running server can of another configuration: all of it or, if it refuses, nothing.
   *
   * @throws Refusal if the configuration or the machine does not allow it
   */
  public synchronized void reload(ServeConfig next) {
    requireServable(next);
    reloadables.stream().map(part -> part.prepare(next)).toList().forEach(Runnable::run); // all are prepared before the first is run
  }

  private static void requireServable(ServeConfig config) {
    config.problem(isLocal(config.http().listen())).ifPresent(problem -> {
      throw new Refusal(problem);
    });
  }

  private HttpServer assemble(ServeConfig config, OutputStream accessLog) {
    InstantSource clock = InstantSource.system();
    DataFolder folder = part(DataFolder.take(config.data()));
    var operations = part(new Operations(config, accessLog));
    var cache = new ManifestCache();
    var classes = new AccessClasses(AccessSettings.policy(config));
    MetadataStore store = operations.watched(part(Stores.metadata(config.database(), folder, cache, classes)));
    Feeds feeds = Feeds.of(store);
    var metadata = new TellingMetadataStore(store, feeds.presence()::changed);
    var doorkeeping = part(new Doorkeeping(metadata, folder, clock, randomIds()));
    Doorkeeping.Door door = doorkeeping.door(config);
    doorkeeping.keep();
    var headroom = new Headroom(folder.space(), config.uploads().reserve());
    var reserving = new ReservingBlobStore(part(Stores.blobs(folder)), headroom);
    BlobStore storage = operations.watched(reserving);
    var arrivals = new Arrivals(reserving, randomIds()); // which are no uploads, and not counted with them
    var tagLists = new TagLists(metadata);
    AuditChain audit = part(AuditSettings.open(folder, config));
    this.audit = audit;
    reloadables.add(next -> () -> audit.terms(AuditSettings.terms(next)));

    var health = new Health(Readiness.checks(folder.path(), metadata, mode), headroom::warning);
    operations.watch(cache);
    operations.watch(headroom);
    operations.watch(mode, health, folder.path());
    var leases = new Leases(metadata, config.collector().grace(), clock, mode);
    var digests = new DigestLocks(ReentrantReadWriteLock::new);
    var uploads = new Uploads(metadata, storage, leases, digests, clock, randomIds(), limits(config), Patience.OF_A_REQUEST);
    reloadables.add(next -> () -> uploads.limits(limits(next)));
    var departures = new AtomicReference<>(Lasting.departures(config, metadata, cache, leases, clock));
    reloadables.add(next -> () -> departures.set(Lasting.departures(next, metadata, cache, leases, clock)));
    var garbage = new Garbage(metadata, storage, leases, digests, clock, System::nanoTime, departures::get);
    part(() -> mode.unlessReadOnly(garbage::leave));
    operations.watch(garbage);
    Optional<Pulls> pulls = pulls(config.statistics(), metadata, operations, clock);
    var lasting =
        new Lasting(metadata, storage, cache, leases, uploads, new Fetches(Upstream.NONE, mode), garbage, arrivals, audit, feeds, mode,
            headroom, health,
            new Locations(config.http().prefix(), config.http().relativeUrls(), config.http().externalUrl()), pulls, clock);
    TrustedKeys trusted = TagSettings.trusted(config);
    Feeds.Term term = feeds.term();
    term.begin();
    var tags = new AtomicReference<>(lasting.tags(config, trusted));
    var expiry = new ClockWatch(metadata, clock, System::nanoTime, TagReaper.GRACE, "no tag expires"); // before another job writes that it has looked
    UploadsConfig purging = config.uploads();
    if (purging.purging()) {
      var watch = new ClockWatch(metadata, clock, System::nanoTime, purging.idle(), "no unfinished upload ends");
      part(new UploadReaper(uploads, clock, watch, purging.idle(), purging.interval(), mode)).start();
    }
    if (config.collector().enabled()) {
      part(operations.watch(new Collector(garbage, clock, config.collector().interval(), mode, audit))).start();
    }
    part(new TagReaper(tagLists, due -> tags.get().expire(due), clock, expiry::look, TagReaper.INTERVAL, mode, audit)).start();
    Classifier classifier = part(new Classifier(metadata, classes, mode)).start();
    reloadables.add(next -> () -> classifier.rules(AccessSettings.policy(next)));
    reloadables.add(next -> () -> LogLevel.set(next.log().level().name()));
    reloadables.add(next -> () -> mode.readOnly(next.readOnly()));
    reloadables.add(next -> () -> headroom.reserve(next.uploads().reserve()));

    var handler = new LiveHandler(lasting.dispatcher(config, door, tags.get(), TagSettings.options(config, trusted, folder, clock), term));
    reloadables.add(next -> {
      TrustedKeys nextTrusted = TagSettings.trusted(next);
      Feeds.Term nextTerm = feeds.term();
      Tags nextTags = lasting.tags(next, nextTrusted);
      Dispatcher dispatcher =
          lasting.dispatcher(next, doorkeeping.door(next), nextTags, TagSettings.options(next, nextTrusted, folder, clock), nextTerm);
      return () -> {
        tags.set(nextTags);
        handler.replace(dispatcher);
        doorkeeping.keep();
        nextTerm.begin();
      };
    });
    operators = config.debug().map(debug -> url(debug.listen(), "http://", part(operations.listen(debug, health))));
    HttpServer main = part(server(config.http(), operations.watched(handler, clock)));
    operations.watch(main, EngineSettings.bodyBudget(config.http()), EngineSettings.answerBudget(config.http()));
    reloadables.add(next -> {
      EngineOptions.Capacity capacity = EngineSettings.capacity(next.http());
      return () -> main.capacity(capacity);
    });
    reloadables.add(next -> certificate(main, next.http().tls()));
    part(health::drain); // told first of all
    return main;
  }

  private Optional<Pulls> pulls(StatisticsConfig config, MetadataStore metadata, Operations operations, InstantSource clock) {
    Optional<Pulls> wanted = config.enabled() ? Optional.of(Pulls.inMemory(clock)) : Optional.empty();
    wanted.ifPresent(
        pulls -> part(operations.watch(pulls, new PullWriter(pulls, new PullBook(metadata, pulls), clock, mode, config.interval(),
            config.days()))).start());
    return wanted;
  }

  private static HttpServer server(HttpConfig config, RequestHandler handler) {
    try {
      return HttpServer.start(EngineSettings.of(config), handler);
    } catch (UnusableCertificateException e) {
      throw new Refusal(e);
    } catch (IOException e) {
      throw new Refusal("can't listen on " + config.listen() + ": " + e.getMessage()
          + ". Free it, or listen elsewhere (--listen HOST:PORT or --listen unix:PATH)", e);
    }
  }

  /** Files may change, and be other files; to begin or to end with TLS takes a restart. */
  private static Runnable certificate(HttpServer server, Optional<TlsConfig> next) {
    if (next.isEmpty()) {
      return () -> {
      };
    }
    try {
      return server.prepareCertificate(EngineSettings.tls(next.get()));
    } catch (UnusableCertificateException e) {
      throw new Refusal(e);
    }
  }

  private static UploadLimits limits(ServeConfig config) {
    return new UploadLimits(config.http().limits().uploads(), config.http().limits().uploadsPerUser());
  }

  /** Identifiers that can't be guessed: 128 random bits. */
  private static Supplier<String> randomIds() {
    var random = new SecureRandom();
    return () -> {
      byte[] id = new byte[16];
      random.nextBytes(id);
      return HexFormat.of().formatHex(id);
    };
  }

  /** Whether only processes of this machine get there. */
  private static boolean isLocal(ListenAddress listen) {
    return switch (listen) {
      case ListenAddress.UnixSocket _ -> true;
      case ListenAddress.Tcp(String host, int _) -> {
        try {
          yield InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
          throw new Refusal("can't listen on " + host + ": no such host. Give an address of this machine (--listen HOST:PORT)", e);
        }
      }
    };
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  /** Where clients find it. */
  public String url() {
    return url(listen, tls ? "https://" : "http://", server);
  }

  /** Where changes and refusals are written down. */
  AuditLog audit() {
    return Objects.requireNonNull(audit, "there is one from the start on");
  }

  /** Where operators find metrics and probes, if they have a listener of their own. */
  public Optional<String> operatorUrl() {
    return operators;
  }

  private static String url(ListenAddress listen, String scheme, HttpServer server) {
    if (listen instanceof ListenAddress.UnixSocket) {
      return listen.toString();
    }
    var address = server.address();
    String host = address.getAddress().getHostAddress();
    return scheme + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Whether it has begun to stop, and should be told no more requests. */
  public boolean isDraining() {
    return server.isDraining();
  }

  /** Stops accepting, lets running requests end, and closes everything. A second call does nothing. */
  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.error("a part could not be closed", e);
      }
    }
  }
}
