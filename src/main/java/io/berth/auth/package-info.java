/** Who is calling: credentials become an identity at the gate, before any verb runs. */
@NullMarked
package io.berth.auth;

import org.jspecify.annotations.NullMarked;
