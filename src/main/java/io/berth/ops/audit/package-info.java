/** The audit: lines of which each vouches for all before it, in files that are never changed. */
@NullMarked
package io.berth.ops.audit;

import org.jspecify.annotations.NullMarked;
