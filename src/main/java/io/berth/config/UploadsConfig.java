package io.berth.config;

import java.time.Duration;

/**
 * What becomes of unfinished uploads.
 *
 * @param purging whether they are ended at all
 * @param idle how long one may rest
 * @param interval how often is looked for such
 */
public record UploadsConfig(boolean purging, Duration idle, Duration interval) {}
