package io.berth.config;

/**
 * How long the pages of lists may be.
 *
 * @param tags the most tags in one answer
 * @param repositories the most repositories in one answer
 */
public record ListsConfig(int tags, int repositories) {}
