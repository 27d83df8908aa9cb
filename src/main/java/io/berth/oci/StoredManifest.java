package io.berth.oci;

/** A manifest as it was pushed. The array is shared and never changed. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; copying megabytes for each pull would be the greater evil
public record StoredManifest(Digest digest, MediaType mediaType, byte[] bytes) {}
