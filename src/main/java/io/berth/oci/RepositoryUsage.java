package io.berth.oci;

import java.util.OptionalLong;

/**
 * What a repository holds.
 *
 * @param tags the number of tags
 * @param manifests the number of manifests
 * @param blobs the number of blobs
 * @param bytes of manifests and blobs, each counted once
 * @param unsharedBytes of those, what no other repository holds: what deleting the repository would free in time; absent: not to be told
 */
public record RepositoryUsage(long tags, long manifests, long blobs, long bytes, OptionalLong unsharedBytes) {

  /** Without what others hold. */
  public RepositoryUsage(long tags, long manifests, long blobs, long bytes) {
    this(tags, manifests, blobs, bytes, OptionalLong.empty());
  }

  public RepositoryUsage withUnshared(long unshared) {
    return new RepositoryUsage(tags, manifests, blobs, bytes, OptionalLong.of(unshared));
  }
}
