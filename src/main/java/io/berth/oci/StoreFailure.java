package io.berth.oci;

/** What every exception of a store says of itself, so that the answer to a client can tell what helps. */
public interface StoreFailure {

  /** What helps. */
  enum Kind {
    /** Nothing but room: the disk, a quota or the database is full. */
    FULL,
    /** To try again in a moment: a connection was lost, something was busy, or too much of something was open. */
    PASSING,
    /** To look at the cause: the disk is broken, files are damaged, or there is a mistake. */
    LASTING
  }

  /** What helps against it. */
  Kind kind();
}
