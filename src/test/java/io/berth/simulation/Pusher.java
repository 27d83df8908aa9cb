package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.registry.Caller;
import io.berth.registry.Precondition;
import io.berth.simulation.Act.Kind;
import io.berth.simulation.Act.Outcome;
import io.berth.simulation.Goods.Blob;
import io.berth.simulation.Goods.Document;
import io.berth.simulation.History.Thing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Pushes blobs in one request, mounts them, and pushes manifests with all that they need. */
final class Pusher extends Client {

  Pusher(World world) {
    super(world);
  }

  /** Pushes a blob in one request; says whether it was acknowledged. */
  boolean push(RepositoryName repository, Blob blob) {
    Instant begun = world.now;
    Act act = history().begin(Kind.PUSH_BLOB, repository, blob.digest(), List.of());
    Answer<Digest> answer = ask(act, () -> {
      life().uploads.push(World.caller(act.id), repository, blob.digest(), body(blob.bytes(), false));
      return blob.digest();
    });
    require(!answer.isRefused() || mayHaveEnded(begun, answer), "a right push was refused", act, answer);
    return answer.isDone();
  }

  /** Pushes something under the digest of something else, or breaks off. */
  void pushWrongly(RepositoryName repository, Blob blob, boolean breaksOff) {
    Instant begun = world.now;
    byte[] content = breaksOff ? blob.bytes() : ("not " + blob.content()).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Answer<Digest> answer = ask("a wrong push of " + blob.digest() + " to " + repository, () -> {
      life().uploads.push(World.caller("wrong"), repository, blob.digest(), body(content, breaksOff));
      return blob.digest();
    });
    require(answer.outcome() == Outcome.DOUBT || answer.isRefused(breaksOff ? ErrorCode.BLOB_UPLOAD_INVALID : ErrorCode.DIGEST_INVALID)
        || mayHaveEnded(begun, answer),
        "a wrong push was not refused", blob, answer);
  }

  void mount(RepositoryName from, RepositoryName to, Blob blob) {
    Act act = history().begin(Kind.PUSH_BLOB, to, blob.digest(), List.of());
    Answer<Boolean> answer = ask(act, () -> life().mounts.mount(World.caller(act.id), to, blob.digest(), from));
    require(!answer.isRefused(), "a mount was refused", act);
    if (answer.isDone() && !answer.value()) {
      act.outcome = Outcome.REFUSED;
      require(history().mayBeAbsent(Thing.blob(from, blob.digest()), act.begun, act.ended), "a blob is not there to be mounted", act, from);
    } else if (answer.isDone()) {
      require(history().mayBeThere(Thing.blob(from, blob.digest()), act.begun, act.ended), "a blob was mounted that can't be there", act,
          from);
    }
  }

  /** A mount of which the registry has to find out from where: by somebody who may read everything, or both by a pattern, or one by its name. */
  void discover(RepositoryName to, Blob blob) {
    Act act = history().begin(Kind.PUSH_BLOB, to, blob.digest(), List.of());
    Caller caller = world.chance(3) ? World.caller(act.id) : World.caller(world.chance(2) ? "alice" : "bob", act.id);
    List<RepositoryName> readable =
        Goods.REPOSITORIES.stream().filter(each -> caller.access(each).mayEverywhere(io.berth.policy.Action.PULL)).toList();
    Answer<Optional<RepositoryName>> answer = ask(act, () -> life().mounts.discover(caller, to, blob.digest()));
    require(!answer.isRefused(), "a mount was refused", act);
    if (answer.isDone() && answer.value().isEmpty()) {
      act.outcome = Outcome.REFUSED;
      require(readable.stream().anyMatch(from -> history().mayBeAbsent(Thing.blob(from, blob.digest()), act.begun, act.ended)),
          "a blob is not found that is there", act, readable);
    } else if (answer.isDone()) {
      RepositoryName from = answer.value().get();
      require(readable.contains(from), "a blob was found where its finder may not read", act, from);
      require(history().mayBeThere(Thing.blob(from, blob.digest()), act.begun, act.ended), "a blob was found that can't be there", act,
          from);
    }
  }

  /** Looks which blobs are there, pushes the others, then the manifest, as clients do. */
  boolean pushAll(RepositoryName repository, Document document) {
    for (Digest digest : document.blobs()) {
      if (!has(repository, digest) && !push(repository, Goods.blob(digest))) {
        return false;
      }
    }
    for (Digest child : document.children()) {
      if (!pushAll(repository, Goods.document(child))) {
        return false;
      }
    }
    return put(repository, document, document.subject().isPresent() && !world.chance(5) ? List.of() : tags());
  }

  /** Pushes an index before its images, one of which comes later perhaps; where that is refused nothing comes of it. */
  void pushSparse(RepositoryName repository, Document index) {
    if (put(repository, index, tags()) && world.chance(2)) {
      pushAll(repository, Goods.document(world.choose(index.children())));
    }
  }

  /** Pushes something that is about another manifest, and perhaps that first. */
  void sign(RepositoryName repository, Document document) {
    if (!world.chance(4)) {
      pushAll(repository, Goods.document(document.subject().orElseThrow()));
    }
    pushAll(repository, document);
  }

  /** {@code HEAD}. */
  boolean has(RepositoryName repository, Digest digest) {
    Act act = history().begin(Kind.HEAD_BLOB, repository, digest, List.of());
    Answer<Long> answer = ask(act, () -> life().blobs.size(World.caller("checker"), repository, digest));
    int from = act.begun;
    int to = act.ended;
    Thing blob = Thing.blob(repository, digest);
    if (answer.isDone()) {
      require(answer.value() == Goods.blob(digest).bytes().length, "a blob has another size", repository, digest, answer);
      require(history().mayBeThere(blob, from, to), "a blob is there that can't be", repository, digest);
    }
    require(!answer.isRefused() || history().mayBeAbsent(blob, from, to), "a blob is not there", repository, digest);
    return answer.isDone();
  }

  private List<Tag> tags() {
    var tags = new ArrayList<>(Goods.TAGS);
    tags.removeIf(_ -> world.random.nextBoolean());
    return tags;
  }

  /** Pushes a manifest by digest with tags, or if it is one tag perhaps by that. */
  boolean put(RepositoryName repository, Document document, List<Tag> tags) {
    Act act = history().begin(Kind.PUT_MANIFEST, repository, document.digest(), tags);
    boolean byTag = tags.size() == 1 && world.random.nextBoolean();
    Answer<Digest> answer = ask(act, () -> life().manifests.put(World.caller(act.id), repository,
        byTag ? tags.getFirst() : document.digest(), byTag ? List.of() : tags, null, Precondition.NONE, document.bytes()).digest());
    if (answer.isRefused()) {
      Stream<Thing> needed = Stream.concat(document.blobs().stream().map(blob -> Thing.blob(repository, blob)),
          world.sparse.contains(repository) ? Stream.of() : document.children().stream().map(child -> Thing.manifest(repository, child)));
      require(answer.isRefused(ErrorCode.MANIFEST_BLOB_UNKNOWN)
          && needed.anyMatch(thing -> history().mayBeAbsent(thing, act.begun, act.ended)), "a right manifest was refused", act, answer);
    }
    return answer.isDone();
  }
}
