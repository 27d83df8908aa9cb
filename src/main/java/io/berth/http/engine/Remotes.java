package io.berth.http.engine;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** The addresses of peers in the platform's own terms. */
final class Remotes {

  /** Who comes by a Unix socket has no name. */
  private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

  private Remotes() {}

  static SocketAddress of(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress address ? address : UNNAMED;
  }
}
