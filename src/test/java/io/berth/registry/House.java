package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.BlobSource;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.Manifest;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.AccessPolicy;
import io.berth.policy.DeletionRules;
import io.berth.policy.Discovery;
import io.berth.policy.Identity;
import io.berth.policy.ReferrerRules;
import io.berth.policy.Rights;
import io.berth.policy.SparseRules;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.storage.BlobStore;
import io.berth.storage.memory.MemoryBlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;

/** All verbs over real stores, with a clock that a test sets and identifiers that it can foresee. */
final class House implements AutoCloseable {

  static final RepositoryName APP = RepositoryName.parse("team/app");
  static final RepositoryName LIB = RepositoryName.parse("team/lib");
  static final Caller ALICE = new Caller(Rights.open(new Identity.User("alice")), "test/1", "192.0.2.1");
  static final Caller BOB = new Caller(Rights.open(new Identity.User("bob")), "test/1", "192.0.2.1");
  static final Caller NOBODY = new Caller(Rights.open(new Identity.Anonymous()), "test/1", "192.0.2.1");
  /** Nobody in particular, where only users may do something. */
  static final Caller STRANGER = new Caller(new Rights(AccessPolicy.USERS, new Identity.Anonymous()), "test/1", "192.0.2.1");
  static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  static final Duration GRACE = Duration.ofHours(24);

  final AtomicReference<Instant> now = new AtomicReference<>(START);
  final InstantSource clock = now::get;
  final AtomicReference<Duration> steady = new AtomicReference<>(Duration.ZERO);
  final AtomicReference<ReferrerRules> referrerRules = new AtomicReference<>(ReferrerRules.DEFAULT);
  final AtomicReference<SparseRules> sparseRules = new AtomicReference<>(SparseRules.DEFAULT);
  final AtomicReference<Fetches> fetches = new AtomicReference<>(Fetches.NONE);
  final MemoryBlobStore storage = new MemoryBlobStore(clock);
  final DigestLocks digests = new DigestLocks(ReentrantReadWriteLock::new);
  final MetadataStore metadata;
  final TagTerms terms;
  final Mode mode = new Mode(false);
  final Leases leases;
  final Garbage garbage;
  final ManifestCache cache = new ManifestCache();
  final Uploads uploads;
  final Blobs blobs;
  final Tags tags;
  final TagLists tagLists;
  final Collection<RepositoryName> changed = new ConcurrentLinkedQueue<>();
  final Manifests manifests;
  final Referrers referrers;
  final Graphs graphs;
  final Repositories repositories;
  private final AtomicInteger ids = new AtomicInteger();

  House(Path folder, DeletionRules deletion) {
    this(folder, new TagTerms(deletion, TagRules.NONE, TagTerms.DEFAULT.window()));
  }

  House(Path folder, TagTerms terms) {
    this(SqliteMetadataStore.open(folder.resolve("metadata.db")), terms, GRACE);
  }

  House(MetadataStore metadata, TagTerms terms, Duration grace) {
    this(metadata, terms, grace, TagTrust.NONE);
  }

  House(MetadataStore metadata, TagTerms terms, Duration grace, TagTrust trust) {
    this.metadata = metadata;
    this.leases = new Leases(metadata, grace, clock, mode);
    this.terms = terms;
    this.garbage = freshGarbage(storage);
    this.uploads = freshUploads();
    this.blobs = new Blobs(metadata, storage, terms, leases, uploads, Fetches.NONE);
    var news = new TagNews(cache, changed::add);
    var labels = new ImageLabels(metadata, storage);
    this.tags = new Tags(metadata, news, terms, labels, trust, clock);
    this.tagLists = new TagLists(metadata);
    this.manifests =
        new Manifests(metadata, tags, news, cache, terms, labels, leases, departures(), sparseRules.get(), fetches.get(), clock);
    this.referrers = new Referrers(metadata, storage);
    this.graphs = new Graphs(metadata);
    this.repositories = new Repositories(metadata, cache, terms, leases, _ -> {
    });
  }

  House(Path folder) {
    this(folder, TagTerms.DEFAULT);
  }

  /** The verb as another process, or this one after a restart, would have it. */
  Uploads freshUploads() {
    return freshUploads(UploadLimits.DEFAULT);
  }

  Uploads freshUploads(UploadLimits limits) {
    return uploads(storage, limits);
  }

  /** The verb over another store. */
  Uploads uploadsOver(BlobStore other) {
    return uploads(other, UploadLimits.DEFAULT);
  }

  private Uploads uploads(BlobStore over, UploadLimits limits) {
    return new Uploads(metadata, over, leases, digests, clock, () -> "upload" + ids.incrementAndGet(), limits, Patience.OF_A_REQUEST);
  }

  /** What manifests leave behind, by the rules as they are. */
  Departures departures() {
    return new Departures(metadata, cache, referrerRules.get(), terms, leases, clock);
  }

  /** The verb under other rules for referrers, which the collector goes by from now on. */
  Manifests manifests(ReferrerRules rules) {
    referrerRules.set(rules);
    return new Manifests(metadata, tags, new TagNews(cache, changed::add), cache, terms, new ImageLabels(metadata, storage), leases,
        departures(), sparseRules.get(), fetches.get(), clock);
  }

  /** The verb under other rules about what must be there, by which copies go from now on, too. */
  Manifests manifests(SparseRules rules) {
    sparseRules.set(rules);
    return manifests(referrerRules.get());
  }

  /** What deletions would do. */
  DeletionPlans plans() {
    return new DeletionPlans(metadata, tags, manifests, repositories, departures(), clock);
  }

  /** The same for the collector. */
  Garbage freshGarbage(BlobStore over) {
    return new Garbage(metadata, over, leases, digests, clock, () -> steady.get().toNanos(), this::departures);
  }

  Mounts mounts() {
    return new Mounts(metadata, leases, clock, Discovery.READABLE);
  }

  Copies copies(int manifests) {
    return copies(new Copies.Pace(manifests, Duration.ofSeconds(15)), () -> steady.get().toNanos());
  }

  /** The same at its own pace, with another steady clock. */
  Copies copies(LongSupplier nanos) {
    return copies(Copies.Pace.OF_A_REQUEST, nanos);
  }

  private Copies copies(Copies.Pace pace, LongSupplier nanos) {
    return new Copies(metadata, tags, new TagNews(cache, changed::add), leases, sparseRules.get(), clock, nanos, pace);
  }

  /** How many bytes are staged for an upload. */
  long staged(String upload) {
    return storage.stagedSize(upload);
  }

  void pass(Duration time) {
    steady.updateAndGet(passed -> passed.plus(time));
    now.updateAndGet(instant -> instant.plus(time));
  }

  /** What the collector does until nothing is due. */
  Garbage.Work collect() {
    Garbage.Work done = garbage.step();
    while (done.more()) {
      done = done.and(garbage.step());
    }
    return done;
  }

  boolean isStored(Digest blob) {
    return storage.open(blob).isPresent();
  }

  @Override
  public void close() {
    metadata.close();
  }

  /** A body of these pieces. */
  static BlobSource body(String... pieces) {
    Iterator<String> left = List.of(pieces).iterator();
    return () -> left.hasNext() ? ByteBuffer.wrap(Documents.bytes(left.next())) : null;
  }

  /** A body that breaks off behind these pieces. */
  static BlobSource broken(String... pieces) {
    BlobSource whole = body(pieces);
    return () -> {
      ByteBuffer next = whole.next();
      if (next == null) {
        throw new IOException("connection reset");
      }
      return next;
    };
  }

  /** Pushes a blob. */
  Digest blob(RepositoryName repository, String content) {
    Digest digest = Documents.digest(content);
    uploads.push(ALICE, repository, digest, body(content));
    return digest;
  }

  /** Pushes a manifest with everything it needs, if these blobs are what it needs. */
  Digest image(RepositoryName repository, TagOrDigest name, String config, String... layers) {
    blob(repository, config);
    for (String layer : layers) {
      blob(repository, layer);
    }
    return put(repository, name, Documents.image(config, layers));
  }

  Digest put(RepositoryName repository, TagOrDigest name, String document) {
    return manifests.put(ALICE, repository, name, List.of(), null, Precondition.NONE, Documents.bytes(document)).digest();
  }

  Digest put(RepositoryName repository, String document) {
    return put(repository, Documents.digest(document), document);
  }

  /** Stores many manifests at once, whatever they need. */
  List<Digest> putAll(RepositoryName repository, List<String> documents) {
    return metadata.write(tx -> documents.stream().map(document -> {
      byte[] bytes = Documents.bytes(document);
      Manifest parsed = Manifest.parse(null, bytes);
      tx.putManifest(repository, new StoredManifest(Documents.digest(document), parsed.mediaType(), bytes), parsed, now.get(),
          leases.until());
      return Documents.digest(document);
    }).toList());
  }

  static Tag tag(String text) {
    return Tag.parse(text);
  }

  /** The codes of the refusal, or an error if there is none. */
  static List<ErrorCode> refusal(Runnable act) {
    return caught(act).problems().stream().map(RegistryException.Problem::code).toList();
  }

  static RegistryException caught(Runnable act) {
    RegistryException caught = caughtOrNull(act);
    if (caught == null) {
      throw new AssertionError("it was not refused");
    }
    return caught;
  }

  /** The refusal, if there is one. */
  static RegistryException caughtOrNull(Runnable act) {
    try {
      act.run();
      return null;
    } catch (RegistryException e) {
      return e;
    }
  }

  /** A task that knows which thread it runs in. */
  interface Numbered {
    void run(int number) throws Exception;
  }

  /** Runs the task in as many threads as asked for, each with its number, and waits for all. */
  static void inThreads(int threads, Numbered task) throws Exception {
    var tasks = new ArrayList<Callable<Object>>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      tasks.add(() -> {
        task.run(number);
        return number;
      });
    }
    try (var pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Object> done : pool.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
