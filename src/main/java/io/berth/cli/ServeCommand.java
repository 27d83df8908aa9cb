package io.berth.cli;

import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import io.berth.ops.Logging;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code berth serve}: runs the registry until the process is told to end; reads its configuration again when it is sent a hang-up. */
@Command(name = "serve", description = "Runs the registry.", mixinStandardHelpOptions = true, sortOptions = false)
final class ServeCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ServeFlags flags = new ServeFlags();

  @Override
  public Integer call() throws Exception {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    Configuration configuration = read();
    Logging.configure(configuration.serve().log());
    configuration.ignored().forEach(ignored -> LOG.info("{}", ignored));
    configuration.warnings().forEach(warning -> LOG.warn("{}", warning));
    Wiring berth = Wiring.start(configuration.serve());
    AuditSettings.loaded(berth.audit(), configuration);
    berth.operatorUrl().ifPresent(url -> LOG.info("health and metrics for operators: {}", url));
    Stopping.on(berth::close);
    new Reload(berth, flags::read, configuration).onHangUp();
    spec.commandLine().getOut().println("READY " + berth.url());
    spec.commandLine().getOut().flush();
    new CountDownLatch(1).await(); // until the process is told to end
    return 0;
  }

  private Configuration read() {
    try {
      return flags.read();
    } catch (InvalidConfiguration e) {
      throw new Refusal("the configuration can't be used:\n" + e.getMessage(), e);
    }
  }
}
