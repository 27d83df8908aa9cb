/** Configuration as records: read, checked, and able to say where each value came from. */
@NullMarked
package io.berth.config;

import org.jspecify.annotations.NullMarked;
