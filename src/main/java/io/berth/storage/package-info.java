/** Bytes named by digest, and the staging area they pass through on their way in: the contract every blob store keeps. */
@NullMarked
package io.berth.storage;

import org.jspecify.annotations.NullMarked;
