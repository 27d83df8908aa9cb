package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ImageConfig;
import io.berth.oci.Manifest;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.policy.ExpiryLabel;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * After which time an image says of itself that it expires: the label {@code quay.expires-after} of its configuration, or the annotation of that
 * name on the manifest. Read outside of transactions, since it takes a file. Safe for any thread.
 */
public final class ImageLabels {

  /** A configuration beyond this many bytes is not read: those that build tools make have a few thousand. */
  private static final long CONFIG_BYTES = 1 << 20;

  private final MetadataStore metadata;
  private final BlobStore storage;

  public ImageLabels(MetadataStore metadata, BlobStore storage) {
    this.metadata = metadata;
    this.storage = storage;
  }

  /** What a manifest of the repository says; {@code null} if nothing. */
  @Nullable Duration expiry(RepositoryName repository, Digest digest) {
    StoredManifest stored = metadata.<Optional<StoredManifest>>read(tx -> tx.manifest(repository, digest)).orElse(null);
    return stored == null ? null : expiry(repository, Manifest.parse(stored.mediaType(), stored.bytes()));
  }

  /** What a manifest says; {@code null} if nothing. Only what the repository holds is looked into: what others have is nobody's business. */
  @Nullable Duration expiry(RepositoryName repository, Manifest manifest) {
    String annotation = manifest.annotations().get(ExpiryLabel.NAME);
    if (annotation != null) {
      return ExpiryLabel.parse(annotation).orElse(null);
    }
    return manifest.edges().stream().filter(edge -> edge.kind() == Edge.Kind.CONFIG).map(edge -> edge.target().digest()).findFirst()
        .filter(config -> metadata.read(tx -> tx.blobSize(repository, config)).isPresent()).flatMap(this::label)
        .flatMap(ExpiryLabel::parse).orElse(null);
  }

  private Optional<String> label(Digest config) {
    try (BlobContent content = storage.open(config).orElse(null)) {
      if (content == null || content.size() > CONFIG_BYTES) {
        return Optional.empty();
      }
      var bytes = ByteBuffer.allocate((int) content.size());
      while (bytes.hasRemaining() && content.read(bytes, bytes.position()) >= 0) {
        // until it is whole
      }
      return ImageConfig.label(bytes.array(), ExpiryLabel.NAME);
    } catch (IOException e) {
      throw new StorageException("an image's configuration can't be read", e);
    }
  }
}
