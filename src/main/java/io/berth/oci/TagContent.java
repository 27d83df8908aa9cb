package io.berth.oci;

import org.jspecify.annotations.Nullable;

/**
 * What a tag points at, and what is said about that.
 *
 * @param meta a JSON object, as it was written
 * @param signed the signed document that says all of this; {@code null} if nobody signed
 */
public record TagContent(Descriptor target, @Nullable String description, @Nullable String meta, @Nullable SignedTag signed) {}
