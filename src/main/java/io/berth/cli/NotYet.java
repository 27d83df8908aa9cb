package io.berth.cli;

import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settings that are read and checked, but have nothing behind them yet. What others rely on stops the start, since to go on would be worse:
 * passwords in clear text where TLS was asked for. Whoever builds one removes its line here.
 */
final class NotYet {

  private NotYet() {}

  /** What stops the start. */
  static Optional<String> problem(ServeConfig config) {
    var asked = new LinkedHashMap<String, Boolean>();
    asked.put("http.tls", config.http().tls().isPresent());
    asked.put("http.net: unix", config.http().listen() instanceof ListenAddress.UnixSocket);
    asked.put("http.h2c.enabled", config.http().h2c());
    asked.put("http.prefix", !config.http().prefix().equals("/"));
    asked.put("http.relativeurls: false", !config.http().relativeUrls());
    asked.put("http.trustedproxies", !config.http().trustedProxies().isEmpty());
    return names(asked).stream().findFirst().map(name -> name + " has nothing behind it in this version: remove it");
  }

  private static List<String> names(Map<String, Boolean> asked) {
    return asked.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList();
  }
}
