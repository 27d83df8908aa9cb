/** Names: repositories, links, manifests, tags, uploads, leases and events; the contract every metadata store keeps. */
@NullMarked
package io.berth.metadata;

import org.jspecify.annotations.NullMarked;
