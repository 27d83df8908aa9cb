package io.berth.auth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What makes the first administrator of a registry that has none: a random text in a file that only the operator reads. There is no default password. It is
 * good once; another start makes another one, as long as there is no administrator. Safe for any thread.
 */
public final class SetupToken {

  /** The name of the file, in the folder of the data. */
  public static final String FILE = "setup-token";

  private static final Logger LOG = LoggerFactory.getLogger(SetupToken.class);

  private final Path file;
  private @Nullable String token;

  private SetupToken(Path file, @Nullable String token) {
    this.file = file;
    this.token = token;
  }

  /** Makes one where it is needed, and says in the log where it is; removes the file where it is not. */
  public static SetupToken prepare(Path folder, boolean needed) throws IOException {
    Path file = folder.resolve(FILE);
    if (!needed) {
      Files.deleteIfExists(file);
      return new SetupToken(file, null);
    }
    String token = KeySecret.make(new SecureRandom()).reveal();
    write(file, token);
    LOG.info("there is no administrator yet: make one with the token in {} (berth user add --setup-token-file)", file.toAbsolutePath());
    return new SetupToken(file, token);
  }

  private static void write(Path file, String token) throws IOException {
    Path unfinished = file.resolveSibling(FILE + ".unfinished");
    Files.deleteIfExists(unfinished);
    FileAttribute<?>[] mode = FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
        : new FileAttribute<?>[0];
    try (FileChannel channel = FileChannel.open(unfinished, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      ByteBuffer bytes = ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Whether it is this one, and still good. Takes the same time for any other of its length. */
  public synchronized boolean is(String text) {
    return token != null
        && MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Ends it: there is an administrator. */
  public synchronized void end() {
    token = null;
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("the file {} is of no use any more and could not be removed: {}", file, e.toString());
    }
  }
}
