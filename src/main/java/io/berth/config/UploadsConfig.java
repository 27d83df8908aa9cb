package io.berth.config;

import java.time.Duration;

/**
 * What uploads may take, and what becomes of unfinished ones.
 *
 * @param purging whether they are ended at all
 * @param idle how long one may rest
 * @param interval how often is looked for such
 * @param reserve bytes of the disk that are kept back from them
 */
public record UploadsConfig(boolean purging, Duration idle, Duration interval, long reserve) {}
