/**
 * Conditions of rules of access, as expressions of CEL (Common Expression Language). They see what is asked, and reach nothing else: no clock, no
 * network, no Java.
 */
@NullMarked
package io.berth.condition;

import org.jspecify.annotations.NullMarked;
