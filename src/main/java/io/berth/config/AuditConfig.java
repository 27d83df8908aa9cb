package io.berth.config;

import java.time.Duration;

/**
 * What becomes of the audit.
 *
 * @param fileBytes after how many bytes another file is begun
 * @param files how many are kept; 0: all
 * @param age how long they are kept; zero: for ever
 * @param required whether nothing is changed while that can't be written down
 * @param tokens whether each token that is issued is written down
 */
public record AuditConfig(long fileBytes, int files, Duration age, boolean required, boolean tokens) {

  /** What holds where nothing is said. */
  static final AuditConfig DEFAULT = new AuditConfig(64L << 20, 0, Duration.ZERO, false, false);
}
