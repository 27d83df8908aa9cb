/**
 * The wire: a request becomes a call with a scope, a verb acts on it, and one writer answers. The only room where an
 * exception becomes a status.
 */
@NullMarked
package io.berth.http;

import org.jspecify.annotations.NullMarked;
