package io.berth.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * A registry under load.
 *
 * @param name what it is called in the report
 * @param authority host and port, as clients write them in {@code Host}
 * @param address where to connect to
 * @param loopback whether every address of the host is this machine
 * @param durability in free words, what the registry promises when it answers 201
 * @param pid its process, if it may be asked for processor time and memory
 */
public record Target(String name, String authority, InetSocketAddress address, boolean loopback, String durability, OptionalLong pid) {

  private static final int HTTP_PORT = 80;

  /**
   * Reads {@code [NAME=]http://HOST[:PORT]} or {@code [NAME=]HOST:PORT}, and looks the host up.
   *
   * @throws IllegalArgumentException in words
   */
  public static Target parse(String text) {
    int equals = text.indexOf('=');
    String location = text.substring(equals + 1);
    URI uri = uri(location);
    int port = uri.getPort() < 0 ? HTTP_PORT : uri.getPort();
    String authority = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + port;
    InetAddress[] addresses = addresses(uri.getHost());
    boolean loopback = Arrays.stream(addresses).allMatch(InetAddress::isLoopbackAddress);
    String name = equals > 0 ? text.substring(0, equals) : authority;
    return new Target(name, authority, new InetSocketAddress(addresses[0], port), loopback, "not stated", OptionalLong.empty());
  }

  private static URI uri(String location) {
    if (location.toLowerCase(Locale.ROOT).startsWith("https:")) {
      throw new IllegalArgumentException("the load generator speaks plain HTTP only: give http://HOST:PORT, not '" + location + "'");
    }
    try {
      var uri = new URI(location.toLowerCase(Locale.ROOT).startsWith("http://") ? location : "http://" + location);
      boolean bare =
          uri.getRawUserInfo() == null && uri.getRawQuery() == null && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
      if (uri.getHost() != null && bare && uri.getPort() <= 65_535) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // said below
    }
    throw new IllegalArgumentException("expected http://HOST:PORT, as in http://127.0.0.1:5000, not '" + location + "'");
  }

  private static InetAddress[] addresses(String host) {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no such host: " + host, e);
    }
  }

  /** Whether options mean this target when they say {@code key}: its name, or its host and port. */
  public boolean isCalled(String key) {
    return key.equals(name) || key.equalsIgnoreCase(authority);
  }

  /** The same target with a promise in words. */
  public Target promising(String words) {
    return new Target(name, authority, address, loopback, words, pid);
  }

  /** The same target with a process. */
  public Target running(long process) {
    return new Target(name, authority, address, loopback, durability, OptionalLong.of(process));
  }
}
