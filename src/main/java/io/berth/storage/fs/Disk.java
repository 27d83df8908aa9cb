package io.berth.storage.fs;

import io.berth.oci.BlobContent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What the blob store asks of a file system, step by step: each may fail on its own, and nothing is durable that was not synced. A simulation
 * of failing disks puts itself in here. May be used from many threads; an open file belongs to one of them at a time.
 */
interface Disk {

  /** A regular file that is open for reading and writing. Closing it makes nothing durable. */
  interface OpenFile extends Closeable {

    long size() throws IOException;

    /** Writes at a position and says how many bytes; there may be fewer than given. */
    int write(ByteBuffer bytes, long position) throws IOException;

    /** Reads at a position and says how many bytes; -1 at or behind the end. */
    int read(ByteBuffer into, long position) throws IOException;

    void truncate(long size) throws IOException;

    /** Makes the content durable, but not the file's name. After a failure nobody knows what of it is. */
    void force() throws IOException;
  }

  /**
   * Opens a regular file to write to, and makes it if it is missing.
   *
   * @throws IOException also if there is anything else in its place, a symbolic link included
   */
  OpenFile openToWrite(Path file) throws IOException;

  /**
   * Opens a regular file to read. What is open stays readable whatever becomes of the file's name.
   *
   * @throws NoSuchFileException if there is nothing
   * @throws IOException also if there is anything else in its place, a symbolic link included
   */
  BlobContent openToRead(Path file) throws IOException;

  /** Gives a file another name at once, of which it takes the place. A crash leaves it with one of the two, never both or none. */
  void rename(Path from, Path to) throws IOException;

  /** Removes a name, and says whether it was there. */
  boolean delete(Path file) throws IOException;

  /** Whether there is anything of this name, a symbolic link that leads nowhere included. */
  boolean exists(Path file) throws IOException;

  /**
   * The size of a file.
   *
   * @throws NoSuchFileException if there is nothing
   */
  long sizeOf(Path file) throws IOException;

  /** Makes a symbolic link, which is never followed. */
  void makeLink(Path link, Path target) throws IOException;

  /**
   * What a symbolic link leads to.
   *
   * @throws NoSuchFileException if there is nothing
   * @throws NotLinkException if there is anything else in its place
   */
  Path readLink(Path link) throws IOException;

  /** What is to be done with a name in a directory. */
  interface Entry {
    void of(String name, Instant modifiedAt);
  }

  /** Goes through the names in a directory. What comes or goes meanwhile may be left out. */
  void list(Path directory, Entry each) throws IOException;

  /** Removes a directory, unless there is something in it. */
  void deleteEmptyDirectory(Path directory) throws IOException;

  /** Makes a directory in an existing one, unless it is there. */
  void makeDirectory(Path directory) throws IOException;

  /** Makes the names in a directory durable: that they are there, or no longer are. */
  void syncDirectory(Path directory) throws IOException;
}
