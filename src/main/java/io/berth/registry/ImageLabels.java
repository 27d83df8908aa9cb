package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ImageConfig;
import io.berth.oci.Manifest;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.TagObject;
import io.berth.policy.ExpiryLabel;
import io.berth.policy.TagRules;
import io.berth.registry.Tags.Operation;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * After which time an image says of itself that it expires: the label {@code quay.expires-after} of its configuration, or the annotation of that
 * name on the manifest. Read before a transaction, since it takes a file; a digest always says the same. Safe for any thread.
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

  /** Of the targets of those operations for which a rule asks. */
  Map<Digest, Duration> expiries(RepositoryName repository, List<Operation> operations, TagRules rules) {
    Map<Digest, Duration> found = new HashMap<>();
    for (Operation operation : operations) {
      if (!rules.readsLabel(repository, operation.tag())) {
        continue;
      }
      Digest target = switch (operation.proposal()) {
        case TagProposal.Unsigned(TagObject object) -> object.target().digest();
        case TagProposal.Signed signed -> signed.object().target().digest();
        case TagProposal.Restored(Moment moment) -> metadata.read(tx -> past(tx, repository, operation, moment));
        case TagProposal.Gone _ -> null;
      };
      if (target != null && !found.containsKey(target)) {
        StoredManifest manifest = metadata.<Optional<StoredManifest>>read(tx -> tx.manifest(repository, target)).orElse(null);
        Duration expiry = manifest == null ? null : expiry(Manifest.parse(manifest.mediaType(), manifest.bytes()));
        if (expiry != null) {
          found.put(target, expiry);
        }
      }
    }
    return found;
  }

  private static @Nullable Digest past(ReadTransaction tx, RepositoryName repository, Operation operation, Moment moment) {
    return tx.taggedAt(repository, operation.tag(), Tags.sequence(tx, repository, moment)).map(tagged -> tagged.content().target().digest())
        .orElse(null);
  }

  /** What a manifest says; {@code null} if nothing. */
  @Nullable Duration expiry(Manifest manifest) {
    String annotation = manifest.annotations().get(ExpiryLabel.NAME);
    if (annotation != null) {
      return ExpiryLabel.parse(annotation).orElse(null);
    }
    return manifest.edges().stream().filter(edge -> edge.kind() == Edge.Kind.CONFIG && edge.target().size() <= CONFIG_BYTES).findFirst()
        .flatMap(edge -> label(edge.target().digest())).flatMap(ExpiryLabel::parse).orElse(null);
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
