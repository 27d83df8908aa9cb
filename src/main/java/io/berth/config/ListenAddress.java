package io.berth.config;

import java.nio.file.Path;

/** Where to listen. */
public sealed interface ListenAddress {

  /**
   * A TCP port.
   *
   * @param host a name or an IP address; an IPv6 address without its brackets
   * @param port 0 takes any free one
   */
  record Tcp(String host, int port) implements ListenAddress {
    @Override
    public String toString() {
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** A socket in the file system, which only processes of this machine reach. */
  record UnixSocket(Path path) implements ListenAddress {
    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /**
   * Reads {@code HOST:PORT}, with an IPv6 address in brackets ({@code :PORT} means all addresses), or {@code unix:PATH}.
   *
   * @throws IllegalArgumentException in words
   */
  static ListenAddress parse(String text) {
    if (text.startsWith("unix:") && text.length() > "unix:".length()) {
      return new UnixSocket(Path.of(text.substring("unix:".length())));
    }
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 0 || port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')
        || Integer.parseInt(port) > 65_535) {
      throw invalid(text);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw invalid(text);
    }
    return new Tcp(host.isEmpty() ? "0.0.0.0" : host, Integer.parseInt(port));
  }

  private static IllegalArgumentException invalid(String text) {
    return new IllegalArgumentException("expected HOST:PORT, as in 127.0.0.1:5000 or [::1]:5000, not '" + text + "'");
  }
}
