package io.berth.simulation;

import io.berth.metadata.MetadataStore;
import io.berth.policy.Discovery;
import io.berth.policy.ReferrerLife;
import io.berth.policy.ReferrerRules;
import io.berth.policy.SparseRules;
import io.berth.policy.TagTerms;
import io.berth.registry.Blobs;
import io.berth.registry.Completeness;
import io.berth.registry.Copies;
import io.berth.registry.Departures;
import io.berth.registry.DigestLocks;
import io.berth.registry.Fetches;
import io.berth.registry.Garbage;
import io.berth.registry.ImageLabels;
import io.berth.registry.Leases;
import io.berth.registry.ManifestCache;
import io.berth.registry.Manifests;
import io.berth.registry.Mode;
import io.berth.registry.Mounts;
import io.berth.registry.Patience;
import io.berth.registry.Referrers;
import io.berth.registry.Repositories;
import io.berth.registry.TagLists;
import io.berth.registry.TagNews;
import io.berth.registry.TagTrust;
import io.berth.registry.Tags;
import io.berth.registry.UploadLimits;
import io.berth.registry.Uploads;
import io.berth.storage.BlobStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.Supplier;

/** The registry from one start to its end: all verbs over stores that fail. What the stores keep outlives it. */
final class Life {

  static final Duration IDLE = Duration.ofHours(1);

  /** So short that a push of an image may be overtaken by it. */
  static final Duration GRACE = Duration.ofMinutes(5);

  /** So slow that a copy takes several requests. */
  private static final Copies.Pace COPYING = new Copies.Pace(2, Duration.ofMinutes(1));

  /** What is about a manifest goes so soon after it that it may be overtaken by it, too. */
  static final Duration REFERRERS_GRACE = Duration.ofSeconds(100);

  private static final ReferrerRules REFERRERS = new ReferrerRules(List.of(), new ReferrerLife.WithSubject(REFERRERS_GRACE));

  final MetadataStore metadata;
  final BlobStore storage;
  final InstantSource clock;
  final Leases leases;
  final Uploads uploads;
  final Blobs blobs;
  final Mounts mounts;
  final Tags tags;
  final Copies copies;
  final TagLists tagLists;
  final Completeness completeness;
  private final SparseRules sparse;
  private final TagNews news;
  private final ImageLabels labels;
  private final Departures departures;
  final Manifests manifests;
  final Referrers referrers;
  final Repositories repositories;

  /** What the registry does by itself, now and then, as one more client. */
  final List<Runnable> jobs;

  private final Garbage garbage;
  private boolean collecting;

  Life(MetadataStore metadata, MetadataStore ofMounts, BlobStore storage, InstantSource clock, Supplier<String> ids, Patience patience,
      Supplier<? extends ReadWriteLock> locks, Runnable reclassify, SparseRules sparse) {
    this.metadata = metadata;
    this.sparse = sparse;
    this.completeness = new Completeness(metadata);
    this.storage = storage;
    this.clock = clock;
    var cache = new ManifestCache();
    this.leases = new Leases(metadata, GRACE, clock, new Mode(false));
    this.departures = new Departures(metadata, cache, REFERRERS, TagTerms.DEFAULT, leases, clock);
    var digests = new DigestLocks(locks);
    this.uploads = new Uploads(metadata, storage, leases, digests, clock, ids, UploadLimits.DEFAULT, patience);
    this.blobs = new Blobs(metadata, storage, TagTerms.DEFAULT, leases, uploads, Fetches.NONE);
    this.mounts = new Mounts(ofMounts, leases, clock, Discovery.READABLE);
    this.news = new TagNews(cache, _ -> {
    });
    this.labels = new ImageLabels(metadata, storage);
    this.tags = new Tags(metadata, news, TagTerms.DEFAULT, labels, TagTrust.NONE, clock);
    this.copies = new Copies(metadata, tags, news, leases, sparse, clock, () -> nanos(clock), COPYING);
    this.tagLists = new TagLists(metadata);
    this.manifests =
        new Manifests(metadata, tags, news, cache, TagTerms.DEFAULT, labels, leases, departures, sparse, Fetches.NONE, clock);
    this.referrers = new Referrers(metadata, storage);
    this.repositories = new Repositories(metadata, cache, TagTerms.DEFAULT, leases, _ -> {
    });
    this.garbage = new Garbage(metadata, storage, leases, digests, clock, () -> nanos(clock), () -> departures);
    this.jobs = List.of(() -> uploads.expire(clock.instant().minus(IDLE), 100), () -> uploads.sweep(clock.instant().minus(IDLE)),
        this::collect, reclassify);
  }

  private static long nanos(InstantSource clock) {
    return Duration.between(Instant.EPOCH, clock.instant()).toNanos();
  }

  /** One round of the collector, unless one is under way: there is one thread for it. */
  void collect() {
    if (collecting) {
      return;
    }
    collecting = true;
    try {
      while (garbage.step().more()) {
        // goes on
      }
    } finally {
      collecting = false;
    }
  }

  /** What the collector has done in this life. */
  Garbage.Work collected() {
    return garbage.total();
  }

  /** The manifests as they would be after a restart, when nothing is in memory. */
  Manifests fresh() {
    return new Manifests(metadata, tags, news, new ManifestCache(), TagTerms.DEFAULT, labels, leases, departures, sparse,
        Fetches.NONE, clock);
  }
}
