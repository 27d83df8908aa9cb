package io.berth.storage.fs;

import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import java.nio.file.Path;

/**
 * Where things lie under the root of a data directory:
 *
 * <pre>
 * docker/registry/v2/blobs/&lt;algorithm&gt;/&lt;first 2 digits&gt;/&lt;digest&gt;/data   blobs, as CNCF Distribution lays them out
 * docker/registry/v2/repositories/                                    Distribution's own names; never ours
 * uploads/&lt;id&gt;                                                        bytes of unfinished uploads
 * metadata.db                                                         the metadata store
 * </pre>
 */
record Layout(Path root) {

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
}
