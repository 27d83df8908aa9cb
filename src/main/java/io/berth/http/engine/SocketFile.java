package io.berth.http.engine;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of a Unix socket: what a crash has left is removed before it is made, and nothing is left behind at the end. */
final class SocketFile implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);

  /** What the kernel has room for, but for the end. */
  private static final int LONGEST = 107;

  private final Path path;
  private final @Nullable Object identity;

  private SocketFile(Path path, @Nullable Object identity) {
    this.path = path;
    this.identity = identity;
  }

  /**
   * Makes room for a socket.
   *
   * @throws IOException in words, if something is there that may not be removed
   */
  static void clear(Path path) throws IOException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw new BindException("the path of a socket has at most " + LONGEST + " bytes, and " + path + " has more: choose a shorter one");
    }
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new BindException("there is no folder " + folder + " for the socket: make it");
    }
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
      throw new BindException(path + " is there, and no socket: remove it, or choose another path");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      var _ = probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException nobodyThere) {
      LOG.info("removing {}, a socket on which nobody listens", path);
      Files.delete(path);
      return;
    }
    throw new BindException("address already in use: somebody listens on " + path);
  }

  /** Takes charge of a socket that has been made: owner and group may use it. */
  static SocketFile take(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    return new SocketFile(path, identity(path));
  }

  private static @Nullable Object identity(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
  }

  /** Removes it, unless somebody else has put another one there. */
  @Override
  public void close() {
    try {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && identity != null && identity.equals(identity(path))) {
        Files.delete(path);
      }
    } catch (IOException e) {
      LOG.warn("the socket {} can't be removed", path, e);
    }
  }
}
