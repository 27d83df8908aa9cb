package io.berth.auth;

import io.berth.policy.Identity;
import java.time.Instant;

/**
 * Whom the certificate of a client names. Immutable.
 *
 * @param until when the certificate ends
 */
public record Holder(Identity identity, Instant until) {}
