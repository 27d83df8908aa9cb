/** The verbs, one class per noun of the specification. What makes a push durable and a pull correct is decided here. */
@NullMarked
package io.berth.registry;

import org.jspecify.annotations.NullMarked;
