/** The blob store on a local file system: staged, hashed, synced, then renamed into place. */
@NullMarked
package io.berth.storage.fs;

import org.jspecify.annotations.NullMarked;
