/** Background work: collecting garbage, scrubbing bytes, reaping uploads, delivering events. */
@NullMarked
package io.berth.job;

import org.jspecify.annotations.NullMarked;
