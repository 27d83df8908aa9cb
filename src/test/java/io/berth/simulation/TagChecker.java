package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.simulation.Act.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the history of a repository's tags is one that can have been: each change by an act that asked for it and was not refused, in an order in
 * which no act comes before one that had ended when it began; no acknowledged change missing; and every pull by tag saw what the tag was at
 * some instant of the pull. Acts before the repository was last removed are left out, since their history went with it.
 */
final class TagChecker {

  private final World world;
  private final RepositoryName repository;
  private final Map<Tag, List<TagEvent>> events = new HashMap<>();

  TagChecker(World world, RepositoryName repository) {
    this.world = world;
    this.repository = repository;
  }

  void check() {
    for (Tag tag : Goods.TAGS) {
      List<TagEvent> history = world.life.metadata.read(tx -> tx.history(repository, tag, 10_000)).reversed();
      events.put(tag, history);
      checkChain(tag, history);
    }
    checkOrder();
    for (Act act : world.history.acts()) {
      boolean concerns = act.repository.equals(repository) && act.isDone() && !world.history.mayBeWiped(act);
      if (concerns && (act.kind == Kind.PUT_MANIFEST || act.kind == Kind.PUT_TAGS || act.kind == Kind.COPY)) {
        act.tags.forEach(tag -> checkHappened(act, tag, act.digest));
      } else if (concerns && act.kind == Kind.DELETE_TAG) {
        checkHappened(act, act.tags.getFirst(), null);
      } else if (concerns && act.kind == Kind.READ_TAG) {
        require(wasSo(act, act.tags.getFirst(), act.digest), "a pull saw what the tag was not", act, events.get(act.tags.getFirst()));
      }
    }
  }

  /** Where a copy has set a tag all of it was there, whatever its client was told. */
  static void believeCopies(World world, RepositoryName repository) {
    for (Tag tag : Goods.TAGS) {
      for (TagEvent event : world.life.metadata.read(tx -> tx.history(repository, tag, 10_000))) {
        world.history.act(event.author().client()).filter(act -> act.kind == Kind.COPY && event.to() != null)
            .ifPresent(act -> Copier.believe(act, world.sparse.contains(repository) ? Set.of(Goods.document(event.to()))
                : Goods.needs(Goods.document(event.to()))));
      }
    }
  }

  private void checkChain(Tag tag, List<TagEvent> history) {
    TagEvent before = null;
    for (TagEvent event : history) {
      Digest from = before == null ? null : before.to();
      require(Objects.equals(from, event.from()) && !Objects.equals(event.from(), event.to()), "a change begins elsewhere", event, history);
      require(before == null || before.sequence() < event.sequence() && before.at().isBefore(event.at()), "changes are out of order", event,
          history);
      require(asked(actOf(event), event), "a change that nobody asked for", event, actOf(event));
      require(actOf(event).kind != Kind.PUT_TAGS || actOf(event).sequence == null
          || actOf(event).sequence == (before == null || before.to() == null ? 0 : before.sequence()), "somebody came between", event,
          before);
      before = event;
    }
    TagState state = world.life.metadata.read(tx -> tx.tag(repository, tag)).orElse(null);
    if (before == null || before.to() == null) {
      require(state == null, "a tag is there that was removed", repository, tag, String.valueOf(state));
    } else {
      require(state != null && state.target().equals(before.to()) && state.version() == before.sequence(),
          "a tag is not what it became last",
          repository, tag, before, String.valueOf(state));
    }
  }

  private Act actOf(TagEvent event) {
    return world.history.act(event.author().client()).orElseThrow(() -> new AssertionError("a change by nobody: " + event));
  }

  private boolean asked(Act act, TagEvent event) {
    return act.mayHaveHappened() && switch (act.kind) {
      case RESTORE_TAG -> act.tags.contains(event.tag()) && event.to() != null && event.to().equals(at(event.tag(), act.sequence));
      case PUT_MANIFEST, PUT_TAGS -> act.tags.contains(event.tag()) && Objects.equals(act.digest, event.to());
      case COPY -> act.tags.contains(event.tag()) && event.to() != null && (act.digest == null || act.digest.equals(event.to()));
      case DELETE_TAG -> act.tags.contains(event.tag()) && event.to() == null;
      case DELETE_MANIFEST -> event.to() == null && Objects.equals(act.digest, event.from());
      case PUSH_BLOB, HEAD_BLOB, DELETE_BLOB, DELETE_REPOSITORY, READ_TAG -> false;
    };
  }

  private @Nullable Digest at(Tag tag, long sequence) {
    return events.get(tag).stream().filter(event -> event.sequence() <= sequence).reduce((_, later) -> later).map(TagEvent::to)
        .orElse(null);
  }

  /** The sequence has no gaps but what went with the repository, is shared by what was changed together, and agrees with the time of the acts. */
  private void checkOrder() {
    List<TagEvent> all = new ArrayList<>();
    events.values().forEach(all::addAll);
    all.sort(Comparator.comparingLong(TagEvent::sequence));
    int latest = 0;
    for (int i = 0; i < all.size(); i++) {
      TagEvent event = all.get(i);
      Act act = actOf(event);
      if (i > 0) {
        TagEvent before = all.get(i - 1);
        boolean together = actOf(before).equals(act);
        require(event.sequence() == before.sequence() + (together ? 0 : 1), "the sequence has a gap, or parts what was changed together",
            repository, before, event);
        require(together ? event.at().equals(before.at()) : event.at().isAfter(before.at()), "time goes back", before, event);
      }
      require(act.ended >= latest, "a change comes after one that began when it had ended", event, act);
      latest = Math.max(latest, act.begun);
      require(
          all.stream().filter(other -> other.author().client().equals(event.author().client()) && other.tag().equals(event.tag())).count()
              == 1,
          "a change happened twice", event);
    }
  }

  private void checkHappened(Act act, Tag tag, @Nullable Digest to) {
    boolean recorded = events.get(tag).stream().anyMatch(event -> event.author().client().equals(act.id));
    require(recorded || to != null && wasSo(act, tag, to), "an acknowledged change is missing", act, tag, events.get(tag));
  }

  /** Whether the tag was so at some instant of the act. */
  private boolean wasSo(Act act, Tag tag, @Nullable Digest value) {
    List<TagEvent> history = events.get(tag);
    for (int i = -1; i < history.size(); i++) {
      Digest then = i < 0 ? null : history.get(i).to();
      boolean begun = i < 0 || actOf(history.get(i)).begun <= act.ended;
      boolean ended = i + 1 < history.size() && actOf(history.get(i + 1)).ended < act.begun;
      if (Objects.equals(then, value) && begun && !ended) {
        return true;
      }
    }
    return false;
  }
}
