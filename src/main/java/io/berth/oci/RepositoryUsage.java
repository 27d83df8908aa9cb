package io.berth.oci;

/**
 * What a repository holds.
 *
 * @param tags the number of tags
 * @param manifests the number of manifests
 * @param blobs the number of blobs
 * @param bytes of manifests and blobs, each counted once
 * @param unsharedBytes of those, what no other repository holds: what deleting the repository would free in time
 */
public record RepositoryUsage(long tags, long manifests, long blobs, long bytes, long unsharedBytes) {}
