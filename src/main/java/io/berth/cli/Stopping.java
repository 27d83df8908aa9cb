package io.berth.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a process that serves. The first TERM or INT has it finish in order; a second one of them ends it at once, whatever is under way.
 * Whoever ends it otherwise has it finish in order too.
 */
final class Stopping {

  private static final Logger LOG = LoggerFactory.getLogger(Stopping.class);
  private static final int SIGNALLED = 128;

  private Stopping() {}

  /** What is to be done before the end. */
  static void on(Runnable finish) {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("berth-shutdown").unstarted(finish));
    var first = new AtomicBoolean(true);
    for (String name : new String[] {"TERM", "INT"}) {
      try {
        Signals.call(name, number -> received(first.getAndSet(false), name, SIGNALLED + number));
      } catch (ReflectiveOperationException e) {
        LOG.debug("a second {} goes unheard here", name, e);
      }
    }
  }

  private static void received(boolean first, String name, int status) {
    if (first) {
      LOG.info("{} received: stopping when what is under way has ended, or at once at the next signal", name);
      System.exit(status);
    }
    Runtime.getRuntime().halt(status);
  }
}
