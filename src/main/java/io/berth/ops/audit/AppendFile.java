package io.berth.ops.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is only ever written at its end. */
interface AppendFile extends AutoCloseable {

  /** How files are opened; those that are missing are made. */
  interface Opening {
    AppendFile open(Path path) throws IOException;
  }

  /** Writes all of it; if it fails, a part of it may have been written. */
  void write(byte[] bytes) throws IOException;

  /** Has what was written outlast a power failure. */
  void sync() throws IOException;

  @Override
  void close() throws IOException;

  /** A file on a disk. */
  record OnDisk(FileChannel channel) implements AppendFile {

    static AppendFile open(Path path) throws IOException {
      return new OnDisk(FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
