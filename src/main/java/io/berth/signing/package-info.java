/**
 * Who has said so: signatures of tags (RFC 7515), the keys whose signatures count, and the registry's own. A document never brings the key that it is
 * verified with.
 */
@NullMarked
package io.berth.signing;

import org.jspecify.annotations.NullMarked;
