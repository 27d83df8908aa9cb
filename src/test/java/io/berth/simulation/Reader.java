package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.Referrer;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.registry.Referrers;
import io.berth.registry.StorageException;
import io.berth.simulation.Act.Kind;
import io.berth.simulation.Act.Outcome;
import io.berth.simulation.Goods.Document;
import io.berth.simulation.History.Thing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pulls and verifies, and lists. */
final class Reader extends Client {

  static final String MISSING = "damaged or missing";

  Reader(World world) {
    super(world);
  }

  /** Pulls by tag; what it saw is judged later, when the history of the tag is known. */
  void pull(RepositoryName repository, Tag tag) {
    Act act = history().begin(Kind.READ_TAG, repository, null, List.of(tag));
    world.machine.answer();
    Answer<Digest> answer = ask(act, () -> {
      StoredManifest found = world.machine.hold(() -> {
        try {
          return life().manifests.get(World.caller("checker"), repository, tag);
        } catch (RegistryException unknown) {
          return null;
        }
      });
      act.digest = found == null ? null : found.digest();
      return verified(found);
    });
    if (answer.isDone() && answer.value() != null) {
      pullBlobs(repository, Goods.document(answer.value()), act.begun);
      Goods.document(answer.value()).children().forEach(child -> pullChild(repository, child));
    }
  }

  /** What a tag shows is whole, also while it is copied, unless somebody has removed some of it. */
  private void pullChild(RepositoryName repository, Digest child) {
    int from = history().now();
    Answer<Digest> answer = ask("GET " + repository + " " + child,
        () -> verified(world.machine.hold(() -> life().manifests.get(World.caller("checker"), repository, child))));
    if (world.sparse.contains(repository)) {
      Thing manifest = Thing.manifest(repository, child);
      require(!answer.isRefused() || history().mayBeAbsent(manifest, from, history().now()), "what came later is not there", repository,
          child);
      return;
    }
    require(!answer.isRefused() || history().acts().stream().filter(Act::mayHaveHappened)
        .anyMatch(
            act -> act.is(Kind.DELETE_MANIFEST, repository) && child.equals(act.digest) || act.is(Kind.DELETE_REPOSITORY, repository)),
        "a tag shows what is not whole", repository, child);
  }

  private static @Nullable Digest verified(@Nullable StoredManifest found) {
    if (found == null) {
      return null;
    }
    Document document = Goods.document(found.digest());
    require(document != null && Arrays.equals(found.bytes(), document.bytes()), "a manifest has other bytes", found);
    return found.digest();
  }

  /** Pulls by digest. */
  void pull(RepositoryName repository, Digest digest) {
    int from = history().now();
    world.machine.answer();
    Answer<Digest> answer = ask("GET " + repository + " " + digest,
        () -> verified(world.machine.hold(() -> life().manifests.get(World.caller("checker"), repository, digest))));
    int to = history().now();
    Thing manifest = Thing.manifest(repository, digest);
    require(!answer.isRefused() || history().mayBeAbsent(manifest, from, to), "a manifest is not there", repository, digest);
    if (answer.isDone()) {
      require(history().mayBeThere(manifest, from, to), "a manifest is there that can't be", repository, digest);
      pullBlobs(repository, Goods.document(digest), from);
    }
  }

  private void pullBlobs(RepositoryName repository, Document document, int from) {
    for (Digest blob : document.blobs()) {
      Answer<byte[]> answer = ask("GET " + repository + " " + blob, () -> bytes(life(), repository, blob));
      if (answer.isDone()) {
        require(Arrays.equals(answer.value(), Goods.blob(blob).bytes()), "a blob has other bytes", repository, blob);
      } else if (answer.isRefused()) {
        require(!answer.refusal().getMessage().contains(MISSING)
            && history().mayBeAbsent(Thing.blob(repository, blob), from, history().now()), "a blob is not there", repository, blob, answer);
      }
    }
  }

  /** The bytes of a blob, as a pull would get them. */
  static byte[] bytes(Life life, RepositoryName repository, Digest digest) {
    try (BlobContent content = life.blobs.open(World.caller("checker"), repository, digest)) {
      ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(content.size()));
      while (into.hasRemaining() && content.read(into, into.position()) > 0) {
        // goes on
      }
      return into.array();
    } catch (IOException e) {
      throw new StorageException("a blob can't be read", e);
    }
  }

  /** Lists what there is to list, of one kind. */
  void list(RepositoryName repository) {
    int from = history().now();
    switch (world.random.nextInt(3)) {
      case 0 -> {
        Answer<List<Tag>> answer =
            ask("the tags of " + repository, () -> life().tagLists.names(World.caller("checker"), repository, "", 100).tags());
        require(answer.outcome() == Outcome.DOUBT || known(repository, answer.isDone(), from), "a list of tags is there, or not",
            repository,
            answer);
      }
      case 1 -> {
        Answer<List<RepositoryName>> answer =
            ask("the repositories", () -> life().repositories.list(World.caller("reader"), "", 100).repositories());
        if (answer.isDone()) {
          Goods.REPOSITORIES.forEach(each -> require(known(each, answer.value().contains(each), from), "a list of repositories is wrong",
              each, answer));
        }
      }
      default -> {
        Digest subject = Goods.DOCUMENTS.getFirst().digest();
        Answer<Referrers.Page> answer =
            ask("the referrers of " + subject, () -> life().referrers.list(World.caller("checker"), repository, subject,
                new Referrers.Asked(ReferrerFilter.SUBJECT, Referrers.Data.NONE, Referrer.Place.START, 100, 1 << 20)));
        if (answer.isDone()) {
          List<Digest> listed = answer.value().referrers().stream().map(Referrer::descriptor).map(d -> d.digest()).toList();
          Goods.DOCUMENTS.stream().filter(each -> each.subject().filter(subject::equals).isPresent())
              .forEach(each -> judge(Thing.manifest(repository, each.digest()), listed.contains(each.digest()), from));
        }
      }
    }
  }

  private boolean known(RepositoryName repository, boolean listed, int from) {
    Thing thing = Thing.repository(repository);
    return listed ? history().mayBeThere(thing, from, history().now()) : history().mayBeAbsent(thing, from, history().now());
  }

  private void judge(Thing thing, boolean listed, int from) {
    int to = history().now();
    require(listed ? history().mayBeThere(thing, from, to) : history().mayBeAbsent(thing, from, to), "a list of referrers is wrong",
        listed);
  }
}
