package io.berth.config;

/**
 * Where to listen.
 *
 * @param host a name or an IP address; an IPv6 address without its brackets
 * @param port 0 takes any free one
 */
public record ListenAddress(String host, int port) {

  /**
   * Reads {@code HOST:PORT}, with an IPv6 address in brackets; {@code :PORT} means all addresses.
   *
   * @throws IllegalArgumentException in words
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 0 || port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')
        || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException("expected HOST:PORT, as in 127.0.0.1:5000, not '" + text + "'");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new ListenAddress(host.isEmpty() ? "0.0.0.0" : host, Integer.parseInt(port));
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
