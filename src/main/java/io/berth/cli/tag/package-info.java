/** {@code berth tag}: tags of any registry that knows them as objects. */
@NullMarked
package io.berth.cli.tag;

import org.jspecify.annotations.NullMarked;
