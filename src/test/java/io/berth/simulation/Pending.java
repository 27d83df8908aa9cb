package io.berth.simulation;

import io.berth.oci.RepositoryName;
import io.berth.simulation.Goods.Blob;
import java.time.Instant;

/** An upload that clients know of, and what they know. For one thread at a time. */
final class Pending {

  final RepositoryName repository;
  final Blob blob;
  final String id;
  final Instant begun;

  /** How far it has come, as the last answer said; -1 after a failure. */
  long received;

  /** Whether several clients write to it, so that nobody knows what it holds. */
  boolean shared;

  /** How many clients are at it. */
  int users;

  /** Whether somebody has begun to close it with the digest of what it should hold. */
  boolean closing;

  /** Whether it may have ended in another way than by being closed, or the registry may have forgotten that. */
  boolean mayBeGone;

  /** Whether what has arrived may be something else than what was sent. */
  boolean mayBeTorn;

  Pending(RepositoryName repository, Blob blob, String id, Instant begun) {
    this.repository = repository;
    this.blob = blob;
    this.id = id;
    this.begun = begun;
  }

  boolean isComplete() {
    return received == blob.bytes().length && !shared;
  }

  /** The registry has started anew. */
  void survive(boolean powerFailed) {
    received = -1;
    mayBeGone |= closing;
    mayBeTorn |= powerFailed;
  }

  @Override
  public String toString() {
    return "upload " + id + " of " + blob.digest() + " to " + repository;
  }
}
