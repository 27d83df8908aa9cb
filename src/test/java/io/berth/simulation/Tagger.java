package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagObject;
import io.berth.registry.Moment;
import io.berth.registry.Precondition;
import io.berth.registry.TagProposal;
import io.berth.registry.Tags.Operation;
import io.berth.registry.Tags.Outcomes;
import io.berth.simulation.Act.Kind;
import io.berth.simulation.History.Thing;
import java.util.ArrayList;
import java.util.List;

/** Puts tags as objects, several together or one that must be as it was seen, and puts them back to what they were. */
final class Tagger extends Client {

  Tagger(World world) {
    super(world);
  }

  void put(RepositoryName repository, Digest target) {
    var tags = new ArrayList<>(Goods.TAGS);
    tags.removeIf(_ -> world.random.nextBoolean());
    if (tags.isEmpty()) {
      tags.add(world.choose(Goods.TAGS));
    }
    Long seen = tags.size() == 1 && world.random.nextBoolean() ? look(repository, tags.getFirst()) : null;
    Act act = history().begin(Kind.PUT_TAGS, repository, target, tags);
    act.sequence = seen;
    Precondition precondition = seen == null ? Precondition.NONE : (_, version) -> version == seen;
    var proposal = new TagProposal.Unsigned(new TagObject(null, null, null, new TagObject.Target(null, null, target)));
    List<Operation> operations = tags.stream().map(tag -> new Operation(tag, proposal, precondition)).toList();
    Answer<Outcomes> answer = ask(act, () -> life().tags.change(World.caller(act.id), repository, operations));
    if (answer.isRefused(ErrorCode.DENIED)) {
      require(seen != null && answer.refusal().status() == 412, "a tag was refused", act, answer);
      Long now = look(repository, tags.getFirst());
      require(now == null || !now.equals(seen), "nobody came between", act, answer);
    } else if (answer.isRefused()) {
      require(answer.isRefused(ErrorCode.MANIFEST_BLOB_UNKNOWN)
          && history().mayBeAbsent(Thing.manifest(repository, target), act.begun, act.ended), "a tag was refused", act, answer);
    }
  }

  /** The version; {@code null} if the answer is not to be had. */
  private Long look(RepositoryName repository, Tag tag) {
    return ask("the version of " + tag, () -> life().metadata.read(tx -> tx.tag(repository, tag)).map(TagState::version).orElse(0L))
        .value();
  }

  void restore(RepositoryName repository, Tag tag) {
    Act act = history().begin(Kind.RESTORE_TAG, repository, null, List.of(tag));
    act.sequence = world.random.nextLong(30);
    var operation = new Operation(tag, new TagProposal.Restored(new Moment.Sequence(act.sequence)), Precondition.NONE);
    Answer<?> answer = ask(act, () -> life().tags.change(World.caller(act.id), repository, operation));
    require(!answer.isRefused() || answer.isRefused(ErrorCode.MANIFEST_UNKNOWN) || answer.isRefused(ErrorCode.MANIFEST_BLOB_UNKNOWN),
        "a restoration was refused otherwise", act, answer);
  }
}
