/** {@code berth doctor}: probes of what the registry's promises rest on. */
@NullMarked
package io.berth.cli.doctor;

import org.jspecify.annotations.NullMarked;
