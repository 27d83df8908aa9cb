package io.berth.storage.fs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.berth.oci.BlobContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/**
 * The file system of this machine. What is in place of a file is looked at before it is opened, since to open a FIFO waits for its other end,
 * and to open a device may do anything; it costs no more than to ask for the size afterwards. Safe for any thread.
 */
final class LocalDisk implements Disk {

  private static final Set<OpenOption> EXISTING = Set.of(READ, WRITE, NOFOLLOW_LINKS);
  private static final Set<OpenOption> NEW = Set.of(CREATE_NEW, READ, WRITE);
  private static final Set<OpenOption> READING = Set.of(READ, NOFOLLOW_LINKS);

  @Override
  public OpenFile openToWrite(Path file) throws IOException {
    // whatever else is there, a new file does not take its place
    return new OpenChannel(FileChannel.open(file, Files.isRegularFile(file, NOFOLLOW_LINKS) ? EXISTING : NEW));
  }

  @Override
  public BlobContent openToRead(Path file) throws IOException {
    BasicFileAttributes attributes = attributes(file);
    if (!attributes.isRegularFile()) {
      throw new FileSystemException(file.toString(), null, "not a regular file");
    }
    return new BlobContent.InFile(FileChannel.open(file, READING), attributes.size());
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, ATOMIC_MOVE);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return Files.deleteIfExists(file);
  }

  @Override
  public boolean exists(Path file) throws IOException {
    return Files.exists(file, NOFOLLOW_LINKS);
  }

  @Override
  public long sizeOf(Path file) throws IOException {
    return attributes(file).size();
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
  }

  @Override
  public void makeLink(Path link, Path target) throws IOException {
    Files.createSymbolicLink(link, target);
  }

  @Override
  public Path readLink(Path link) throws IOException {
    return Files.readSymbolicLink(link);
  }

  @Override
  public void list(Path directory, Entry each) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        try {
          each.of(String.valueOf(file.getFileName()), attributes(file).lastModifiedTime().toInstant());
        } catch (NoSuchFileException _) {
          // gone meanwhile
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  @Override
  public void deleteEmptyDirectory(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException _) {
      // as it should be
    }
  }

  @Override
  public void makeDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException _) {
      // as it should be
    }
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }

  private record OpenChannel(FileChannel channel) implements OpenFile {

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int write(ByteBuffer bytes, long position) throws IOException {
      return channel.write(bytes, position);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return channel.read(into, position);
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
