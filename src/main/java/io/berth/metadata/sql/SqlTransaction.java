package io.berth.metadata.sql;

import io.berth.metadata.TagEvent;
import io.berth.metadata.Upload;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The transaction that work is given: each question and change handed to the table that knows. Serves reading and writing alike. */
final class SqlTransaction implements WriteTransaction {

  private final RepositoryTable repositories;
  private final BlobTable blobs;
  private final ManifestTable manifests;
  private final TagTable tags;
  private final UploadTable uploads;

  SqlTransaction(Session session) {
    this.repositories = new RepositoryTable(session);
    this.blobs = new BlobTable(session);
    this.manifests = new ManifestTable(session);
    this.tags = new TagTable(session, repositories);
    this.uploads = new UploadTable(session);
  }

  @Override
  public boolean repositoryExists(RepositoryName repository) {
    return repositories.exists(repository);
  }

  @Override
  public List<RepositoryName> repositories(String after, int limit) {
    return repositories.page(after, limit);
  }

  @Override
  public Optional<RepositoryUsage> usage(RepositoryName repository) {
    return repositories.usage(repository);
  }

  @Override
  public boolean deleteRepository(RepositoryName repository) {
    return repositories.delete(repository);
  }

  @Override
  public OptionalLong blobSize(RepositoryName repository, Digest blob) {
    return blobs.size(repository, blob);
  }

  @Override
  public void linkBlob(RepositoryName repository, Digest blob, long size, Instant now) {
    repositories.create(repository, now);
    blobs.link(repository, blob, size, now);
  }

  @Override
  public boolean unlinkBlob(RepositoryName repository, Digest blob) {
    return blobs.unlink(repository, blob);
  }

  @Override
  public Optional<StoredManifest> manifest(RepositoryName repository, Digest manifest) {
    return manifests.find(repository, manifest);
  }

  @Override
  public Optional<StoredManifest> manifest(RepositoryName repository, Tag tag) {
    return manifests.find(repository, tag);
  }

  @Override
  public OptionalLong manifestSize(RepositoryName repository, Digest manifest) {
    return manifests.size(repository, manifest);
  }

  @Override
  public void putManifest(RepositoryName repository, StoredManifest stored, Manifest parsed, Instant now) {
    repositories.create(repository, now);
    manifests.put(repository, stored, parsed, now);
  }

  @Override
  public boolean deleteManifest(RepositoryName repository, Digest manifest) {
    return manifests.delete(repository, manifest);
  }

  @Override
  public Optional<Digest> neededBy(RepositoryName repository, Digest content) {
    return manifests.neededBy(repository, content);
  }

  @Override
  public List<Referrer> referrers(RepositoryName repository, Digest subject, @Nullable MediaType artifactType, long after, int limit) {
    return manifests.referrers(repository, subject, artifactType, after, limit);
  }

  @Override
  public Optional<TagState> tag(RepositoryName repository, Tag tag) {
    return tags.find(repository, tag);
  }

  @Override
  public List<Tag> tags(RepositoryName repository, String after, int limit) {
    return tags.page(repository, after, limit);
  }

  @Override
  public List<Tag> tagsOf(RepositoryName repository, Digest target) {
    return tags.of(repository, target);
  }

  @Override
  public List<TagEvent> history(RepositoryName repository, Tag tag, int limit) {
    return tags.history(repository, tag, limit);
  }

  @Override
  public @Nullable TagEvent changeTag(RepositoryName repository, Tag tag, @Nullable Digest to, String actor, String client, Instant now) {
    return tags.change(repository, tag, to, actor, client, now);
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
  public void putUpload(Upload upload) {
    uploads.put(upload);
  }

  @Override
  public void deleteUpload(String id) {
    uploads.delete(id);
  }
}
