package io.berth.http.engine;

/** An open connection, whatever it speaks, as the server sees it when it ends. For its event loop, but for {@link #execute}. */
interface Peer {

  /** Runs something on the event loop; false if that has ended for good. */
  boolean execute(Runnable task);

  /** Tells the peer, where the protocol has words for it, that no further request is welcome, and closes when those under way are done. */
  void drain();

  /** Closes at once, whatever is under way. */
  void abort();
}
