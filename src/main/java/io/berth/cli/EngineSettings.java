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
    return new EngineOptions.Capacity(connections(chosen.connections()), chosen.connectionsPerAddress(), chosen.requests(),
        chosen.streams(),
        chosen.resets());
  }

  /** Connections leave a quarter of the descriptors to files, so that those who are connected can be served. */
  private static int connections(int chosen) {
    long most = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean machine
        ? machine.getMaxFileDescriptorCount() * 3 / 4
        : Long.MAX_VALUE;
    if (most <= 0 || chosen <= most) {
      return chosen;
    }
    LOG.warn("http.limits.connections is {}, but this process may open {} files only: {} connections it is; raise 'ulimit -n'", chosen,
        most * 4 / 3, most);
    return (int) most;
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
