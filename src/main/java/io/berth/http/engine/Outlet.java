package io.berth.http.engine;

import io.berth.http.Headers;
import io.berth.oci.BlobContent;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Where one answer goes out: a head, then its body in pieces or from a file. For the event loop. */
interface Outlet {

  /** Is told how it went. */
  interface Sent {
    void sent(boolean well);
  }

  /** Asks the peer for the body that it keeps back. */
  void sendContinue();

  /**
   * Sets the head, which goes out with what follows it.
   *
   * @param length the {@code Content-Length}; negative for none
   * @param last whether the connection ends behind this answer
   */
  void head(int status, Headers fields, CharSequence date, long length, boolean last);

  /** Says, behind {@link #head} without a length, that a body comes in pieces and nobody knows how many. */
  void openEnded();

  /** Whether the peer should take what is written before more is. */
  boolean isFull();

  /** Runs something once when the peer has taken enough. */
  void whenRoom(Runnable task);

  /** Sends a piece of the body, which is released when it is sent. */
  void write(ByteBuf piece, @Nullable Sent told);

  /** Sends the last piece of the body, which may be empty. */
  void end(ByteBuf piece, @Nullable Sent told);

  /** Whether {@link #file} can be used: the kernel copies files to this socket. */
  boolean takesFiles();

  /** Sends a part of a file as the whole body. */
  void file(BlobContent.InFile file, long offset, long length, Sent told);

  /** A permit for each piece of a file that may be in memory on the way to this peer. Any thread. */
  Semaphore pieces();

  /** A buffer to read a piece of a file into. Any thread. */
  ByteBuf buffer(int bytes);
}
