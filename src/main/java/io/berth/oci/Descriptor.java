package io.berth.oci;

import org.jspecify.annotations.Nullable;

/**
 * A descriptor (image specification, "OCI Content Descriptors"), as far as a registry needs it. Embedded {@code data} has been checked against
 * digest and size when the descriptor was parsed, and is not kept.
 *
 * @param size bytes of the content, 0 or more
 * @param platform only on entries of an index, where stated
 */
public record Descriptor(MediaType mediaType, Digest digest, long size, @Nullable Platform platform) {}
