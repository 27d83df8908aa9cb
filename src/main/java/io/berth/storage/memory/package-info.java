/** The blob store in memory, for tests, for simulation and for registries that may forget. */
@NullMarked
package io.berth.storage.memory;

import org.jspecify.annotations.NullMarked;
