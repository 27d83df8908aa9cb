/** Measuring a registry from outside: a load generator that speaks the distribution protocol to any of them. */
@NullMarked
package io.berth.bench;

import org.jspecify.annotations.NullMarked;
