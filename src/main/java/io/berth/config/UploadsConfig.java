package io.berth.config;

import io.berth.policy.Discovery;
import java.time.Duration;

/**
 * What uploads may take, and what becomes of unfinished ones.
 *
 * @param purging whether they are ended at all
 * @param idle how long one may rest
 * @param interval how often is looked for such
 * @param reserve bytes of the disk that are kept back from them
 * @param discovery from where blobs may be mounted
 */
public record UploadsConfig(boolean purging, Duration idle, Duration interval, long reserve, Discovery discovery) {

  /** One that finds what it may. */
  public UploadsConfig(boolean purging, Duration idle, Duration interval, long reserve) {
    this(purging, idle, interval, reserve, Discovery.READABLE);
  }
}
