package io.berth.ops;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** The least important lines that are logged, by the whole program. */
public final class LogLevel {

  private LogLevel() {}

  /** From now on, for all loggers without a level of their own: {@code ERROR}, {@code WARN}, {@code INFO} or {@code DEBUG}. */
  public static void set(String level) {
    if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.valueOf(level));
    }
  }
}
