package io.berth.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import io.berth.config.HttpConfig;
import io.berth.config.ListenAddress;
import io.berth.config.TlsConfig;
import io.berth.http.engine.EngineOptions;
import io.berth.http.engine.Place;
import io.berth.http.engine.TlsOptions;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator chose, in the engine's terms. */
final class EngineSettings {

  private static final Logger LOG = LoggerFactory.getLogger(EngineSettings.class);

  private static final int LEAST_SPARE = 128;

  private EngineSettings() {}

  static EngineOptions of(HttpConfig config) {
    EngineOptions defaults = EngineOptions.defaults(place(config.listen()));
    HttpConfig.HttpLimits limits = config.limits();
    EngineOptions options = defaults.withIdleTimeout(limits.idleTimeout())
        .withMinimumRate(limits.minimumRate(), defaults.limits().rateWindow())
        .withHeadLimits(defaults.limits().maxRequestLineBytes(), limits.maxHeaderBytes())
        .withBodies(defaults.limits().chunkBytes(), bodyBudget(config)).withAnswers(answerBudget(config)).withCapacity(capacity(config))
        .withDrainTimeout(config.drainTimeout())
        .withHttp2(config.http2(), config.h2c())
        .withProxies(peer -> config.trustedProxies().stream().anyMatch(block -> block.contains(peer)));
    return config.tls().map(tls -> options.withTls(tls(tls))).orElse(options);
  }

  /** What was chosen, or what the heap has room for beside the rest. */
  static long bodyBudget(HttpConfig config) {
    return Math.min(config.limits().bodyBudget(), Runtime.getRuntime().maxMemory() / 5);
  }

  /** The same for answers. */
  static long answerBudget(HttpConfig config) {
    return Math.min(config.limits().answerBudget(), Runtime.getRuntime().maxMemory() / 8);
  }

  static EngineOptions.Capacity capacity(HttpConfig config) {
    HttpConfig.Capacity chosen = config.limits().capacity();
    var wanted = new EngineOptions.Capacity(chosen.connections(), chosen.connectionsPerAddress(), chosen.requests(), chosen.streams(),
        chosen.resets(), chosen.followers());
    long descriptors = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean machine
        ? machine.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
    EngineOptions.Capacity possible = descriptors > 0 ? within(wanted, descriptors) : wanted;
    if (!possible.equals(wanted)) {
      LOG.info(
          "http.limits allows {} connections and {} requests, but this process may open {} files only: {} and {} it is; raise 'ulimit -n'",
          wanted.connections(), wanted.requests(), descriptors, possible.connections(), possible.requests());
    }
    return possible;
  }

  /**
   * As much as there are descriptors for: one for each connection, one for the file of each request, and an eighth of them for what is left:
   * the database, logs, folders that are synced. Where there are fewer connections than wanted, one client has a quarter of them at most.
   */
  static EngineOptions.Capacity within(EngineOptions.Capacity wanted, long descriptors) {
    long room = Math.max(descriptors - Math.max(descriptors / 8, LEAST_SPARE), 2);
    if ((long) wanted.connections() + wanted.requests() <= room) {
      return wanted;
    }
    int requests = (int) Math.min(wanted.requests(), Math.max(room / 2, room - wanted.connections()));
    int connections = (int) Math.min(wanted.connections(), room - requests);
    int one = connections == wanted.connections() ? wanted.connectionsPerAddress() : Math.max(connections / 4, 1);
    return new EngineOptions.Capacity(connections, Math.min(one, wanted.connectionsPerAddress()), requests, wanted.streams(),
        wanted.resets(), wanted.followers());
  }

  static Place place(ListenAddress listen) {
    return switch (listen) {
      case ListenAddress.Tcp(String host, int port) -> new Place.Tcp(host, port);
      case ListenAddress.UnixSocket(var path) -> new Place.UnixSocket(path);
    };
  }

  static TlsOptions tls(TlsConfig config) {
    TlsOptions options =
        TlsOptions.of(config.certificate(), config.key()).withSpoken(config.minimum().protocol(), config.cipherSuites());
    return config.clients().map(clients -> options.withClients(clients.authorities(), clients.required()))
        .orElse(options);
  }
}
