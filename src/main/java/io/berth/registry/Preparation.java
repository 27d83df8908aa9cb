package io.berth.registry;

import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.SignedTag;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a change of tags has to know that takes a file or a computation, which others should not have to wait for: labels of images and whose
 * signatures hold. The transaction asks here; what is not known yet ends the attempt, is found outside, and the transaction is run again. For
 * one thread.
 */
final class Preparation {

  /** A digest and a document always say the same, so more than two attempts take a change by somebody else in between, each time. */
  private static final int ATTEMPTS = 20;

  private final Map<Digest, Optional<Duration>> expiries = new HashMap<>();
  private final Map<SignedTag, Set<String>> signers = new HashMap<>();
  private final Set<Digest> wantedExpiries = new HashSet<>();
  private final Set<SignedTag> wantedSigners = new HashSet<>();

  /** Ends an attempt that wants to know something. */
  private static final class Unprepared extends RuntimeException {

    private static final long serialVersionUID = 1;

    private Unprepared() {
      super("to be run again", null, false, false);
    }
  }

  /** Where what is wanted is found. */
  interface Source {

    /** After which time an image says that it expires; {@code null} if it says nothing. */
    @Nullable Duration expiry(Digest manifest);

    /** Whose signatures hold. */
    Set<String> signers(SignedTag document);
  }

  /** Runs a transaction until it knows all that it wants. */
  static <T extends @Nullable Object> T run(Source source, Function<Preparation, T> transaction) {
    var preparation = new Preparation();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return transaction.apply(preparation);
      } catch (Unprepared unprepared) {
        preparation.find(source);
      }
    }
    throw new IllegalStateException("what a change of tags has to know changes all the time");
  }

  private void find(Source source) {
    wantedExpiries.forEach(digest -> expiries.put(digest, Optional.ofNullable(source.expiry(digest))));
    wantedSigners.forEach(document -> signers.put(document, source.signers(document)));
    wantedExpiries.clear();
    wantedSigners.clear();
  }

  /** After which time an image says that it expires; {@code null} if it says nothing, or that is not known yet. */
  @Nullable Duration expiry(Digest manifest) {
    Optional<Duration> known = expiries.get(manifest);
    if (known == null) {
      wantedExpiries.add(manifest);
      return null;
    }
    return known.orElse(null);
  }

  /** Whether all was known so far. */
  boolean isComplete() {
    return wantedExpiries.isEmpty() && wantedSigners.isEmpty();
  }

  /** Whose signatures hold; nobody's while that is not known. */
  Set<String> signers(SignedTag document) {
    Set<String> known = signers.get(document);
    if (known == null) {
      wantedSigners.add(document);
      return Set.of();
    }
    return known;
  }

  /** Ends the attempt unless all was known that it has asked for. To be called before anything that it decided is carried out. */
  void settle() {
    if (!isComplete()) {
      throw new Unprepared();
    }
  }

  /** What can be found for a manifest at hand. */
  static Source of(Manifest manifest, Function<Manifest, @Nullable Duration> expiry) {
    return new Source() {
      @Override
      public @Nullable Duration expiry(Digest digest) {
        return expiry.apply(manifest);
      }

      @Override
      public Set<String> signers(SignedTag document) {
        throw new IllegalStateException("a push has no signed objects");
      }
    };
  }
}
