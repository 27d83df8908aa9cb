package io.berth.ops.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of the audit, taken by this process alone. Its files are numbered: {@code audit-00000001.jsonl} and so on; the last is the one that is
 * written. Safe for any thread.
 */
public final class AuditFolder implements AutoCloseable {

  private static final Pattern NAME = Pattern.compile("audit-([0-9]{8,18})\\.jsonl");

  private final Path path;
  private final FileChannel lock;

  private AuditFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Takes a folder, and makes it if it is missing.
   *
   * @throws IOException if it can't be used; in words if another process has it
   */
  public static AuditFolder take(Path path) throws IOException {
    Files.createDirectories(path);
    FileChannel lock = FileChannel.open(path.resolve("audit.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean isOurs = false;
    try {
      isOurs = lock.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      // this process has it already
    } finally {
      if (!isOurs) {
        lock.close();
      }
    }
    if (!isOurs) {
      throw new IOException("another process writes the audit in " + path);
    }
    return new AuditFolder(path, lock);
  }

  /** The files in a folder, in the order in which they were written. */
  public static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return new ArrayList<>(all.filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(AuditFolder::number)).toList());
    }
  }

  List<Path> files() throws IOException {
    return files(path);
  }

  private static long number(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : 0;
  }

  /** The file that comes behind some. */
  Path next(List<Path> files) {
    return path.resolve("audit-%08d.jsonl".formatted(files.isEmpty() ? 1 : number(files.getLast()) + 1));
  }

  /** Has what was made or removed here outlast a power failure. */
  void sync() throws IOException {
    try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException _) {
      // the lock ends with the process at the latest
    }
  }
}
