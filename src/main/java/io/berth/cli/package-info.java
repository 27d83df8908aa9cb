/** The commands, one file each, and the wiring that names every implementation. */
@NullMarked
package io.berth.cli;

import org.jspecify.annotations.NullMarked;
