package io.berth.signing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder of private keys: only its owner may read it, all files in it are that user's, a file is there as a whole and durably or not at all, and
 * one process at a time changes it. Safe for any thread.
 */
final class KeyFolder {

  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);
  private static final Set<PosixFilePermission> GROUP =
      EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_EXECUTE);
  private static final Object ONE_THREAD = new Object(); // a lock on a file is the process's, not the thread's

  private final Path folder;
  private final boolean repairs;

  private KeyFolder(Path folder, boolean repairs) {
    this.folder = folder;
    this.repairs = repairs;
  }

  /** What is done while nobody else changes the folder. */
  interface Change<T> {
    T run() throws IOException, InvalidKey;
  }

  /** Opens the folder, and makes it if there is none. */
  static KeyFolder open(Path folder) throws IOException, InvalidKey {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, mode(folder, "rwx------"));
      sync(folder.toAbsolutePath().getParent());
    }
    requirePrivate(folder, "700", true);
    return new KeyFolder(folder, true);
  }

  /** Opens a folder that is there, and changes nothing in it unless told to. */
  static KeyFolder existing(Path folder) throws IOException, InvalidKey {
    requirePrivate(folder, "700", false);
    return new KeyFolder(folder, false);
  }

  /** The files of keys, by name; each is readable for its owner only. */
  List<Path> files() throws IOException, InvalidKey {
    List<Path> files;
    try (var found = Files.list(folder)) {
      files = found.filter(file -> file.getFileName().toString().endsWith(".pem")).sorted().toList();
    }
    for (Path file : files) {
      requirePrivate(file, "600", repairs);
    }
    return files;
  }

  /** Does something while no other thread or process does. */
  <T> T alone(Change<T> change) throws IOException, InvalidKey {
    synchronized (ONE_THREAD) {
      Path path = folder.resolve("lock");
      try (
          FileChannel channel =
              FileChannel.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), mode(path, "rw-------"));
          FileLock _ = channel.lock()) {
        giveToOwner(path);
        return change.run();
      }
    }
  }

  /** Whether there is a file of that name. */
  boolean has(String name) {
    return Files.exists(folder.resolve(name));
  }

  /** Adds a file that is not there yet, durably. To be done {@link #alone}. */
  void add(String name, byte[] content) throws IOException, InvalidKey {
    Path unfinished = folder.resolve("unfinished");
    Files.deleteIfExists(unfinished);
    try (FileChannel file = FileChannel.open(unfinished, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        mode(unfinished, "rw-------"))) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
      giveToOwner(unfinished);
      file.force(true);
    }
    Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    sync(folder);
  }

  /** What one user makes, such as root, another one can't read: the file becomes that of the folder's owner, or is removed. */
  private void giveToOwner(Path file) throws IOException, InvalidKey {
    UserPrincipal owner = Files.getOwner(folder);
    if (Files.getOwner(file).equals(owner)) {
      return;
    }
    try {
      Files.setOwner(file, owner);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw new InvalidKey(
          folder + " is the folder of " + owner.getName() + ", who could not read a key that another user makes: run this as "
              + owner.getName());
    }
  }

  /** Removes a file, durably. */
  void remove(Path file) throws IOException {
    Files.delete(file);
    sync(folder);
  }

  /**
   * An orchestrator gives its group the right to all files of a volume at each start; that is taken away again. What others may do, somebody has
   * wanted, and they may have read the key by now.
   */
  private static void requirePrivate(Path path, String mode, boolean repair) throws IOException, InvalidKey {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    var permissions = EnumSet.noneOf(PosixFilePermission.class);
    permissions.addAll(view.readAttributes().permissions());
    if (permissions.stream().anyMatch(OTHERS::contains)) {
      throw new InvalidKey(path + " may be used by every user of this machine: 'chmod " + mode + " " + path
          + "', and let the registry make another key if somebody may have read this one");
    }
    if (repair && permissions.removeAll(GROUP)) {
      try {
        view.setPermissions(permissions);
      } catch (IOException e) {
        throw new InvalidKey(path + " may be used by its group: 'chmod " + mode + " " + path + "'");
      }
    }
  }

  private static FileAttribute<?>[] mode(Path path, String mode) {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
        : new FileAttribute<?>[0];
  }

  private static void sync(@Nullable Path directory) throws IOException {
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
