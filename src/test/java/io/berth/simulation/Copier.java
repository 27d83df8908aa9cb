package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.registry.Copies.Copied;
import io.berth.registry.Copies.Memory;
import io.berth.registry.Copies.Order;
import io.berth.simulation.Act.Kind;
import io.berth.simulation.Act.Outcome;
import io.berth.simulation.Goods.Document;
import io.berth.simulation.History.Thing;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Copies from one repository to the other, with tags, with referrers or without, and asks again until all is there. A copy is many pushes, each of
 * which may have happened whatever the answer is; only its tags come all at once, and last.
 */
final class Copier extends Client {

  private static final Memory ENOUGH = _ -> () -> {
  };

  /** A client that asks this often has seen that others remove what it copies, each time. */
  private static final int REQUESTS = 10;

  Copier(World world) {
    super(world);
  }

  void copy(RepositoryName from, RepositoryName to) {
    TagOrDigest name = world.random.nextBoolean() ? world.choose(Goods.TAGS) : world.choose(Goods.DOCUMENTS).digest();
    List<Tag> tags = new ArrayList<>(Goods.TAGS);
    tags.removeIf(_ -> world.random.nextBoolean());
    boolean referrers = world.random.nextInt(3) > 0;
    for (int i = 0; i < REQUESTS; i++) {
      Copied copied = request(to, new Order(from, name, tags, referrers));
      if (copied == null || copied.complete()) {
        return;
      }
      name = copied.digest();
    }
  }

  private @Nullable Copied request(RepositoryName to, Order order) {
    Digest known = order.name() instanceof Digest digest ? digest : null;
    Act act = history().begin(Kind.COPY, to, known, order.tags());
    act.parts = parts(to, known == null ? Set.copyOf(Goods.DOCUMENTS) : closure(Goods.document(known), order.referrers()));
    Copied copied = null;
    try {
      Answer<Copied> answer = ask(act, () -> life().copies.copy(World.caller(act.id), to, order, ENOUGH));
      copied = answer.value();
      if (answer.isRefused()) {
        judge(act, order, answer);
      }
    } finally { // also where the process has died
      settle(act, order.from(), copied);
    }
    if (copied != null && copied.complete()) {
      believe(act, acknowledged(act, order, copied));
    }
    return copied;
  }

  private static Set<Document> closure(Document document, boolean referrers) {
    return referrers ? Goods.all(document) : Goods.needs(document);
  }

  private List<Act> parts(RepositoryName to, Set<Document> documents) {
    var parts = new ArrayList<Act>();
    for (Document document : Goods.DOCUMENTS) {
      if (documents.contains(document)) {
        document.blobs().forEach(blob -> parts.add(history().begin(Kind.PUSH_BLOB, to, blob, List.of())));
        parts.add(history().begin(Kind.PUT_MANIFEST, to, document.digest(), List.of()));
      }
    }
    return parts;
  }

  /** What can't have been at the origin has not been copied, and an answer other than that all is there means that no tag was set. */
  private void settle(Act act, RepositoryName from, @Nullable Copied copied) {
    if (copied != null) {
      act.digest = copied.digest();
      act.outcome = copied.complete() ? Outcome.DONE : Outcome.REFUSED;
    }
    for (Act part : act.parts) {
      Thing origin = part.kind == Kind.PUSH_BLOB ? Thing.blob(from, part.digest) : Thing.manifest(from, part.digest);
      part.ended = act.ended;
      part.outcome = history().mayBeThere(origin, act.begun, act.ended) ? Outcome.DOUBT : Outcome.REFUSED;
    }
  }

  /** What was at the origin all the time and belongs to the copy is there now. */
  private Set<Document> acknowledged(Act act, Order order, Copied copied) {
    Set<Digest> absent = copied.absent().stream().map(edge -> edge.target().digest()).collect(Collectors.toSet());
    require(absent.isEmpty() || world.sparse.contains(act.repository), "a copy lacks something that must be there", act, absent);
    for (Digest missing : absent) {
      require(history().mayBeAbsent(Thing.manifest(order.from(), missing), act.begun, act.ended), "a copy has left something behind", act,
          missing);
    }
    Set<Document> acknowledged = new LinkedHashSet<>(Goods.needs(Goods.document(copied.digest())));
    acknowledged.removeIf(document -> absent.contains(document.digest()));
    int before = 0;
    while (order.referrers() && before < acknowledged.size()) {
      before = acknowledged.size();
      Set<Document> passed = acknowledged.stream().filter(each -> wasAtOrigin(act, order, each)).collect(Collectors.toSet());
      Goods.about(passed).stream().filter(each -> wasAtOrigin(act, order, each))
          .forEach(each -> acknowledged.addAll(Goods.needs(each)));
      acknowledged.removeIf(document -> absent.contains(document.digest()));
    }
    return acknowledged;
  }

  /** What points at what the origin lacks is not found there, though the target may have that. */
  private boolean wasAtOrigin(Act act, Order order, Document document) {
    return !history().mayBeAbsent(Thing.manifest(order.from(), document.digest()), act.begun, act.ended);
  }

  /** Takes it that the copy has brought these. */
  static void believe(Act act, Set<Document> documents) {
    act.parts.stream().filter(part -> part.kind == Kind.PUT_MANIFEST && documents.contains(Goods.document(part.digest)))
        .forEach(part -> part.outcome = Outcome.DONE);
  }

  private void judge(Act act, Order order, Answer<Copied> answer) {
    if (answer.isRefused(ErrorCode.MANIFEST_UNKNOWN)) {
      require(act.digest == null || history().mayBeAbsent(Thing.manifest(order.from(), act.digest), act.begun, act.ended),
          "there was something to be copied", act, answer);
      return;
    }
    boolean removed = history().acts().stream().filter(Act::mayHaveHappened)
        .anyMatch(other -> other.repository.equals(act.repository) && other.ended >= act.begun && switch (other.kind) {
          case DELETE_BLOB, DELETE_MANIFEST, DELETE_REPOSITORY -> true;
          case PUSH_BLOB, HEAD_BLOB, PUT_MANIFEST, PUT_TAGS, COPY, RESTORE_TAG, DELETE_TAG, READ_TAG -> false;
        });
    Stream<Thing> needed = act.parts.stream()
        .map(part -> part.kind == Kind.PUSH_BLOB ? Thing.blob(order.from(), part.digest) : Thing.manifest(order.from(), part.digest));
    boolean late = !world.now.isBefore(act.at.plus(Life.GRACE.dividedBy(2))); // what it linked may be collected before it was needed
    require(removed || answer.isRefused(ErrorCode.MANIFEST_BLOB_UNKNOWN)
        && (late || needed.anyMatch(thing -> history().mayBeAbsent(thing, act.begun, act.ended))), "a copy was refused", act, answer);
  }
}
