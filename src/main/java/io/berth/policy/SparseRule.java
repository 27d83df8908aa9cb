package io.berth.policy;

/**
 * What must be there before a manifest is accepted in some repositories.
 *
 * @param name what the configuration calls it
 */
public record SparseRule(String name, Glob repositories, SparseTerms terms) {}
