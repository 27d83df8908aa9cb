package io.berth.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a request really came from: what the socket tells, or what proxies tell whose word is taken. Fields that anyone else sends count for
 * nothing.
 *
 * @param client the address of the client; {@code unix} if it came by a Unix socket and nobody said more
 * @param scheme {@code http} or {@code https}, as the client used it
 * @param host the host and port that the client asked for, where that can be believed: a proxy says so, or the client is on this machine
 * @param prefix the path that proxies have taken away from the front of the request's, without a slash at its end; empty if they have not
 */
public record Origin(String client, String scheme, @Nullable String host, String prefix) {

  static final String LOCAL = "unix";

  /** Bytes of an IPv6 address that tell the network. */
  private static final int NETWORK = 8;

  private static final int LONGEST_PREFIX = 255;

  /** What counts as one client: an IPv4 address or an IPv6 /64, which is what one subscriber gets; otherwise what the proxy calls it. */
  public String network() {
    try {
      return network(InetAddress.ofLiteral(client));
    } catch (IllegalArgumentException _) {
      return client;
    }
  }

  /** The same for an address. */
  public static String network(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length <= NETWORK) {
      return address.getHostAddress();
    }
    try {
      return InetAddress.getByAddress(Arrays.copyOf(Arrays.copyOf(bytes, NETWORK), bytes.length)).getHostAddress() + "/64";
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // for addresses of another length
    }
  }

  /**
   * Traces a request.
   *
   * @param scheme the socket's
   * @param trusted whether the word of a peer, or of a proxy further out, is taken; that of a process on this machine that comes by a Unix
   *     socket always is
   */
  public static Origin of(Request request, String scheme, Predicate<InetAddress> trusted) {
    SocketAddress peer = request.remote();
    InetAddress address = peer instanceof InetSocketAddress socket ? socket.getAddress() : null;
    String client = address == null ? LOCAL : address.getHostAddress();
    boolean local = address == null || address.isLoopbackAddress();
    String host = local ? request.header("Host").filter(Origin::isHost).orElse(null) : null;
    Origin plain = new Origin(client, scheme, host, "");
    if (address != null && !trusted.test(address)) {
      return plain;
    }
    List<Hop> hops = Hop.all(request);
    return hops.isEmpty() ? plain : plain.behind(hops, trusted, prefix(request));
  }

  /**
   * Goes from the nearest hop outwards for as long as the sender of each is a proxy whose word is taken. What the last of those says is what
   * counts: it has seen the client.
   */
  private Origin behind(List<Hop> hops, Predicate<InetAddress> trusted, String prefix) {
    int i = hops.size() - 1;
    for (InetAddress sender = hops.get(i).address(); i > 0 && sender != null && trusted.test(sender); sender = hops.get(i).address()) {
      i--;
    }
    Hop first = hops.get(i);
    String scheme = first.scheme() == null ? this.scheme : first.scheme().toLowerCase(Locale.ROOT);
    return new Origin(first.client() == null ? client : first.client(),
        scheme.equals("http") || scheme.equals("https") ? scheme : this.scheme,
        first.host() != null && isHost(first.host()) ? first.host() : host, prefix);
  }

  /** Whether it came by a Unix socket, and nobody said more. */
  public boolean isLocal() {
    return client.equals(LOCAL);
  }

  private static String prefix(Request request) {
    String prefix = request.header("X-Forwarded-Prefix").orElse("").strip();
    while (prefix.endsWith("/")) {
      prefix = prefix.substring(0, prefix.length() - 1);
    }
    boolean fine = prefix.length() <= LONGEST_PREFIX && prefix.matches("(/[A-Za-z0-9._~-]+)*") && !prefix.matches(".*/\\.\\.?(/.*)?");
    return fine ? prefix : "";
  }

  static boolean isHost(String text) {
    return text.length() <= LONGEST_PREFIX && text.matches("[A-Za-z0-9._~:\\[\\]-]+");
  }
}
