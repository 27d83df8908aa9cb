package io.berth.cli;

import io.berth.registry.Headroom;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds everything, taken by this process alone: two that write to one folder would know nothing of each other's uploads. The
 * lock goes with the process, however it ends.
 */
final class DataFolder implements AutoCloseable {

  private static final String NAMES = "metadata.db";
  static final String ELSEWHERE = "metadata.elsewhere";

  private static final long LEAST_FREE = 4L << 20;

  private final Path path;
  private final FileStore disk;
  private final FileChannel lockFile;

  private DataFolder(Path path, FileStore disk, FileChannel lockFile) {
    this.path = path;
    this.disk = disk;
    this.lockFile = lockFile;
  }

  /**
   * Takes the folder, and makes it if it is missing, readable for its owner only.
   *
   * @throws Refusal if another process has it, it can't be written, or it is the volume of another registry
   */
  static DataFolder take(Path path) {
    try {
      if (!Files.isDirectory(path)) {
        make(path);
      }
      refuseForeign(path);
      FileChannel lockFile = FileChannel.open(path.resolve("berth.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock(lockFile) == null) {
        lockFile.close();
        throw new Refusal("another Berth is running on " + path + ": stop it, or give another folder (--data DIR)");
      }
      return new DataFolder(path, Files.getFileStore(path), lockFile);
    } catch (IOException e) {
      throw new Refusal("the folder " + path + " can't be used: " + e + ". Make it writable, or give another one (--data DIR)", e);
    }
  }

  /** Durably, with its parents: otherwise a power failure could take the folder with all that was synced inside. */
  private static void make(Path path) throws IOException {
    var missing = new ArrayList<Path>();
    for (Path next = path.toAbsolutePath(); next != null && !Files.isDirectory(next); next = next.getParent()) {
      missing.add(next);
    }
    Files.createDirectories(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    for (Path made : missing) {
      try (FileChannel parent = FileChannel.open(made.resolveSibling("."), StandardOpenOption.READ)) {
        parent.force(true);
      } catch (AccessDeniedException _) {
        // one may make a folder in it, and not look into it
      }
    }
  }

  /**
   * The file that holds the names.
   *
   * @throws Refusal if they are known to be elsewhere: an empty file would look like the loss of all images
   */
  Path names() {
    if (Files.exists(path.resolve(ELSEWHERE)) && !Files.exists(path.resolve(NAMES))) {
      throw new Refusal("the names of " + path + " are in a PostgreSQL database: give it (--database URL), or begin anew without names by "
          + "removing the file " + path.resolve(ELSEWHERE));
    }
    return path.resolve(NAMES);
  }

  /** Where programs may keep what they would otherwise unpack at each start. */
  Path library() {
    return path.resolve("native");
  }

  /**
   * For who has names elsewhere.
   *
   * @throws Refusal if the folder has some, too, which nobody would see
   */
  void refuseNames() {
    if (Files.exists(path.resolve(NAMES))) {
      throw new Refusal(
          path.resolve(NAMES) + " holds names, and Berth can't move them into another database yet: go on without --database, "
              + "or move that file away to begin anew without names");
    }
  }

  /** Remembers that there are names in a database elsewhere; writes nothing if that is known. */
  void namesAreElsewhere() {
    if (Files.exists(path.resolve(ELSEWHERE))) {
      return;
    }
    try {
      Files.writeString(path.resolve(ELSEWHERE), "The names that belong to these blobs are in a PostgreSQL database.\n");
    } catch (IOException e) {
      throw new Refusal("the folder " + path + " can't be written: " + e + remedy(), e);
    }
  }

  /** A volume of CNCF Distribution has names that we would not see: to serve it half would look like lost images. */
  private static void refuseForeign(Path path) {
    if (Files.exists(path.resolve("docker/registry/v2/repositories")) && !Files.exists(path.resolve(NAMES))
        && !Files.exists(path.resolve(ELSEWHERE))) {
      throw new Refusal(
          path + " is the volume of a Distribution registry (docker/registry/v2/repositories), and Berth can't import it yet: "
              + "the import is coming. Until then give an empty folder (--data DIR) and copy the images with a client");
    }
  }

  private static @Nullable FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this process has it already
    }
  }

  /** The disk that it is on. */
  Headroom.Space space() {
    return disk::getUsableSpace;
  }

  /** What to do when it can't be used, where that can be told: a start needs next to no room, but some. */
  String remedy() {
    try {
      return disk.getUsableSpace() < LEAST_FREE ? ". The disk is full: make room on it, then start again" : "";
    } catch (IOException _) {
      return "";
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException _) {
      // the lock ends with the process at the latest
    }
  }
}
