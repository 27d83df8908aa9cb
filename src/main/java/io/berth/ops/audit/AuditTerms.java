package io.berth.ops.audit;

import java.time.Duration;

/**
 * What an operator wants of the audit.
 *
 * @param fileBytes after how many bytes another file is begun; one is begun each day in any case
 * @param files how many are kept; 0: all
 * @param age how long files are kept; zero: for ever
 * @param required whether a change is answered only when its line is on the disk, and refused while none can be written
 * @param tokens whether each token that is issued has a line
 */
public record AuditTerms(long fileBytes, int files, Duration age, boolean required, boolean tokens) {

  /** Everything is kept, and nothing waits. */
  public static final AuditTerms DEFAULT = new AuditTerms(64L << 20, 0, Duration.ZERO, false, false);
}
