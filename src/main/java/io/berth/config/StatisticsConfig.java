package io.berth.config;

import java.time.Duration;

/**
 * Whether pulls are counted.
 *
 * @param enabled whether they are
 * @param interval how often is written down what was counted
 * @param days how long it is kept
 */
public record StatisticsConfig(boolean enabled, Duration interval, int days) {}
