package io.berth.metadata.sql;

import io.berth.metadata.NamePatterns;
import io.berth.metadata.TagMove;
import io.berth.metadata.Upload;
import io.berth.oci.Author;
import io.berth.oci.Backlog;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.Referrer;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.TagFilter;
import io.berth.oci.Tagged;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The transaction that work is given, for reading or writing: each question and change handed to the table that knows, behind the locks it needs. */
final class SqlTransaction extends TransactionParts {

  private final Locks locks;
  private final RepositoryTable repositories;
  private final BlobTable blobs;
  private final OrphanQueue orphans;
  private final ManifestTable manifests;
  private final TagEventTable events;
  private final TagTable tags;
  private final UploadTable uploads;
  private final ClockTable clock;

  /** One of a store for which no pattern matters. */
  SqlTransaction(Session session, Locks locks) {
    this(session, locks, NamePatterns.NONE);
  }

  SqlTransaction(Session session, Locks locks, NamePatterns patterns) {
    super(session, locks);
    this.locks = locks;
    this.repositories = new RepositoryTable(session, patterns);
    this.blobs = new BlobTable(session);
    this.orphans = new OrphanQueue(session);
    this.manifests = new ManifestTable(session, locks);
    this.events = new TagEventTable(session, locks);
    this.tags = new TagTable(session, repositories, events);
    this.uploads = new UploadTable(session, locks);
    this.clock = new ClockTable(session);
  }

  @Override
  public boolean repositoryExists(RepositoryName repository) {
    locks.share(repository);
    boolean exists = repositories.exists(repository);
    locks.absentUnless(exists, repository);
    return exists;
  }

  @Override
  public List<RepositoryName> repositories(String after, int limit) {
    locks.allRepositories();
    return repositories.page(RepositoryTable.position(after), limit);
  }

  @Override
  public Optional<RepositoryUsage> usage(RepositoryName repository) {
    locks.own(repository);
    return repositories.usage(repository);
  }

  @Override
  public long unsharedBytes(RepositoryName repository) {
    locks.own(repository);
    return repositories.unsharedBytes(repository);
  }

  @Override
  public boolean deleteRepository(RepositoryName repository, Instant due) {
    locks.own(repository);
    presence().forget(repository);
    blobs.orphanAll(repository, due);
    return repositories.delete(repository);
  }

  @Override
  public Optional<HeldBlob> heldBlob(RepositoryName repository, Digest blob) {
    locks.share(repository);
    Optional<HeldBlob> held = blobs.held(repository, blob);
    locks.absentUnless(held.isPresent(), repository);
    return held;
  }

  @Override
  public void linkBlob(RepositoryName repository, Digest blob, long size, Instant now, Instant until) {
    locks.share(repository);
    repositories.create(repository, now);
    presence().comesAsBlob(repository, blob, now);
    blobs.link(repository, blob, size, now, until);
  }

  @Override
  public void renewLease(RepositoryName repository, Digest blob, Instant until) {
    locks.share(repository);
    blobs.renew(repository, blob, until);
  }

  @Override
  public void endLease(RepositoryName repository, Digest blob) {
    locks.own(repository);
    blobs.keep(repository, blob);
  }

  @Override
  public boolean unlinkBlob(RepositoryName repository, Digest blob, Instant due) {
    locks.own(repository);
    return blobs.unlink(repository, blob, due);
  }

  @Override
  public List<DueLink> dueLinks(Instant now, int limit) {
    return blobs.due(now, limit);
  }

  @Override
  public List<Orphan> dueOrphans(Instant now, int limit) {
    return orphans.due(now, limit);
  }

  @Override
  public boolean isCondemned(Digest blob) {
    return orphans.isCondemned(blob);
  }

  @Override
  public Backlog backlog(Instant now) {
    return orphans.backlog(now);
  }

  @Override
  public void orphanBlob(Digest blob, long size, Instant now, Instant due) {
    orphans.add(blob, size, now, due);
  }

  @Override
  public boolean condemnBlob(Digest blob, Instant now, Instant first) {
    return orphans.condemn(blob, now, first);
  }

  @Override
  public void postponeOrphan(Digest blob, Instant due) {
    orphans.postpone(blob, due);
  }

  @Override
  public boolean deleteBlob(Digest blob) {
    return orphans.delete(blob);
  }

  @Override
  public Optional<StoredManifest> manifest(RepositoryName repository, Digest manifest) {
    locks.name(repository, manifest);
    return manifests.find(repository, manifest);
  }

  @Override
  public Optional<StoredManifest> manifest(RepositoryName repository, Tag tag) {
    locks.own(repository);
    return manifests.find(repository, tag);
  }

  @Override
  public OptionalLong manifestSize(RepositoryName repository, Digest manifest) {
    return manifests.size(repository, manifest);
  }

  @Override
  public void putManifest(RepositoryName name, StoredManifest stored, Manifest parsed, Set<String> withheld, Instant now, Instant until) {
    locks.name(name, stored.digest());
    repositories.create(name, now);
    presence().comes(name, stored.digest(), now);
    manifests.put(name, stored, parsed, withheld, now).forEach(blob -> blobs.release(name, blob, until));
  }

  @Override
  public boolean deleteManifest(RepositoryName repository, Digest manifest, Instant until) {
    locks.own(repository);
    return manifests.delete(repository, manifest, until);
  }

  @Override
  public Optional<Digest> neededBy(RepositoryName repository, Digest content) {
    locks.own(repository);
    return manifests.neededBy(repository, content);
  }

  @Override
  public List<Digest> holders(RepositoryName repository, Digest content, int limit) {
    locks.own(repository);
    return manifests.holders(repository, content, limit);
  }

  @Override
  public Optional<Descriptor> descriptor(RepositoryName repository, Digest manifest) {
    return manifests.descriptor(repository, manifest);
  }

  @Override
  public List<Referrer> referrers(RepositoryName repository, Digest target, ReferrerFilter filter, Referrer.Place after, int limit) {
    locks.own(repository);
    return manifests.referrers(repository, target, filter, after, limit);
  }

  @Override
  public Optional<TagState> tag(RepositoryName repository, Tag tag) {
    locks.name(repository, tag);
    return tags.find(repository, tag);
  }

  @Override
  public List<Tag> tags(RepositoryName repository, String after, int limit) {
    locks.own(repository);
    return tags.page(repository, RepositoryTable.position(after), limit);
  }

  @Override
  public List<Tag> tagsOf(RepositoryName repository, Digest target) {
    locks.own(repository);
    return tags.of(repository, target);
  }

  @Override
  public boolean isTagged(RepositoryName repository, Digest target) {
    locks.name(repository, target);
    return tags.isTarget(repository, target);
  }

  @Override
  public Optional<Tagged> tagged(RepositoryName repository, Tag tag) {
    locks.name(repository, tag);
    return tags.whole(repository, tag);
  }

  @Override
  public List<Tagged> tagged(RepositoryName repository, TagFilter filter, String after, int limit) {
    locks.own(repository);
    return tags.page(repository, filter, RepositoryTable.position(after), limit);
  }

  @Override
  public List<TagEvent> tagsByAge(RepositoryName repository, boolean newestFirst, @Nullable Age after, int limit) {
    locks.own(repository);
    return tags.byAge(repository, newestFirst, after, limit);
  }

  @Override
  public List<TagEvent> tagsForwards(RepositoryName repository, @Nullable Tag after, int limit) {
    locks.own(repository);
    return tags.forwards(repository, after, limit);
  }

  @Override
  public List<TagEvent> tagsBackwards(RepositoryName repository, @Nullable Tag before, int limit) {
    locks.own(repository);
    return tags.backwards(repository, before, limit);
  }

  @Override
  public Progress progress(RepositoryName repository) {
    locks.own(repository);
    return repositories.progress(repository);
  }

  @Override
  public long firstSequence(RepositoryName repository) {
    locks.share(repository);
    return repositories.first(repository);
  }

  @Override
  public long sequenceAt(RepositoryName repository, Instant instant) {
    return events.sequenceAt(repository, instant);
  }

  @Override
  public long totalAt(RepositoryName repository, long sequence) {
    return events.totalAt(repository, sequence);
  }

  @Override
  public Optional<Tagged> taggedAt(RepositoryName repository, Tag tag, long sequence) {
    return events.at(repository, tag, sequence);
  }

  @Override
  public Past taggedAt(RepositoryName repository, TagFilter filter, String after, long sequence, int limit) {
    return events.at(repository, filter, RepositoryTable.position(after), sequence, limit);
  }

  @Override
  public List<TagEvent> history(RepositoryName repository, Tag tag, long before, long since, @Nullable Digest digest, int limit) {
    return events.history(repository, tag, before, since, digest, limit);
  }

  @Override
  public List<TagEvent> changes(RepositoryName repository, long after, int limit) {
    return events.changes(repository, after, limit);
  }

  @Override
  public List<DueTag> dueTags(Instant now, int limit) {
    return tags.due(now, limit);
  }

  @Override
  public Optional<Instant> expiry(RepositoryName repository, Tag tag) {
    locks.name(repository, tag);
    return tags.expiry(repository, tag);
  }

  @Override
  public List<TagEvent> moveTags(RepositoryName repository, List<TagMove> moves, Author author, Instant now) {
    moves.forEach(move -> locks.name(repository, move.tag()));
    return tags.change(repository, moves, author, now);
  }

  @Override
  public void expireTag(RepositoryName repository, Tag tag, @Nullable Instant at) {
    locks.name(repository, tag);
    tags.expire(repository, tag, at);
  }

  @Override
  public void releaseBlob(RepositoryName repository, Digest blob, Instant until) {
    locks.share(repository);
    blobs.release(repository, blob, until);
  }

  @Override
  public Optional<Upload> upload(String id) {
    return uploads.find(id);
  }

  @Override
  public List<Upload> idleUploads(Instant since, int limit) {
    return uploads.idle(since, limit);
  }

  @Override
  public List<Upload> uploadsOf(String principal, String address, int limit) {
    return uploads.of(principal, address, limit);
  }

  @Override
  public Optional<Instant> clockSeen() {
    return clock.seen();
  }

  @Override
  public void seeClock(Instant now) {
    clock.see(now);
  }

  @Override
  public void putUpload(Upload upload) {
    uploads.put(upload);
  }

  @Override
  public void deleteUpload(String id) {
    uploads.delete(id);
  }
}
