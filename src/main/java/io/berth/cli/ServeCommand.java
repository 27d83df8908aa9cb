package io.berth.cli;

import io.berth.config.DatabaseConfig;
import io.berth.config.ListenAddress;
import io.berth.config.Secret;
import io.berth.config.ServeConfig;
import io.berth.config.ServeConfig.Authentication;
import io.berth.config.UploadsConfig;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.DeletionRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code berth serve}: runs the registry until the process is told to end. */
@Command(name = "serve", description = "Runs the registry.", mixinStandardHelpOptions = true, sortOptions = false)
final class ServeCommand implements Callable<Integer> {

  private static final int DATABASE_POOL = 16;
  private static final Duration DATABASE_STATEMENT = Duration.ofSeconds(30);

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--data", paramLabel = "DIR", defaultValue = "data",
      description = "Folder that holds everything (default: ./data).") private Path data = Path.of("data");

  @Option(names = "--listen", paramLabel = "HOST:PORT", defaultValue = "127.0.0.1:5000",
      description = "Where to accept connections (default: ${DEFAULT-VALUE}).") private String listen = "127.0.0.1:5000";

  @Option(names = "--database", paramLabel = "URL",
      description = "Names live in this PostgreSQL database instead of the folder: postgresql://USER@HOST:PORT/DATABASE. "
          + "The password comes from $BERTH_DATABASE_PASSWORD or a file.") private @Nullable String database;

  @Option(names = "--database-password-file", paramLabel = "FILE",
      description = "The first line of this file is the database's password.") private @Nullable Path databasePasswordFile;

  @Option(names = "--htpasswd", paramLabel = "FILE",
      description = "Only the users of this password file are let in (bcrypt: htpasswd -B).") private @Nullable Path htpasswd;

  @Option(names = "--auth", paramLabel = "none",
      description = "'none': everyone may do everything, from other machines too.") private @Nullable String auth;

  @Option(names = "--delete", negatable = true, defaultValue = "true", fallbackValue = "true",
      description = "Whether clients may delete (default: yes).") private boolean delete = true;

  @Option(names = "--delete-needed-blobs",
      description = "Whether clients may delete a blob that a manifest still needs (default: no).") private boolean deleteNeededBlobs;

  @Option(names = "--upload-idle", paramLabel = "HOURS", defaultValue = "24",
      description = "An unfinished upload ends after so many hours of rest (default: ${DEFAULT-VALUE}).") private int uploadIdleHours = 24;

  @Option(names = "--chunk-min-length", paramLabel = "BYTES",
      description = "Ask clients for upload chunks of at least so many bytes.") private @Nullable Long chunkMinLength;

  @Option(names = "--namespace", paramLabel = "HOST=PREFIX",
      description = "Pulls that name HOST as their origin (?ns=HOST) are served from repositories below PREFIX. May be repeated.") private Map<
          String, String> namespaces = new LinkedHashMap<>();

  @Override
  public Integer call() throws Exception {
    Wiring berth = Wiring.start(config());
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("berth-shutdown").unstarted(berth::close));
    spec().commandLine().getOut().println("READY " + berth.url());
    spec().commandLine().getOut().flush();
    new CountDownLatch(1).await(); // until the process is told to end; then the hook closes everything
    return 0;
  }

  private ServeConfig config() {
    var uploads = new UploadsConfig(true, uploadIdle(), Duration.ofMinutes(10));
    return ServeConfig.defaults().withData(data).withListen(address()).withAuthentication(authentication())
        .withDeletion(new DeletionRules(delete, deleteNeededBlobs)).withUploads(uploads).withChunkMinLength(chunkMinLength())
        .withNamespaces(prefixes())
        .withDatabase(database());
  }

  private DatabaseConfig database() {
    if (database == null) {
      if (databasePasswordFile != null) {
        throw usage("--database-password-file goes with --database URL");
      }
      return new DatabaseConfig.Sqlite();
    }
    Optional<Secret> password =
        databasePasswordFile == null ? Optional.ofNullable(System.getenv("BERTH_DATABASE_PASSWORD")).map(Secret::new) : Optional.empty();
    return new DatabaseConfig.Postgresql(database, Optional.empty(), password, Optional.ofNullable(databasePasswordFile),
        DATABASE_POOL, DATABASE_STATEMENT);
  }

  private ListenAddress address() {
    try {
      return ListenAddress.parse(listen);
    } catch (IllegalArgumentException e) {
      throw usage("--listen: " + e.getMessage());
    }
  }

  private Authentication authentication() {
    if (auth != null && !auth.equals("none")) {
      throw usage("--auth: the only word it knows is 'none'; for a password file use --htpasswd FILE");
    }
    if (auth != null && htpasswd != null) {
      throw usage("--auth none and --htpasswd contradict each other: give one of them");
    }
    if (htpasswd != null) {
      return new Authentication.PasswordFile(htpasswd, "Berth");
    }
    return auth == null ? new Authentication.Unstated() : new Authentication.None();
  }

  private Duration uploadIdle() {
    if (uploadIdleHours < 1) {
      throw usage("--upload-idle: at least 1 hour");
    }
    return Duration.ofHours(uploadIdleHours);
  }

  private OptionalLong chunkMinLength() {
    if (chunkMinLength == null) {
      return OptionalLong.empty();
    }
    if (chunkMinLength < 1) {
      throw usage("--chunk-min-length: at least 1 byte");
    }
    return OptionalLong.of(chunkMinLength);
  }

  private Map<String, RepositoryName> prefixes() {
    var prefixes = new LinkedHashMap<String, RepositoryName>();
    namespaces.forEach((host, prefix) -> {
      try {
        prefixes.put(host, RepositoryName.parse(prefix));
      } catch (RegistryException e) {
        throw usage("--namespace " + host + "=" + prefix + ": " + e.getMessage());
      }
    });
    return prefixes;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return spec;
  }
}
