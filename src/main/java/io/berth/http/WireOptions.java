package io.berth.http;

import java.util.OptionalLong;

/**
 * What an operator may choose about the wire.
 *
 * @param chunkMinLength bytes that a chunk should have at least, told to clients as {@code OCI-Chunk-Min-Length}; absent: nothing is told
 * @param namespaces other registries that are kept here
 */
public record WireOptions(OptionalLong chunkMinLength, Namespaces namespaces) {

  /** Nothing chosen. */
  public static final WireOptions DEFAULT = new WireOptions(OptionalLong.empty(), Namespaces.NONE);
}
