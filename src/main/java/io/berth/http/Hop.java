package io.berth.http;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy says about whom it has its request from.
 *
 * @param address who that was, if it is known by an address
 * @param client the same as text; {@code null} if the proxy does not say
 * @param scheme how the proxy was asked; {@code null} if it does not say
 * @param host for which host; {@code null} if it does not say
 */
record Hop(@Nullable InetAddress address, @Nullable String client, @Nullable String scheme, @Nullable String host) {

  private static final int LONGEST_ADDRESS = 45;
  private static final int LONGEST_NAME = 64;

  /**
   * All hops, the nearest last. Proxies that set {@code X-Forwarded-*} often let a {@code Forwarded} of the client's pass, so that one counts
   * only where none of the others is there.
   */
  static List<Hop> all(Request request) {
    List<String> clients = list(request, "X-Forwarded-For");
    List<String> schemes = list(request, "X-Forwarded-Proto");
    List<String> hosts = list(request, "X-Forwarded-Host");
    if (clients.isEmpty() && schemes.isEmpty() && hosts.isEmpty() && request.header("X-Forwarded-Prefix").isEmpty()) {
      return forwarded(String.join(",", request.headers("Forwarded")));
    }
    int count = Math.max(clients.size(), 1);
    List<Hop> hops = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      hops.add(of(clients.isEmpty() ? null : clients.get(i), fromEnd(schemes, count - i), fromEnd(hosts, count - i)));
    }
    return hops;
  }

  private static Hop of(@Nullable String client, @Nullable String scheme, @Nullable String host) {
    InetAddress address = client == null ? null : address(client);
    if (address != null) {
      return new Hop(address, address.getHostAddress(), scheme, host);
    }
    boolean named = client != null && client.length() <= LONGEST_NAME && client.matches("_[A-Za-z0-9._-]+|unknown");
    return new Hop(null, named ? client : null, scheme, host);
  }

  private static List<String> list(Request request, String name) {
    List<String> all = new ArrayList<>();
    for (String line : request.headers(name)) {
      for (String value : line.split(",", -1)) {
        all.add(value.strip());
      }
    }
    return all;
  }

  /** The value that belongs to the n-th hop from the end; proxies that don't append leave one for all. */
  private static @Nullable String fromEnd(List<String> values, int n) {
    return values.isEmpty() ? null : values.get(Math.max(values.size() - n, 0));
  }

  /** An address, with a port or without; an IPv6 address may stand in brackets. */
  private static @Nullable InetAddress address(String text) {
    String bare = text;
    int bracket = text.indexOf(']');
    if (text.startsWith("[") && bracket > 0 && text.substring(bracket + 1).matches("(:[0-9_A-Za-z.-]*)?")) {
      bare = text.substring(1, bracket);
    } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
      bare = text.substring(0, text.indexOf(':'));
    }
    if (bare.length() > LONGEST_ADDRESS || !bare.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(bare);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /** {@code Forwarded} (RFC 7239, section 4); one that is malformed says nothing. */
  private static List<Hop> forwarded(String text) {
    List<Hop> hops = new ArrayList<>();
    var reader = new Pairs(text);
    while (!reader.isAtEnd()) {
      Map<String, String> pairs = new HashMap<>();
      do {
        Optional<Map.Entry<String, String>> pair = reader.next();
        if (pair.isEmpty()) {
          return List.of();
        }
        pairs.put(pair.get().getKey(), pair.get().getValue());
      } while (reader.skip(';'));
      if (!reader.isAtEnd() && !reader.skip(',')) {
        return List.of();
      }
      hops.add(of(pairs.get("for"), pairs.get("proto"), pairs.get("host")));
    }
    return hops;
  }

  /** Reads {@code name=value} and {@code name="value"}. */
  private static final class Pairs {

    private final String text;
    private int at;

    Pairs(String text) {
      this.text = text;
      blanks();
    }

    boolean isAtEnd() {
      return at == text.length();
    }

    boolean skip(char expected) {
      blanks();
      if (at < text.length() && text.charAt(at) == expected) {
        at++;
        blanks();
        return true;
      }
      return false;
    }

    private void blanks() {
      while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
        at++;
      }
    }

    Optional<Map.Entry<String, String>> next() {
      int equals = text.indexOf('=', at);
      if (equals < 0 || !text.substring(at, equals).matches("[A-Za-z]+")) {
        return Optional.empty();
      }
      String name = text.substring(at, equals).toLowerCase(Locale.ROOT);
      at = equals + 1;
      var value = new StringBuilder();
      boolean quoted = at < text.length() && text.charAt(at) == '"';
      if (!quoted) {
        while (at < text.length() && " \t;,\"".indexOf(text.charAt(at)) < 0) {
          value.append(text.charAt(at++));
        }
        return Optional.of(Map.entry(name, value.toString()));
      }
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
      }
      if (at++ >= text.length()) {
        return Optional.empty();
      }
      return Optional.of(Map.entry(name, value.toString()));
    }
  }
}
