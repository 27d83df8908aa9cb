package io.berth.http.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file that can be read up to its middle. */
final class FailingChannel extends FileChannel {

  /** Throws something. */
  interface Failure {
    void strike() throws IOException;
  }

  private final FileChannel file;
  private final Failure failure;

  FailingChannel(FileChannel file, Failure failure) {
    this.file = file;
    this.failure = failure;
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    if (position + into.remaining() > file.size() / 2) {
      failure.strike();
    }
    return file.read(into, position);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }

  private static UnsupportedOperationException no() {
    return new UnsupportedOperationException("for reading at a position only");
  }

  @Override
  public int read(ByteBuffer into) {
    throw no();
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) {
    throw no();
  }

  @Override
  public int write(ByteBuffer from) {
    throw no();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw no();
  }

  @Override
  public int write(ByteBuffer from, long position) {
    throw no();
  }

  @Override
  public long position() {
    throw no();
  }

  @Override
  public FileChannel position(long position) {
    throw no();
  }

  @Override
  public FileChannel truncate(long size) {
    throw no();
  }

  @Override
  public void force(boolean metadata) {
    throw no();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel to) {
    throw no();
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) {
    throw no();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw no();
  }

  @Override
  public FileLock lock(long position, long size, boolean isShared) {
    throw no();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean isShared) {
    throw no();
  }
}
