package io.berth.config;

import java.time.Duration;

/**
 * The tokens that this registry makes. Immutable.
 *
 * @param enabled whether it makes any
 * @param service whom they are for, which clients are told when they are asked for one
 * @param lifetime how long they last
 * @param refreshLifetime how long those last that others are got with; zero: there are none
 * @param binds whether they are bound to the tag that a client says they are for
 */
public record TokensConfig(boolean enabled, String service, Duration lifetime, Duration refreshLifetime, boolean binds) {}
