package io.berth.simulation;

import io.berth.oci.Digest;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.simulation.Act.Kind;
import io.berth.simulation.Act.Outcome;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that clients asked for and were told, and what must or may be true after it. A thing is there for sure if a push of it was acknowledged, and
 * nobody has begun to remove it since that push began; it is gone for sure if a removal was acknowledged, and nobody has begun to push
 * it since. For one thread at a time.
 */
final class History {

  private final InstantSource clock;
  private final List<Act> acts = new ArrayList<>();
  private int now;

  History(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * A thing whose being there can be known.
   *
   * @param push what brings it
   * @param word what promises that it is there, for a time
   * @param removal what takes it away
   * @param end what may take it away later, when nobody asks any more
   * @param farEnd what may do so even if it was brought since: by taking away, later, what that is about
   * @param lasts whether it stays until somebody removes it
   */
  record Thing(Predicate<Act> push, Predicate<Act> word, Predicate<Act> removal, Predicate<Act> end,
      Predicate<Act> farEnd, boolean lasts) {

    static Thing blob(RepositoryName repository, Digest digest) {
      Predicate<Act> push = act -> act.is(Kind.PUSH_BLOB, repository) && digest.equals(act.digest);
      Predicate<Act> seen = act -> act.is(Kind.HEAD_BLOB, repository) && digest.equals(act.digest);
      Predicate<Act> needed = act -> act.is(Kind.PUT_MANIFEST, repository) && Goods.document(act.digest).blobs().contains(digest);
      return new Thing(push, push.or(seen).or(needed),
          act -> act.is(Kind.DELETE_BLOB, repository) && digest.equals(act.digest) || act.is(Kind.DELETE_REPOSITORY, repository),
          _ -> false, _ -> false, false);
    }

    /** What is about another goes after that, if it was there before. */
    static Thing manifest(RepositoryName repository, Digest digest) {
      List<Digest> above = Goods.above(digest);
      return lasting(act -> act.is(Kind.PUT_MANIFEST, repository) && digest.equals(act.digest),
          act -> act.is(Kind.DELETE_MANIFEST, repository) && digest.equals(act.digest) || act.is(Kind.DELETE_REPOSITORY, repository),
          act -> act.is(Kind.DELETE_MANIFEST, repository) && !above.isEmpty() && above.getFirst().equals(act.digest),
          act -> act.is(Kind.DELETE_MANIFEST, repository) && above.stream().skip(1).anyMatch(higher -> higher.equals(act.digest)));
    }

    private static Thing lasting(Predicate<Act> push, Predicate<Act> removal, Predicate<Act> end, Predicate<Act> farEnd) {
      return new Thing(push, push, removal, end, farEnd, true);
    }

    static Thing repository(RepositoryName repository) {
      return lasting(act -> act.is(Kind.PUSH_BLOB, repository) || act.is(Kind.PUT_MANIFEST, repository),
          act -> act.is(Kind.DELETE_REPOSITORY, repository), _ -> false, _ -> false);
    }
  }

  /** The instant that has come. */
  int now() {
    return ++now;
  }

  List<Act> acts() {
    return acts;
  }

  Optional<Act> act(String id) {
    return acts.stream().filter(act -> act.id.equals(id)).findFirst();
  }

  Act begin(Kind kind, RepositoryName repository, @Nullable Digest digest, List<Tag> tags) {
    var act = new Act("act" + acts.size(), kind, repository, digest, tags, now(), clock.instant());
    acts.add(act);
    return act;
  }

  /** Does what the act says, and keeps what the client is told. */
  <T> T perform(Act act, Supplier<T> verb) {
    try {
      T result = verb.get();
      act.outcome = Outcome.DONE;
      return result;
    } catch (RegistryException refused) {
      act.outcome = Outcome.REFUSED;
      throw refused;
    } finally {
      act.ended = now();
      act.until = clock.instant();
    }
  }

  /** Whether the thing can be there for who looked between two instants. */
  boolean mayBeThere(Thing thing, int from, int to) {
    return acts.stream().filter(Act::mayHaveHappened).filter(thing.push).anyMatch(push -> push.begun <= to && acts.stream()
        .filter(Act::isDone).filter(thing.removal).noneMatch(removal -> push.ended < removal.begun && removal.ended < from));
  }

  /** Whether the thing can be absent for who looked between two instants, the later of which is about now. */
  boolean mayBeAbsent(Thing thing, int from, int to) {
    return acts.stream().filter(Act::isDone).filter(thing.word).filter(word -> word.ended < from && holds(thing, word))
        .allMatch(word -> acts.stream().filter(Act::mayHaveHappened)
            .filter(act -> thing.removal.test(act) || thing.end.test(act) && !isUndone(act))
            .anyMatch(removal -> removal.ended >= word.begun && removal.begun <= to))
        || acts.stream().filter(Act::mayHaveHappened).filter(thing.farEnd).anyMatch(removal -> removal.begun <= to);
  }

  /** Whether a manifest that was deleted was there again before anything could follow it. */
  private boolean isUndone(Act deletion) {
    return acts.stream().filter(Act::isDone)
        .filter(act -> act.is(Kind.PUT_MANIFEST, deletion.repository) && deletion.digest != null && deletion.digest.equals(act.digest))
        .anyMatch(push -> push.begun > deletion.ended && push.until.isBefore(deletion.at.plus(Life.REFERRERS_GRACE)));
  }

  /**
   * Whether what was said still holds, if nobody has removed anything: a blob stays as long as a manifest that needs it and a grace longer, or for
   * the time of a lease.
   */
  private boolean holds(Thing thing, Act word) {
    if (thing.lasts) {
      return true;
    }
    if (word.kind != Kind.PUT_MANIFEST) {
      return clock.instant().isBefore(word.at.plus(word.lease));
    }
    Thing manifest = Thing.manifest(word.repository, word.digest);
    Predicate<Act> removal = manifest.removal.or(manifest.end);
    return acts.stream().filter(Act::mayHaveHappened).noneMatch(manifest.farEnd) && acts.stream().filter(Act::mayHaveHappened)
        .filter(removal).filter(act -> act.ended >= word.begun).allMatch(act -> clock.instant().isBefore(act.at.plus(Life.GRACE)));
  }

  /**
   * Whether a manifest must have gone by now since its subject was deleted: neither was pushed again after that, not even in doubt. What else may
   * hold it is left to the caller.
   */
  boolean mustHaveFollowed(RepositoryName repository, Digest manifest, Digest subject) {
    return acts.stream().filter(Act::isDone).filter(act -> act.is(Kind.DELETE_MANIFEST, repository) && subject.equals(act.digest))
        .anyMatch(deletion -> acts.stream().filter(Act::mayHaveHappened)
            .filter(act -> act.is(Kind.PUT_MANIFEST, repository) && (manifest.equals(act.digest) || subject.equals(act.digest)))
            .allMatch(push -> push.ended < deletion.begun));
  }

  /** Whether the repository may have been removed since an act began, and what it was with it. */
  boolean mayBeWiped(Act act) {
    return acts.stream().filter(Act::mayHaveHappened).filter(other -> other.is(Kind.DELETE_REPOSITORY, act.repository))
        .anyMatch(removal -> removal.ended >= act.begun);
  }
}
