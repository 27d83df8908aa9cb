package io.berth.registry;

import io.berth.metadata.ReadTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagObject;
import io.berth.policy.Action;
import io.berth.registry.Tags.Operation;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What tags are to point at: what is stated of it, and what it was at another time, held against what the repository holds now. */
final class TagTargets {

  private TagTargets() {}

  /** The target with what is known of it; what is stated must be true. What the caller can't read is not there. */
  static Descriptor of(ReadTransaction tx, Reach reach, RepositoryName repository, TagObject.Target stated) {
    String digest = stated.digest().toString();
    if (!reach.shows(stated.digest())) {
      throw unknownTarget(stated.digest());
    }
    Optional<Descriptor> manifest = tx.descriptor(repository, stated.digest());
    Descriptor target = manifest.orElseGet(() -> blob(tx, repository, stated));
    if (stated.mediaType() != null && !stated.mediaType().equals(target.mediaType())) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "/target/mediatype is not what the manifest has: " + target.mediaType(),
          digest);
    }
    if (stated.size() != null && stated.size() != target.size()) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "/target/size is not what the target has: " + target.size() + " bytes",
          digest);
    }
    return target;
  }

  private static Descriptor blob(ReadTransaction tx, RepositoryName repository, TagObject.Target stated) {
    long size = tx.blobSize(repository, stated.digest()).orElseThrow(() -> unknownTarget(stated.digest()));
    if (stated.mediaType() == null) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID,
          "/target is a blob, which has no media type of its own: state /target/mediatype",
          stated.digest().toString());
    }
    return new Descriptor(stated.mediaType(), stated.digest(), size, null);
  }

  /** What operations are to have tags point at, whatever it is. */
  static Set<Digest> named(ReadTransaction tx, Caller caller, RepositoryName repository, List<Operation> operations) {
    var named = new HashSet<Digest>();
    for (Operation operation : operations) {
      switch (operation.proposal()) {
        case TagProposal.Gone _ -> {
        }
        case TagProposal.Unsigned(TagObject object) -> named.add(object.target().digest());
        case TagProposal.Signed(TagObject object, SignedTag _, Set<String> _) -> named.add(object.target().digest());
        case TagProposal.Restored(Moment moment) -> {
          if (caller.access(repository).may(Action.PULL, operation.tag())) {
            tx.taggedAt(repository, operation.tag(), sequence(tx, repository, moment)).map(past -> past.content().target().digest())
                .ifPresent(named::add);
          }
        }
      }
    }
    return named;
  }

  private static RegistryException unknownTarget(Digest target) {
    return new RegistryException(ErrorCode.MANIFEST_BLOB_UNKNOWN, "this repository does not hold the target: push it first",
        target.toString());
  }

  /** What the tag was. A signature that can't be true any more, since the manifest is taken for something else now, is left behind. */
  static TagContent past(ReadTransaction tx, Reach reach, RepositoryName repository, Tag tag, Moment moment) {
    TagContent past = tx.taggedAt(repository, tag, sequence(tx, repository, moment)).filter(_ -> reach.shows(tag))
        .orElseThrow(() -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there was no such tag then", tag.value())).content();
    Digest digest = past.target().digest();
    Optional<Descriptor> manifest = tx.descriptor(repository, digest);
    if (!reach.shows(digest) || manifest.isEmpty() && tx.blobSize(repository, digest).isEmpty()) {
      throw unknownTarget(digest);
    }
    return manifest.isEmpty() || manifest.get().equals(past.target())
        ? past
        : new TagContent(manifest.get(), past.description(), past.meta(), null);
  }

  static long sequence(ReadTransaction tx, RepositoryName repository, Moment moment) {
    return switch (moment) {
      case Moment.Sequence(long number) -> number;
      case Moment.Time(Instant instant) -> tx.sequenceAt(repository, instant);
    };
  }
}
