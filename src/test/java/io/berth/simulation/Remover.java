package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.registry.Precondition;
import io.berth.simulation.Act.Kind;
import io.berth.simulation.History.Thing;
import java.util.List;

/** Removes tags, manifests, blobs, and repositories. */
final class Remover extends Client {

  Remover(World world) {
    super(world);
  }

  void tag(RepositoryName repository, Tag tag) {
    Act act = history().begin(Kind.DELETE_TAG, repository, null, List.of(tag));
    Answer<TagOrDigest> answer = ask(act, () -> {
      life().manifests.delete(World.caller(act.id), repository, tag, Precondition.NONE);
      return tag;
    });
    require(!answer.isRefused() || answer.isRefused(ErrorCode.MANIFEST_UNKNOWN), "a removal was refused", act, answer);
  }

  void manifest(RepositoryName repository, Digest digest) {
    Act act = history().begin(Kind.DELETE_MANIFEST, repository, digest, List.of());
    Answer<TagOrDigest> answer = ask(act, () -> {
      life().manifests.delete(World.caller(act.id), repository, digest, Precondition.NONE);
      return digest;
    });
    if (answer.isRefused()) {
      require(answer.isRefused(ErrorCode.MANIFEST_UNKNOWN)
          && history().mayBeAbsent(Thing.manifest(repository, digest), act.begun, act.ended), "a removal was refused", act, answer);
    }
  }

  void blob(RepositoryName repository, Digest digest) {
    Act act = history().begin(Kind.DELETE_BLOB, repository, digest, List.of());
    Answer<Digest> answer = ask(act, () -> {
      life().blobs.delete(World.caller("checker"), repository, digest);
      return digest;
    });
    if (answer.isRefused(ErrorCode.UNSUPPORTED)) {
      require(Goods.DOCUMENTS.stream().filter(document -> document.blobs().contains(digest))
          .anyMatch(document -> history().mayBeThere(Thing.manifest(repository, document.digest()), act.begun, act.ended)),
          "nothing needs the blob", act);
    } else if (answer.isRefused()) {
      require(answer.isRefused(ErrorCode.BLOB_UNKNOWN) && history().mayBeAbsent(Thing.blob(repository, digest), act.begun, act.ended),
          "a removal was refused", act, answer);
    }
  }

  void repository(RepositoryName repository) {
    Act act = history().begin(Kind.DELETE_REPOSITORY, repository, null, List.of());
    Answer<RepositoryName> answer = ask(act, () -> {
      life().repositories.delete(World.caller(act.id), repository);
      return repository;
    });
    if (answer.isRefused()) {
      require(answer.isRefused(ErrorCode.NAME_UNKNOWN)
          && history().mayBeAbsent(Thing.repository(repository), act.begun, act.ended), "a removal was refused", act, answer);
    }
  }
}
