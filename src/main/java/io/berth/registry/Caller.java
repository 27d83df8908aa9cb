package io.berth.registry;

import io.berth.policy.Identity;

/**
 * On whose behalf a verb acts.
 *
 * @param client the client program as it names itself, shortened and made printable
 * @param address where it comes from, as much of it as one subscriber has
 */
public record Caller(Identity identity, String client, String address) {}
