/** What an operator watches: metrics, logs, audit and health. */
@NullMarked
package io.berth.ops;

import org.jspecify.annotations.NullMarked;
