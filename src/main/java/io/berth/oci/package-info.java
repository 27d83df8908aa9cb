/**
 * The nouns of the OCI specification: digests, names, tags, media types, manifests, errors. Values are immutable, and one
 * that exists is valid.
 */
@NullMarked
package io.berth.oci;

import org.jspecify.annotations.NullMarked;
