package io.berth.config;

import java.util.Optional;

/**
 * The listener for operators: health and metrics. It asks nobody who they are, so it belongs on an inner address.
 *
 * @param listen where it accepts connections
 * @param metricsPath where the metrics of Prometheus are read; absent: nowhere
 */
public record DebugConfig(ListenAddress listen, Optional<String> metricsPath) {}
