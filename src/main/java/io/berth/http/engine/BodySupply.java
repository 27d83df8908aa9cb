package io.berth.http.engine;

/** Where a {@link ReceivedBody} comes from, as its reader sees it. For the reader's thread. */
interface BodySupply {

  /** The reader's first read. */
  void ask(ReceivedBody body);

  /** The body has room again. */
  void resume();

  /** A body can't be waited for on the thread that brings it. */
  void refuseOnLoop();
}
