/** What programs need to speak to a registry: where it is, who asks, challenges and their answers, pages, streams of events. */
@NullMarked
package io.berth.client;

import org.jspecify.annotations.NullMarked;
