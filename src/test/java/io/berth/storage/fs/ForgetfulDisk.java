package io.berth.storage.fs;

import io.berth.oci.BlobContent;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that knows what a power failure leaves of it. A file's content is durable up to its last {@code force}, a name since the last
 * sync of its directory; of everything after that, a power failure leaves any part. As on journaling file systems, a rename happens whole
 * or not at all, and is durable when either directory is synced. A sync that fails leaves content that will never be durable, though
 * it can be read, and a later sync says nothing of it. For one thread at a time.
 */
public final class ForgetfulDisk implements Disk {

  public static final Path ROOT = Path.of("/disk");

  /** What a disk can be asked to do. */
  public enum DiskOperation {
    OPEN_TO_WRITE, SIZE, WRITE, READ, TRUNCATE, FORCE, OPEN_TO_READ, RENAME, DELETE, EXISTS, SIZE_OF, MAKE_LINK, READ_LINK, LIST,
    DELETE_DIRECTORY, MAKE_DIRECTORY, SYNC_DIRECTORY
  }

  sealed interface Node permits ForgetfulFile, Directory, Link {
  }

  static final class Directory implements Node {
    private final Map<String, Node> names = new TreeMap<>();
    private final Map<String, Node> durable = new TreeMap<>();
  }

  record Link(Path target, Instant at) implements Node {
  }

  private record Name(Directory directory, String text) {
  }

  /** A name that changed; {@code null} if it went away. */
  private record Change(Name name, @Nullable Node to) {
  }

  /** What happened to names and is not durable, in order; the changes of one element happen together. */
  private List<List<Change>> unsynced = new ArrayList<>();

  private final Directory root = new Directory();
  private final List<ForgetfulFile> inodes = new ArrayList<>();
  private final Guard guard;
  private final InstantSource clock;
  private final boolean syncsNames;

  /**
   * A disk that fails as the guard wants it.
   *
   * @param clock tells when a file was written
   * @param syncsNames whether it keeps its word when a directory is synced
   */
  public ForgetfulDisk(Guard guard, InstantSource clock, boolean syncsNames) {
    this.clock = clock;
    this.guard = guard;
    this.syncsNames = syncsNames;
  }

  /** The blob store on this disk, as it would be opened by a process that starts. */
  public BlobStore open() throws IOException {
    return FsBlobStore.open(ROOT, this);
  }

  /** Everything that is not durable goes, or some of it, as chance will have it. */
  public void powerFailure(RandomGenerator random) {
    int keep = random.nextInt(3); // nothing, some, or nearly all
    List<List<Change>> lost = unsynced;
    unsynced = new ArrayList<>();
    for (int i = 0; i < lost.size(); i++) {
      if (keep > 0 && random.nextInt(6) < (keep == 1 ? 3 : 5)) {
        settle(lost, i);
      }
    }
    inodes.forEach(inode -> inode.fail(random));
    forget(root);
  }

  private static void forget(Directory directory) {
    directory.names.clear();
    directory.names.putAll(directory.durable);
    for (Node node : directory.names.values()) {
      if (node instanceof Directory below) {
        forget(below);
      }
    }
  }

  /** Makes one group of changes durable, and before it those that touched the same names earlier. */
  private static void settle(List<List<Change>> all, int index) {
    List<Change> changes = all.get(index);
    all.set(index, List.of());
    for (Change change : changes) {
      for (int earlier = 0; earlier < index; earlier++) {
        if (all.get(earlier).stream().anyMatch(other -> other.name.equals(change.name))) {
          settle(all, earlier);
        }
      }
    }
    for (Change change : changes) {
      set(change.name.directory.durable, change);
    }
  }

  private static void set(Map<String, Node> names, Change change) {
    if (change.to == null) {
      names.remove(change.name.text);
    } else {
      names.put(change.name.text, change.to);
    }
  }

  /** The files below a directory, as paths from the root, in order. */
  public List<String> files(String directory) {
    var found = new ArrayList<String>();
    Directory at = root;
    for (Path name : Path.of(directory)) {
      if (!(at.names.get(name.toString()) instanceof Directory below)) {
        return found;
      }
      at = below;
    }
    collect(at, directory, found);
    return found;
  }

  private static void collect(Directory directory, String path, List<String> found) {
    directory.names.forEach((name, node) -> {
      switch (node) {
        case ForgetfulFile _, Link _ -> found.add(path + "/" + name);
        case Directory below -> collect(below, path + "/" + name, found);
      }
    });
  }

  private Name name(Path path) throws IOException {
    Directory directory = root;
    Path relative = ROOT.relativize(path);
    for (int i = 0; i < relative.getNameCount() - 1; i++) {
      if (!(directory.names.get(relative.getName(i).toString()) instanceof Directory below)) {
        throw new NoSuchFileException(path.toString());
      }
      directory = below;
    }
    return new Name(directory, relative.getFileName().toString());
  }

  private void change(Change... changes) {
    for (Change change : changes) {
      set(change.name.directory.names, change);
    }
    unsynced.add(List.of(changes));
  }

  private ForgetfulFile file(Path path) throws IOException {
    Name name = name(path);
    return switch (name.directory.names.get(name.text)) {
      case null -> throw new NoSuchFileException(path.toString());
      case Directory _, Link _ -> throw new FileSystemException(path.toString(), null, "not a regular file");
      case ForgetfulFile inode -> inode;
    };
  }

  @Override
  public OpenFile openToWrite(Path file) throws IOException {
    guard.before(DiskOperation.OPEN_TO_WRITE, 0);
    Name name = name(file);
    if (name.directory.names.get(name.text) == null) {
      var made = new ForgetfulFile(clock.instant());
      inodes.add(made);
      change(new Change(name, made));
    }
    var opened = new Opened(file(file));
    guard.after(DiskOperation.OPEN_TO_WRITE);
    return opened;
  }

  @Override
  public BlobContent openToRead(Path file) throws IOException {
    guard.before(DiskOperation.OPEN_TO_READ, 0);
    var content = new BlobContent.InMemory(ByteBuffer.wrap(file(file).content()).asReadOnlyBuffer());
    guard.after(DiskOperation.OPEN_TO_READ);
    return content;
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    guard.before(DiskOperation.RENAME, 0);
    ForgetfulFile file = file(from);
    change(new Change(name(from), null), new Change(name(to), file));
    guard.after(DiskOperation.RENAME);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    guard.before(DiskOperation.DELETE, 0);
    Name name = name(file);
    boolean there = name.directory.names.get(name.text) != null;
    if (there) {
      change(new Change(name, null));
    }
    guard.after(DiskOperation.DELETE);
    return there;
  }

  private @Nullable Node node(Path path) throws IOException {
    try {
      Name name = name(path);
      return name.directory.names.get(name.text);
    } catch (NoSuchFileException absent) {
      return null;
    }
  }

  @Override
  public boolean exists(Path file) throws IOException {
    guard.before(DiskOperation.EXISTS, 0);
    boolean there = node(file) != null;
    guard.after(DiskOperation.EXISTS);
    return there;
  }

  @Override
  public long sizeOf(Path file) throws IOException {
    guard.before(DiskOperation.SIZE_OF, 0);
    long size = file(file).content().length;
    guard.after(DiskOperation.SIZE_OF);
    return size;
  }

  @Override
  public void makeLink(Path link, Path target) throws IOException {
    guard.before(DiskOperation.MAKE_LINK, 0);
    if (node(link) != null) {
      throw new FileAlreadyExistsException(link.toString());
    }
    change(new Change(name(link), new Link(target, clock.instant())));
    guard.after(DiskOperation.MAKE_LINK);
  }

  @Override
  public Path readLink(Path link) throws IOException {
    guard.before(DiskOperation.READ_LINK, 0);
    Path target = switch (node(link)) {
      case null -> throw new NoSuchFileException(link.toString());
      case Link(Path to, Instant _) -> to;
      case ForgetfulFile _, Directory _ -> throw new NotLinkException(link.toString());
    };
    guard.after(DiskOperation.READ_LINK);
    return target;
  }

  @Override
  public void list(Path directory, Entry each) throws IOException {
    guard.before(DiskOperation.LIST, 0);
    if (!(node(directory) instanceof Directory listed)) {
      throw new NoSuchFileException(directory.toString());
    }
    Map.copyOf(listed.names).entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
      switch (entry.getValue()) {
        case ForgetfulFile inode -> each.of(entry.getKey(), inode.at());
        case Link link -> each.of(entry.getKey(), link.at);
        case Directory _ -> each.of(entry.getKey(), Instant.EPOCH);
      }
    });
    guard.after(DiskOperation.LIST);
  }

  @Override
  public void deleteEmptyDirectory(Path directory) throws IOException {
    guard.before(DiskOperation.DELETE_DIRECTORY, 0);
    if (node(directory) instanceof Directory found && found.names.isEmpty()) {
      change(new Change(name(directory), null));
    }
    guard.after(DiskOperation.DELETE_DIRECTORY);
  }

  @Override
  public void makeDirectory(Path directory) throws IOException {
    guard.before(DiskOperation.MAKE_DIRECTORY, 0);
    Name name = name(directory);
    if (name.directory.names.get(name.text) == null) {
      change(new Change(name, new Directory()));
    }
    guard.after(DiskOperation.MAKE_DIRECTORY);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    guard.before(DiskOperation.SYNC_DIRECTORY, 0);
    Directory synced = root;
    if (!directory.equals(ROOT)) {
      Name name = name(directory);
      if (!(name.directory.names.get(name.text) instanceof Directory below)) {
        throw new NoSuchFileException(directory.toString());
      }
      synced = below;
    }
    if (syncsNames) {
      sync(synced);
    }
    guard.after(DiskOperation.SYNC_DIRECTORY);
  }

  private void sync(Directory directory) {
    for (int i = 0; i < unsynced.size(); i++) {
      if (unsynced.get(i).stream().anyMatch(change -> change.name.directory.equals(directory))) {
        settle(unsynced, i);
      }
    }
    unsynced.removeIf(List::isEmpty);
  }

  private final class Opened implements OpenFile {

    private final ForgetfulFile inode;

    Opened(ForgetfulFile inode) {
      this.inode = inode;
    }

    @Override
    public long size() throws IOException {
      guard.before(DiskOperation.SIZE, 0);
      long size = inode.content().length;
      guard.after(DiskOperation.SIZE);
      return size;
    }

    @Override
    public int write(ByteBuffer bytes, long position) throws IOException {
      int allowed = guard.before(DiskOperation.WRITE, bytes.remaining());
      int at = Math.toIntExact(position);
      byte[] next = Arrays.copyOf(inode.content(), Math.max(inode.content().length, at + allowed));
      bytes.get(next, at, allowed);
      inode.become(next, clock.instant());
      inode.written(at, at + allowed);

      guard.after(DiskOperation.WRITE);
      return allowed;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      guard.before(DiskOperation.READ, 0);
      int length = new BlobContent.InMemory(ByteBuffer.wrap(inode.content())).read(into, position);
      guard.after(DiskOperation.READ);
      return length;
    }

    @Override
    public void truncate(long size) throws IOException {
      guard.before(DiskOperation.TRUNCATE, 0);
      inode.become(Arrays.copyOf(inode.content(), (int) Math.min(size, inode.content().length)), clock.instant());
      guard.after(DiskOperation.TRUNCATE);
    }

    @Override
    public void force() throws IOException {
      try {
        guard.before(DiskOperation.FORCE, 0);
      } catch (IOException failed) {
        inode.forceFailed();
        throw failed;
      }
      inode.force();
      guard.after(DiskOperation.FORCE);
    }

    @Override
    public void close() {
      // makes nothing durable
    }
  }
}
