/** {@code berth tag}, {@code berth copy} and {@code berth graph}: what any registry holds that knows tags as objects, copies and graphs. */
@NullMarked
package io.berth.cli.tag;

import org.jspecify.annotations.NullMarked;
