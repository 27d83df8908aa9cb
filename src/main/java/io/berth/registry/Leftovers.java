package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.BlobStore.Trace;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears the staging area of what uploads leave there: unfinished bytes, and traces of bytes that were committed. Where an upload brought such
 * bytes and they never became a blob, since the process ended in between, the collector is told of them first. Safe for any thread.
 */
final class Leftovers {

  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  /** Uploads that are asked about together. */
  private static final int BATCH = 500;

  private final MetadataStore metadata;
  private final BlobStore storage;
  private final Leases leases;
  private final InstantSource clock;

  Leftovers(MetadataStore metadata, BlobStore storage, Leases leases, InstantSource clock) {
    this.metadata = metadata;
    this.storage = storage;
    this.leases = leases;
    this.clock = clock;
  }

  /** Forgets what is staged for an upload that has no row any more. What can't be removed is found by {@link #sweep}. */
  void discard(String upload) {
    try {
      clear(upload);
    } catch (IOException e) {
      LOG.warn("what is staged for an upload can't be removed; that is tried again later", e);
    }
  }

  /** The trace goes after the collector knows, so that a crash between loses nothing. */
  private void clear(String upload) throws IOException {
    Optional<Trace> committed = storage.committed(upload).filter(Trace::isNew);
    if (committed.isPresent()) {
      orphan(committed.get().digest());
    }
    storage.discard(upload);
  }

  private void orphan(Digest digest) throws IOException {
    Optional<BlobContent> content = storage.open(digest);
    if (content.isEmpty()) {
      return;
    }
    long size;
    try (BlobContent open = content.get()) {
      size = open.size();
    }
    metadata.write(tx -> {
      tx.orphanBlob(digest, size, clock.instant(), leases.until());
      return digest;
    });
  }

  /** Forgets the trace of an upload whose bytes have a name now. A trace that stays is harmless, and found by {@link #sweep}. */
  void eraseTrace(String upload) {
    try {
      storage.discard(upload);
    } catch (IOException e) {
      LOG.warn("the trace of an upload can't be erased; that is tried again later", e);
    }
  }

  /**
   * Clears what has not been touched since then and belongs to no upload.
   *
   * @return of how many uploads something was cleared
   */
  int sweep(Instant before) {
    try {
      return clear(before);
    } catch (IOException e) {
      throw new StorageException("the staging area can't be cleared", e);
    }
  }

  private int clear(Instant before) throws IOException {
    var old = new ArrayList<String>();
    storage.leftovers(before, old::add);
    int cleared = 0;
    for (int from = 0; from < old.size(); from += BATCH) {
      List<String> some = old.subList(from, Math.min(from + BATCH, old.size()));
      List<String> unknown = metadata.read(tx -> some.stream().distinct().filter(upload -> tx.upload(upload).isEmpty()).toList());
      for (String upload : unknown) {
        discard(upload);
      }
      cleared += unknown.size();
    }
    return cleared;
  }
}
