package io.berth.policy;

/**
 * What becomes of referrers in some repositories.
 *
 * @param name what the configuration calls it
 */
public record ReferrerRule(String name, Glob repositories, ReferrerLife life) {}
