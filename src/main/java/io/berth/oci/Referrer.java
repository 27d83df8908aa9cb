package io.berth.oci;

import org.jspecify.annotations.Nullable;

/**
 * A manifest in a list of referrers (distribution specification, "Listing Referrers").
 *
 * @param position its place in the order of the list; stays the same as others come and go
 * @param annotations the manifest's annotations as a JSON object
 */
public record Referrer(long position, Descriptor descriptor, @Nullable MediaType artifactType, String annotations) {}
