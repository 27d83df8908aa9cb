package io.berth.cli;

import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which running registry a command is for, and who asks. */
final class RegistryTarget {

  @Spec(Spec.Target.MIXEE) private @Nullable CommandSpec spec;

  @Option(names = "--registry", paramLabel = "URL", defaultValue = "http://127.0.0.1:5000",
      description = "Default: ${DEFAULT-VALUE}.") private URI registry = URI.create("http://127.0.0.1:5000");

  @Option(names = "--user", paramLabel = "NAME",
      description = "Who asks; the password is taken from the variable BERTH_PASSWORD.") private @Nullable String user;

  RegistryClient connect() {
    return new RegistryClient(registry, Optional.ofNullable(user), Optional.ofNullable(System.getenv("BERTH_PASSWORD")));
  }

  PrintWriter out() {
    return spec().commandLine().getOut();
  }

  RepositoryName name(String text) {
    try {
      return RepositoryName.parse(text);
    } catch (RegistryException e) {
      throw new ParameterException(spec().commandLine(), text + ": " + e.getMessage());
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return spec;
  }

  /** All repositories, page by page. */
  void each(RegistryClient client, Consumer<RepositoryName> action) {
    Optional<RegistryClient.Page> page = Optional.of(client.catalogue());
    while (page.isPresent()) {
      page.get().body().path("repositories").forEach(name -> action.accept(name(name.asString(""))));
      page = page.get().next().map(client::get);
    }
  }
}
