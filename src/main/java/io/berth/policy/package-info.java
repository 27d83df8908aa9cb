/**
 * Pure decisions: who may do what, which tag may move, which manifest is acceptable. Data and an instant go in, a decision
 * comes out; no I/O and no clock.
 */
@NullMarked
package io.berth.policy;

import org.jspecify.annotations.NullMarked;
