package io.berth.storage.fs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Blobs as files, in the layout that CNCF Distribution gave them ({@link Layout}), so that its users can keep their volumes.
 *
 * <p>An upload is one file that grows. To commit it: sync the file, rename it to its final name, sync the directories on the way. A crash at
 * any instant therefore leaves either the old state or the new one, and at worst a staged file, which the reaper of uploads removes. A symbolic
 * link in place of a blob or an upload is never followed.
 */
public final class FsBlobStore implements BlobStore {

  private final Layout layout;

  private FsBlobStore(Layout layout) {
    this.layout = layout;
  }

  /** Opens the store under a root directory, creating what is missing. Scans nothing. */
  public static FsBlobStore open(Path root) throws IOException {
    var layout = new Layout(root);
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      createPrefixes(layout.blobs().resolve(algorithm.toString()));
    }
    Files.createDirectories(layout.uploads());
    for (Path made = layout.blobs(); made != null && !made.equals(root); made = made.getParent()) {
      sync(made);
    }
    sync(root);
    return new FsBlobStore(layout);
  }

  /**
   * The 256 directories of the first two digits are there, durably, before the first commit. Otherwise a commit that finds one just made by
   * another could be acknowledged before the directory itself is durable.
   */
  private static void createPrefixes(Path algorithm) throws IOException {
    Files.createDirectories(algorithm);
    for (int i = 0; i < 256; i++) {
      Files.createDirectories(algorithm.resolve(HexFormat.of().toHexDigits((byte) i)));
    }
    sync(algorithm);
  }

  @Override
  public Staged stage(String upload) throws IOException {
    return new StagedFile(upload, FileChannel.open(layout.upload(upload), Set.of(CREATE, READ, WRITE, NOFOLLOW_LINKS)));
  }

  @Override
  public void commit(Staged staged, Digest digest) throws IOException {
    StagedFile file = (StagedFile) staged;
    file.channel.force(false);
    Path folder = layout.folder(digest);
    createDirectory(folder);
    Files.move(layout.upload(file.upload), folder.resolve("data"), ATOMIC_MOVE);
    sync(folder);
    sync(layout.prefix(digest));
  }

  private static void createDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException _) {
      // as it should be
    }
  }

  @Override
  public void discard(String upload) throws IOException {
    Files.deleteIfExists(layout.upload(upload));
  }

  @Override
  public Optional<BlobContent> open(Digest digest) throws IOException {
    try {
      FileChannel channel = FileChannel.open(layout.folder(digest).resolve("data"), Set.of(READ, NOFOLLOW_LINKS));
      return Optional.of(new BlobContent.InFile(channel, sizeOf(channel)));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    }
  }

  private static long sizeOf(FileChannel channel) throws IOException {
    try {
      return channel.size();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void delete(Digest digest) throws IOException {
    Path folder = layout.folder(digest);
    if (Files.deleteIfExists(folder.resolve("data"))) {
      sync(folder);
    }
  }

  @Override
  public void close() {
    // nothing is held between calls
  }

  /** Makes a directory's entries durable. */
  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }

  private static final class StagedFile implements Staged {

    private final String upload;
    private final FileChannel channel;

    StagedFile(String upload, FileChannel channel) {
      this.upload = upload;
      this.channel = channel;
    }

    @Override
    public String upload() {
      return upload;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      long position = channel.size();
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return channel.read(into, position);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
