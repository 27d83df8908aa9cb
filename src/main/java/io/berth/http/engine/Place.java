package io.berth.http.engine;

import java.nio.file.Path;

/** Where a server listens. */
public sealed interface Place {

  /**
   * A TCP port.
   *
   * @param host a name or an IP address
   * @param port 0 for any free one
   */
  record Tcp(String host, int port) implements Place {

    public Tcp {
      if (port < 0 || port > 0xffff) {
        throw new IllegalArgumentException("port can't be " + port);
      }
    }

    @Override
    public String toString() {
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** A socket in the file system. */
  record UnixSocket(Path path) implements Place {
    @Override
    public String toString() {
      return "unix:" + path;
    }
  }
}
