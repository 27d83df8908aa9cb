package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.TagTerms;
import io.berth.registry.Absentees.Listing;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reading and deleting blobs (distribution specification, end-2 and end-10). Safe for any thread. */
public final class Blobs {

  private static final Logger LOG = LoggerFactory.getLogger(Blobs.class);

  private final MetadataStore metadata;
  private final BlobStore storage;
  private final TagTerms terms;
  private final Leases leases;
  private final Uploads uploads;
  private final Fetches fetches;

  /**
   * The verb.
   *
   * @param uploads stores what was fetched
   */
  public Blobs(MetadataStore metadata, BlobStore storage, TagTerms terms, Leases leases, Uploads uploads, Fetches fetches) {
    this.metadata = metadata;
    this.storage = storage;
    this.terms = terms;
    this.leases = leases;
    this.uploads = uploads;
    this.fetches = fetches;
  }

  /**
   * The size in bytes of a blob that the repository holds. Who was told may rely on it for half a grace ({@link Leases}).
   *
   * @throws RegistryException {@code BLOB_UNKNOWN}, also where only another repository holds it
   */
  public long size(Caller caller, RepositoryName repository, Digest blob) {
    try {
      return leases.promise(caller, repository, blob);
    } catch (RegistryException unknown) {
      if (fetches.serves(repository) && isFetched(repository, look(caller, repository, blob))) {
        return leases.promise(caller, repository, blob);
      }
      throw unknown; // in the words of GET, which nobody reads here
    }
  }

  /**
   * Opens a blob that the repository holds; the caller closes it. What a manifest needs that the caller may read, and the repository lacks, is fetched
   * from where it may be had.
   *
   * @throws RegistryException {@code BLOB_UNKNOWN}, also where only another repository holds it
   */
  public BlobContent open(Caller caller, RepositoryName repository, Digest blob) {
    long size = find(caller, repository, blob);
    try {
      Optional<BlobContent> content = storage.open(blob);
      if (content.isEmpty()) {
        // the link may have expired in between, and the bytes have gone with it; then the blob is unknown, or has been pushed again
        size = find(caller, repository, blob);
        content = storage.open(blob);
      }
      if (content.isPresent() && content.get().size() == size) {
        return content.get();
      }
      if (content.isPresent()) {
        content.get().close();
      }
      LOG.error("blob {} of repository {} should have {} bytes in storage, but is {}", blob, repository, size,
          content.isPresent() ? "of another size" : "missing");
      throw new RegistryException(ErrorCode.BLOB_UNKNOWN, "the blob's bytes are damaged or missing in this registry: push it again",
          blob.toString());
    } catch (IOException e) {
      throw new StorageException("a blob can't be opened", e);
    }
  }

  private long find(Caller caller, RepositoryName repository, Digest blob) {
    Look look = look(caller, repository, blob);
    if (look.size.isEmpty() && fetches.serves(repository) && isFetched(repository, look)) {
      look = look(caller, repository, blob);
    }
    Optional<Listing> listing = look.listing;
    return look.size.orElseThrow(() -> listing.map(Listing::words)
        .map(words -> new RegistryException(ErrorCode.BLOB_UNKNOWN, words, blob.toString())).orElseGet(() -> Leases.unknown(blob)));
  }

  /** What the caller may read of a blob: its size or, if there is none to him, what needs it. */
  private record Look(OptionalLong size, Optional<Listing> listing) {}

  private Look look(Caller caller, RepositoryName repository, Digest blob) {
    return metadata.read(tx -> {
      var reach = Reach.of(tx, caller, repository, leases.recent());
      OptionalLong size = reach.shows(blob) ? tx.blobSize(repository, blob) : OptionalLong.empty();
      return new Look(size, size.isPresent() ? Optional.empty() : Absentees.ofBlob(tx, reach, repository, blob));
    });
  }

  private boolean isFetched(RepositoryName repository, Look look) {
    return look.listing.filter(Listing::reaches).filter(found -> fetches.blob(repository, found.wanted(), uploads)).isPresent();
  }

  /**
   * Ends the repository's hold of a blob. Whoever may delete everything may delete what he can't read, too.
   *
   * @throws RegistryException {@code DENIED} (403) to who may not delete everything; {@code BLOB_UNKNOWN}; {@code UNSUPPORTED} (405) if deletion is off, or a manifest or tag needs the blob
   */
  public void delete(Caller caller, RepositoryName repository, Digest blob) {
    Deletions.requireEnabled(terms.deletion());
    Deletions.requireWhole(caller, repository);
    metadata.write(tx -> {
      if (tx.blobSize(repository, blob).isEmpty()) {
        throw Leases.unknown(blob);
      }
      Reach reach = Reach.again(tx, caller, repository, Ways.NONE);
      ImmutableTags.requireNone(tx, reach, terms.rules(), repository, blob);
      List<Tag> tags = tx.tagsOf(repository, blob);
      if (!tags.isEmpty()) {
        throw InTheWay.pointing(reach, tags);
      }
      Optional<Digest> manifest = terms.deletion().neededBlobs() ? Optional.empty() : tx.neededBy(repository, blob);
      if (manifest.isPresent()) {
        throw InTheWay.needing(reach, manifest.get());
      }
      boolean held = tx.unlinkBlob(repository, blob, leases.until());
      tx.presence().went(repository, blob, leases.now());
      return held;
    });
  }
}
