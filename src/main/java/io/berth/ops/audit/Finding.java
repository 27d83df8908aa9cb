package io.berth.ops.audit;

import java.nio.file.Path;

/**
 * Something about a file of the audit that whoever verifies it has to know.
 *
 * @param at the line of the file, the first being 1
 * @param words what it is
 */
public record Finding(Kind kind, Path file, long at, String words) {

  /** How bad it is. */
  public enum Kind {
    /** Somebody has changed what was written, or something has destroyed it. */
    BROKEN,
    /** Something broke off in the middle of a line, and the next start has said so. */
    TORN,
    /** The last line is not whole: it is being written, or the process died and has not been started again. */
    UNFINISHED
  }

  @Override
  public String toString() {
    return file + ":" + at + ": " + words;
  }
}
