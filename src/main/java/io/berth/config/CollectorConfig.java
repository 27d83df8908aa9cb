package io.berth.config;

import java.time.Duration;

/**
 * How space is freed that nobody needs any more.
 *
 * @param enabled whether the registry looks for it by itself
 * @param grace how long what nobody needs is kept
 * @param interval how often it looks
 */
public record CollectorConfig(boolean enabled, Duration grace, Duration interval) {}
