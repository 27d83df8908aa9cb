package io.berth.storage.fs;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Blobs as files, in the layout that CNCF Distribution gave them ({@link Layout}), so that its users can keep their volumes.
 *
 * <p>An upload is one file that grows. To commit it: sync the file, rename it to its final name, sync the directories on the way. A crash at
 * any instant therefore leaves either the old state or the new one, and at worst a staged file, which the reaper of uploads removes. A symbolic
 * link in place of a blob or an upload is never followed, and only regular files are opened.
 *
 * <p>The trace of a commit is a symbolic link beside the staged file, whose target tells the digest: one call, which no sync of its own follows. It is
 * older than the rename, so a file system that keeps a journal does not forget it before that.
 */
public final class FsBlobStore implements BlobStore {

  private final Layout layout;
  private final Disk disk;

  private FsBlobStore(Layout layout, Disk disk) {
    this.layout = layout;
    this.disk = disk;
  }

  /** Opens the store under a root directory that exists, creating what is missing below. Scans nothing. */
  public static FsBlobStore open(Path root) throws IOException {
    return open(root, new LocalDisk());
  }

  static FsBlobStore open(Path root, Disk disk) throws IOException {
    var layout = new Layout(root);
    makeDirectories(disk, root, layout.blobs());
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      makePrefixes(disk, layout.blobs().resolve(algorithm.toString()));
    }
    makeDirectories(disk, root, layout.uploads());
    for (Path made = layout.blobs(); made != null && !made.equals(root); made = made.getParent()) {
      disk.syncDirectory(made);
    }
    disk.syncDirectory(root);
    return new FsBlobStore(layout, disk);
  }

  private static void makeDirectories(Disk disk, Path root, Path last) throws IOException {
    Path directory = root;
    for (Path name : root.relativize(last)) {
      directory = directory.resolve(name);
      disk.makeDirectory(directory);
    }
  }

  /**
   * The 256 directories of the first two digits are there, durably, before the first commit. Otherwise a commit that finds one just made by
   * another could be acknowledged before the directory itself is durable.
   */
  private static void makePrefixes(Disk disk, Path algorithm) throws IOException {
    disk.makeDirectory(algorithm);
    for (int i = 0; i < 256; i++) {
      disk.makeDirectory(algorithm.resolve(HexFormat.of().toHexDigits((byte) i)));
    }
    disk.syncDirectory(algorithm);
  }

  @Override
  public Staged stage(String upload) throws IOException {
    return new StagedFile(upload, disk.openToWrite(layout.upload(upload)));
  }

  @Override
  public void commit(Staged staged, Digest digest) throws IOException {
    StagedFile file = (StagedFile) staged;
    file.file.force();
    Path folder = layout.folder(digest);
    leaveTrace(file.upload, digest);
    place(layout.upload(file.upload), folder);
    syncNames(digest);
  }

  /** The content was synced before it got its name here. */
  @Override
  public boolean secure(Digest digest) throws IOException {
    if (!disk.exists(layout.folder(digest).resolve("data"))) {
      return false;
    }
    syncNames(digest);
    return true;
  }

  private void syncNames(Digest digest) throws IOException {
    syncUnlessDeleted(layout.folder(digest));
    disk.syncDirectory(layout.prefix(digest));
  }

  /** One that is there already stays if it says that the bytes came by this upload: it was committed before, and begun again. */
  private void leaveTrace(String upload, Digest digest) throws IOException {
    boolean isNew = !disk.exists(layout.folder(digest).resolve("data"));
    if (isNew || !committed(upload).equals(Optional.of(new Trace(digest, true)))) {
      disk.delete(layout.trace(upload));
      disk.makeLink(layout.trace(upload), Layout.target(new Trace(digest, isNew)));
    }
  }

  /** The folder may go at any moment while it is empty, if the same blob is deleted at the same time. */
  private void place(Path staged, Path folder) throws IOException {
    while (true) {
      disk.makeDirectory(folder);
      try {
        disk.rename(staged, folder.resolve("data"));
        return;
      } catch (NoSuchFileException e) {
        if (!disk.exists(staged)) {
          throw e;
        }
      }
    }
  }

  private void syncUnlessDeleted(Path folder) throws IOException {
    try {
      disk.syncDirectory(folder);
    } catch (NoSuchFileException _) {
      // deleted at the same time, so that there is nothing to be made durable
    }
  }

  @Override
  public long stagedSize(String upload) throws IOException {
    try {
      return disk.sizeOf(layout.upload(upload));
    } catch (NoSuchFileException absent) {
      return 0;
    }
  }

  @Override
  public Optional<Trace> committed(String upload) throws IOException {
    try {
      return Layout.traceAt(disk.readLink(layout.trace(upload)));
    } catch (NoSuchFileException | NotLinkException _) {
      return Optional.empty();
    }
  }

  @Override
  public void discard(String upload) throws IOException {
    disk.delete(layout.upload(upload));
    disk.delete(layout.trace(upload));
  }

  @Override
  public void leftovers(Instant before, Consumer<String> upload) throws IOException {
    disk.list(layout.uploads(), (name, modifiedAt) -> {
      if (modifiedAt.isBefore(before)) {
        Layout.uploadOf(name).ifPresent(upload);
      }
    });
  }

  @Override
  public Optional<BlobContent> open(Digest digest) throws IOException {
    try {
      return Optional.of(disk.openToRead(layout.folder(digest).resolve("data")));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    }
  }

  @Override
  public void delete(Digest digest) throws IOException {
    Path folder = layout.folder(digest);
    if (disk.delete(folder.resolve("data"))) {
      syncUnlessDeleted(folder);
    }
    disk.deleteEmptyDirectory(folder);
  }

  @Override
  public void close() {
    // nothing is held between calls
  }

  private static final class StagedFile implements Staged {

    private final String upload;
    private final Disk.OpenFile file;

    StagedFile(String upload, Disk.OpenFile file) {
      this.upload = upload;
      this.file = file;
    }

    @Override
    public String upload() {
      return upload;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      rewrite(bytes, file.size());
    }

    @Override
    public void rewrite(ByteBuffer bytes, long position) throws IOException {
      long at = position;
      while (bytes.hasRemaining()) {
        at += file.write(bytes, at);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return file.read(into, position);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
