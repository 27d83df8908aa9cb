/** The HTTP engine behind the wire. The only room that imports the HTTP library. */
@NullMarked
package io.berth.http.engine;

import org.jspecify.annotations.NullMarked;
