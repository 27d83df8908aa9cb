package io.berth.auth;

import io.berth.auth.Htpasswd.InvalidFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A password file that is read again when it has changed, at which one login in five seconds looks. A file that can't be used is said once in the log, and
 * what was read before goes on to count. Safe for any thread.
 */
public final class HtpasswdFile implements Passwords {

  private static final Logger LOG = LoggerFactory.getLogger(HtpasswdFile.class);
  private static final long INTERVAL = Duration.ofSeconds(5).toNanos();

  private final Path file;
  private final LongSupplier nanos;
  private final AtomicLong looked;
  private volatile Version version;

  /** What was read, and what the file looked like before it was. */
  private record Version(String mark, Htpasswd users) {}

  private HtpasswdFile(Path file, Version version, LongSupplier nanos) {
    this.file = file;
    this.version = version;
    this.nanos = nanos;
    this.looked = new AtomicLong(nanos.getAsLong());
  }

  /**
   * Reads a file.
   *
   * @throws InvalidFile if it can't be used
   */
  public static HtpasswdFile read(Path file) throws InvalidFile {
    return read(file, System::nanoTime);
  }

  static HtpasswdFile read(Path file, LongSupplier nanos) throws InvalidFile {
    String mark = mark(file);
    return new HtpasswdFile(file, new Version(mark, Htpasswd.read(file)), nanos);
  }

  private static String mark(Path file) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
    } catch (IOException e) {
      return "unreadable";
    }
  }

  private Htpasswd users() {
    long now = nanos.getAsLong();
    long last = looked.get();
    if (now - last >= INTERVAL && looked.compareAndSet(last, now)) {
      look();
    }
    return version.users;
  }

  private void look() {
    String mark = mark(file);
    if (mark.equals(version.mark)) {
      return;
    }
    try {
      version = new Version(mark, Htpasswd.read(file));
      LOG.info("the password file has changed and was read again");
    } catch (InvalidFile e) {
      version = new Version(mark, version.users);
      LOG.warn("the password file has changed and can't be used, so what was read before goes on to count: {}", e.getMessage());
    }
  }

  /** Whether the file has the name. */
  public boolean has(String user) {
    return users().has(user);
  }

  /** A number that is another one when the user's line has changed; 0 if there is none. */
  long stamp(String user) {
    return users().stamp(user);
  }

  /** Whether the file is to be looked at, which takes time. */
  boolean isStale() {
    return nanos.getAsLong() - looked.get() >= INTERVAL;
  }

  @Override
  public @Nullable Found recall(Credentials.Basic credentials) {
    return users().recall(credentials);
  }

  @Override
  public Found find(Credentials.Basic credentials) {
    return users().find(credentials);
  }

  @Override
  public void refuse(Credentials.Basic credentials) {
    users().refuse(credentials);
  }
}
