package io.berth.storage.fs;

import io.berth.oci.Digest;
import io.berth.oci.RegistryException;
import io.berth.storage.BlobStore;
import io.berth.storage.BlobStore.Trace;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Where things lie under the root of a data directory:
 *
 * <pre>
 * docker/registry/v2/blobs/&lt;algorithm&gt;/&lt;first 2 digits&gt;/&lt;digest&gt;/data   blobs, as CNCF Distribution lays them out
 * docker/registry/v2/repositories/                                    Distribution's own names; never ours
 * uploads/&lt;id&gt;                                                        bytes of unfinished uploads
 * uploads/&lt;id&gt;.committed                                              what an upload put among the blobs: a symbolic link to a digest
 * metadata.db                                                         the metadata store
 * </pre>
 */
record Layout(Path root) {

  private static final String TRACE = ".committed";

  /** Before the digest in a trace: there was such a blob before. */
  private static final String AGAIN = "=";

  private static final Base64.Encoder TARGET = Base64.getUrlEncoder().withoutPadding();

  Path blobs() {
    return root.resolve("docker/registry/v2/blobs");
  }

  Path prefix(Digest digest) {
    return blobs().resolve(digest.algorithm().toString()).resolve(digest.encoded().substring(0, 2));
  }

  Path folder(Digest digest) {
    return prefix(digest).resolve(digest.encoded());
  }

  Path uploads() {
    return root.resolve("uploads");
  }

  Path upload(String id) {
    BlobStore.requireIdentifier(id);
    return uploads().resolve(id);
  }

  Path trace(String id) {
    BlobStore.requireIdentifier(id);
    return uploads().resolve(id + TRACE);
  }

  /**
   * What the trace of a commit leads to. Half as long as the digest's text: ext4 keeps a target of less than 60 bytes in the inode itself, and to
   * remove a longer one, as that of sha512, costs it a commit of its journal.
   */
  static Path target(Trace trace) {
    Digest digest = trace.digest();
    return Path.of((trace.isNew() ? "" : AGAIN) + digest.algorithm() + ":"
        + TARGET.encodeToString(HexFormat.of().parseHex(digest.encoded())));
  }

  /** The trace that leads there, if it is one. */
  static Optional<Trace> traceAt(Path target) {
    String text = target.toString();
    boolean isNew = !text.startsWith(AGAIN);
    String[] parts = (isNew ? text : text.substring(AGAIN.length())).split(":", 2);
    try {
      Digest digest = Digest.parse(parts[0] + ":" + HexFormat.of().formatHex(Base64.getUrlDecoder().decode(parts[parts.length - 1])));
      return Optional.of(new Trace(digest, isNew)).filter(found -> target(found).equals(target));
    } catch (IllegalArgumentException | RegistryException _) {
      return Optional.empty();
    }
  }

  /** The upload that a file of {@link #uploads} belongs to, if it is one of ours. */
  static Optional<String> uploadOf(String file) {
    String id = file.endsWith(TRACE) ? file.substring(0, file.length() - TRACE.length()) : file;
    return BlobStore.isIdentifier(id) ? Optional.of(id) : Optional.empty();
  }
}
