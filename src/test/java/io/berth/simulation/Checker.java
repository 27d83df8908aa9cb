package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.oci.Digest;
import io.berth.oci.Referrer;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.registry.Completeness;
import io.berth.registry.Manifests;
import io.berth.registry.Referrers;
import io.berth.simulation.Goods.Blob;
import io.berth.simulation.Goods.Document;
import io.berth.simulation.History.Thing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks at a registry that rests, whether it holds what it must hold and nothing that it can't. */
final class Checker {

  private final World world;
  private final Life life;
  private final History history;

  Checker(World world) {
    this.world = world;
    this.life = world.life;
    this.history = world.history;
  }

  void check() {
    for (RepositoryName repository : Goods.REPOSITORIES) {
      TagChecker.believeCopies(world, repository);
      boolean exists = checkRepository(repository);
      long blobs = Goods.BLOBS.stream().filter(blob -> checkBlob(repository, blob)).count();
      long manifests = Goods.DOCUMENTS.stream().filter(document -> checkManifest(repository, document)).count();
      long tags = checkTags(repository, exists);
      checkUsage(repository, exists, tags, manifests, blobs);
      Goods.DOCUMENTS.forEach(subject -> checkReferrers(repository, subject.digest()));
      Goods.INDEXES.forEach(index -> checkCompleteness(repository, index));
      new TagChecker(world, repository).check();
    }
  }

  private void checkPresence(boolean there, Thing thing, String what, Object... about) {
    int now = history.now();
    if (there) {
      require(history.mayBeThere(thing, now, now), what + " is there that can't be", about);
    } else {
      require(history.mayBeAbsent(thing, now, now), what + " is lost", about);
    }
  }

  private boolean checkRepository(RepositoryName repository) {
    boolean exists = life.metadata.read(tx -> tx.repositoryExists(repository));
    checkPresence(exists, Thing.repository(repository), "a repository", repository);
    require(life.repositories.list(World.caller("checker"), "", 100).repositories().contains(repository) == exists,
        "the list of repositories is wrong",
        repository);
    return exists;
  }

  private boolean checkBlob(RepositoryName repository, Blob blob) {
    Long size = found(() -> life.blobs.size(World.caller("checker"), repository, blob.digest()));
    checkPresence(size != null, Thing.blob(repository, blob.digest()), "a blob", repository, blob.digest());
    if (size == null) {
      return false;
    }
    byte[] bytes = found(() -> Reader.bytes(life, repository, blob.digest()));
    require(bytes != null, "a blob has a name and no bytes", repository, blob.digest());
    require(size == blob.bytes().length && Arrays.equals(bytes, blob.bytes()), "a blob has other bytes", repository, blob.digest(),
        bytes.length);
    return true;
  }

  private boolean checkManifest(RepositoryName repository, Document document) {
    StoredManifest manifest = same(repository, document.digest());
    checkPresence(manifest != null, Thing.manifest(repository, document.digest()), "a manifest", repository, document.digest());
    if (manifest == null) {
      return false;
    }
    require(Arrays.equals(manifest.bytes(), document.bytes()), "a manifest has other bytes", repository, document.digest());
    for (Digest blob : document.blobs()) {
      require(found(() -> life.blobs.size(World.caller("checker"), repository, blob)) != null, "a manifest is there without its blob",
          repository,
          document.digest(), blob);
    }
    return true;
  }

  /** What memory says and what the store says, which must be the same. */
  private @Nullable StoredManifest same(RepositoryName repository, TagOrDigest name) {
    Function<Manifests, @Nullable StoredManifest> question =
        manifests -> found(() -> manifests.get(World.caller("checker"), repository, name));
    StoredManifest stored = question.apply(life.fresh());
    StoredManifest cached = question.apply(life.manifests);
    require((stored == null) == (cached == null) && (stored == null || stored.digest().equals(cached.digest())),
        "memory is not what the store is", repository, name, String.valueOf(stored), String.valueOf(cached));
    return stored;
  }

  private long checkTags(RepositoryName repository, boolean exists) {
    List<Tag> listed = found(() -> life.tagLists.names(World.caller("checker"), repository, "", 100).tags());
    require((listed != null) == exists, "the list of tags is wrong", repository);
    int count = 0;
    for (Tag tag : Goods.TAGS) {
      StoredManifest target = same(repository, tag);
      var state = life.metadata.read(tx -> tx.tag(repository, tag));
      require(state.isPresent() == (target != null), "a tag has no target", repository, tag);
      require((target != null) == (listed != null && listed.contains(tag)), "the list of tags is wrong", repository, tag);
      if (target != null) {
        require(state.orElseThrow().target().equals(target.digest()), "a tag has another target", repository, tag);
        require(life.metadata.read(tx -> tx.tagsOf(repository, target.digest())).contains(tag), "a target does not know its tag",
            repository,
            tag);
        count++;
      }
    }
    return count;
  }

  private void checkUsage(RepositoryName repository, boolean exists, long tags, long manifests, long blobs) {
    RepositoryUsage usage = found(() -> life.repositories.usage(World.caller("checker"), repository));
    require((usage != null) == exists, "the usage is wrong", repository);
    if (usage != null) {
      require(usage.tags() == tags && usage.manifests() == manifests && usage.blobs() == blobs, "there is something that nobody pushed",
          usage, tags, manifests, blobs);
    }
  }

  private void checkReferrers(RepositoryName repository, Digest subject) {
    List<Digest> listed = life.referrers
        .list(World.caller("checker"), repository, subject,
            new Referrers.Asked(ReferrerFilter.SUBJECT, Referrers.Data.NONE, Referrer.Place.START, 100, 1 << 20))
        .referrers().stream().map(Referrer::descriptor)
        .map(descriptor -> descriptor.digest()).sorted().toList();
    List<Digest> there = Goods.DOCUMENTS.stream().filter(document -> document.subject().filter(subject::equals).isPresent())
        .map(Document::digest).filter(digest -> life.metadata.read(tx -> tx.manifestSize(repository, digest)).isPresent()).sorted()
        .toList();
    require(listed.equals(there), "the list of referrers is wrong", repository, subject, listed, there);
  }

  /** What is said to be missing of an index is missing, and nothing else; the images that are there are whole. */
  private void checkCompleteness(RepositoryName repository, Document index) {
    Completeness.Report report = found(() -> life.completeness.of(World.caller("checker"), repository, index.digest()));
    Set<Digest> missing = index.children().stream()
        .filter(child -> life.metadata.read(tx -> tx.manifestSize(repository, child)).isEmpty()).collect(Collectors.toSet());
    if (report != null) {
      Set<Digest> said = report.absences().stream().map(absence -> absence.edge().target().digest()).collect(Collectors.toSet());
      require(said.equals(missing) && report.whole() == missing.isEmpty(), "an index is said to lack something else", repository,
          index.digest(), report, missing);
    }
  }

  /** What is there; {@code null} if it is unknown. */
  private static <T> @Nullable T found(Supplier<T> question) {
    try {
      return question.get();
    } catch (RegistryException unknown) {
      return null;
    }
  }

  /** Whatever has gone wrong before, everything can be pushed as soon as nothing goes wrong any more. */
  void checkRecovery() {
    for (RepositoryName repository : Goods.REPOSITORIES) {
      Document document = world.choose(Goods.DOCUMENTS);
      require(new Pusher(world).pushAll(repository, document), "a push fails though nothing goes wrong", repository, document.digest());
      new Reader(world).pull(repository, document.digest());
    }
  }

  /** What was about a deleted manifest has followed it, unless a tag holds it, or did so not long ago. */
  private void checkDepartures(RepositoryName repository) {
    for (Document document : Goods.DOCUMENTS) {
      Digest digest = document.digest();
      boolean stays = life.metadata.read(tx -> tx.manifestSize(repository, digest).isPresent()
          && !tx.isTagged(repository, digest) && tx.departures().untagged(repository, digest).isEmpty());
      document.subject().filter(_ -> stays).ifPresent(subject -> require(!history.mustHaveFollowed(repository, digest, subject),
          "a referrer stays for ever", repository, digest));
    }
    require(life.metadata.read(tx -> tx.departures().due(world.now, 1)).isEmpty(), "a departure is never over", repository);
  }

  /**
   * After days without clients nothing unfinished is left, and of the blobs those that manifests need, with their files. The trace of a commit is
   * not synced, so a power failure may leave the bytes of a push that was not acknowledged.
   */
  void checkRest(boolean powerFailed) {
    for (int day = 0; day < 4; day++) {
      world.pass(Duration.ofDays(1));
      life.jobs.forEach(Runnable::run);
    }
    require(life.metadata.read(tx -> tx.idleUploads(world.now.plusSeconds(1), 100)).isEmpty(), "an upload stays for ever");
    require(world.disk.files("uploads").isEmpty(), "something stays in the staging area", world.disk.files("uploads"));
    Goods.REPOSITORIES.forEach(this::checkDepartures);
    Set<String> held = new HashSet<>();
    for (RepositoryName repository : Goods.REPOSITORIES) {
      for (Blob blob : Goods.BLOBS) {
        if (life.metadata.read(tx -> tx.blobSize(repository, blob.digest())).isPresent()) {
          require(life.metadata.read(tx -> tx.neededBy(repository, blob.digest())).isPresent(), "a blob stays that nothing needs",
              repository,
              blob.digest());
          held.add(blob.digest().encoded());
        }
      }
    }
    List<String> stored = world.disk.files("docker").stream().map(file -> Path.of(file).getParent().getFileName().toString()).toList();
    require(stored.containsAll(held), "bytes are lost", stored, held);
    require(powerFailed || held.containsAll(stored), "bytes stay that nobody holds", stored, held);
  }
}
