package io.berth.auth;

import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a token of this registry says. Immutable.
 *
 * @param identity whose it is, as they were when it was made
 * @param epoch {@linkplain Epochs#epoch their epoch} when they showed who they are; with another one it counts no more
 * @param ceiling what it is good for at most, whatever else is allowed: the limits of the API key it was got with, the tag it is bound to
 * @param access what was asked for and allowed
 * @param refused what was asked for and not allowed
 * @param expires when its time is over
 * @param until when what it was got with ends, and no keys that are made with it may last longer; absent: it does not
 * @param bound whether it is bound to tags, those of the ceiling
 * @param key the id of the key that it was got with, if others are got with it: they end with that key, whenever it does by then; absent: with none
 */
public record Token(Identity identity, long epoch, Optional<List<Grant>> ceiling, List<ResourceScope> access, List<ResourceScope> refused,
    Instant expires, Optional<Instant> until, boolean bound, Optional<String> key) {

  /** What it is for. A token for one thing is none for another. */
  enum Use {
    /** To be shown with each request. */
    ACCESS("at+jwt"),
    /** To get others, instead of a password. */
    REFRESH("rt+jwt");

    private final String typ;

    Use(String typ) {
      this.typ = typ;
    }

    /** What the header says. */
    String typ() {
      return typ;
    }
  }

  public Token {
    ceiling = ceiling.map(List::copyOf);
    access = List.copyOf(access);
    refused = List.copyOf(refused);
  }

  /** One that was not got with a key, or with which no others are got. */
  Token(Identity identity, long epoch, Optional<List<Grant>> ceiling, List<ResourceScope> access, List<ResourceScope> refused,
      Instant expires, Optional<Instant> until, boolean bound) {
    this(identity, epoch, ceiling, access, refused, expires, until, bound, Optional.empty());
  }

  /** One that is bound to no tag, and was got with something that does not end. */
  Token(Identity identity, long epoch, Optional<List<Grant>> ceiling, List<ResourceScope> access, List<ResourceScope> refused,
      Instant expires) {
    this(identity, epoch, ceiling, access, refused, expires, Optional.empty(), false);
  }

  /** What it allows by itself, besides all rules: everything that it names, if another issuer has made it. */
  List<Grant> granted() {
    return identity instanceof Identity.Bearer ? access.stream().flatMap(scope -> scope.grant().stream()).toList() : List.of();
  }

  /** Whether it was asked for that and allowed it. */
  boolean covers(Scope scope) {
    return scope instanceof Scope.Entry || access.stream().anyMatch(one -> one.covers(scope));
  }

  /** Whether it was asked for that, and it was not allowed. */
  boolean wasRefused(Scope scope) {
    return refused.stream().anyMatch(one -> one.covers(scope));
  }

  /** What to ask for, to have what this one has of the same thing, and what is needed. */
  ResourceScope wider(ResourceScope needed) {
    ResourceScope wider = needed;
    for (ResourceScope one : access) {
      wider = one.isAboutTheSameAs(needed) ? one.with(wider) : wider;
    }
    return wider;
  }
}
