package io.berth.cli;

import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ParameterException;

/**
 * Reads the configuration of a running server again. What is read is taken over as a whole or not at all: with anything wrong in it, the
 * server goes on as before, and the log says why. Safe for any thread.
 */
final class Reload {

  private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

  private final Wiring berth;
  private final Source source;
  private final Configuration started;

  /** Where a configuration comes from: file, environment and flags, read anew at each call. */
  @FunctionalInterface
  interface Source {
    Configuration read() throws InvalidConfiguration;
  }

  Reload(Wiring berth, Source source, Configuration started) {
    this.berth = berth;
    this.source = source;
    this.started = started;
  }

  /** From now on, a hang-up (SIGHUP) is a wish to reload. Where a platform has no such signal, nothing happens. */
  void onHangUp() {
    try {
      Signals.call("HUP", _ -> {
        boolean _ = now();
      });
    } catch (ReflectiveOperationException e) {
      LOG.debug("no reload by SIGHUP here", e);
    }
  }

  /** Reads and takes over. Says whether it did. */
  synchronized boolean now() {
    try {
      Configuration next = source.read();
      berth.reload(next.serve());
      AuditSettings.loaded(berth.audit(), next);
      next.warnings().forEach(warning -> LOG.warn("{}", warning));
      List<String> later = started.needingRestart(next);
      if (!later.isEmpty()) {
        LOG.warn("configuration read again; these differ from what it runs with and wait for a restart: {}", String.join(", ", later));
      } else {
        LOG.info("configuration read again");
      }
      return true;
    } catch (InvalidConfiguration | Refusal | ParameterException e) {
      LOG.error("the configuration stays as it was, since the new one can't be used");
      String.valueOf(e.getMessage()).lines().forEach(line -> LOG.error("{}", line));
      AuditSettings.refused(berth.audit(), "it can't be used");
    } catch (RuntimeException e) {
      LOG.error("the configuration stays as it was, since the new one could not be taken over", e);
      AuditSettings.refused(berth.audit(), "it could not be taken over");
    }
    return false;
  }
}
