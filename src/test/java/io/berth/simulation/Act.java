package io.berth.simulation;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a client asked for: between which instants, and what it was told. Instants count everything that clients began or saw end. For
 * one thread at a time.
 */
final class Act {

  /** What was asked for. */
  enum Kind {
    PUSH_BLOB, HEAD_BLOB, DELETE_BLOB, PUT_MANIFEST, DELETE_MANIFEST, PUT_TAGS, COPY, RESTORE_TAG, DELETE_TAG, DELETE_REPOSITORY, READ_TAG
  }

  /** How it ended. */
  enum Outcome {
    /** It was acknowledged. */
    DONE,
    /** It was refused, and has changed nothing. */
    REFUSED,
    /** It failed, or the answer never came: it may have happened, or not. */
    DOUBT
  }

  final String id;
  final Kind kind;
  final RepositoryName repository;
  final List<Tag> tags;
  final int begun;
  final Instant at;

  /** How long the registry stands by what it said of a blob. */
  Duration lease;
  @Nullable Digest digest;

  /** The version that a tag must have, or the sequence at which it is to be as it was; {@code null} if neither matters. */
  @Nullable Long sequence;

  /** Of a copy, what it may push; acts of their own, which nobody has as the author of a change of a tag. */
  List<Act> parts = List.of();
  int ended = Integer.MAX_VALUE;

  /** When it ended. */
  Instant until = Instant.MAX;
  Outcome outcome = Outcome.DOUBT;

  Act(String id, Kind kind, RepositoryName repository, @Nullable Digest digest, List<Tag> tags, int begun, Instant at) {
    this.id = id;
    this.kind = kind;
    this.repository = repository;
    this.digest = digest;
    this.tags = tags;
    this.begun = begun;
    this.at = at;
    this.lease = kind == Kind.HEAD_BLOB ? Life.GRACE.dividedBy(2) : Life.GRACE;
  }

  boolean isDone() {
    return outcome == Outcome.DONE;
  }

  /** Whether it may have changed something. */
  boolean mayHaveHappened() {
    return outcome != Outcome.REFUSED;
  }

  boolean is(Kind other, RepositoryName where) {
    return kind == other && repository.equals(where);
  }

  @Override
  public String toString() {
    return id + " " + kind + " " + repository + " " + digest + " " + tags + " " + outcome + " [" + begun + ", " + ended + "]";
  }
}
