package io.berth.wire;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.berth.cli.Wiring;
import io.berth.config.Configuration;
import io.berth.config.DatabaseConfig;
import io.berth.config.InvalidConfiguration;
import io.berth.config.ListenAddress;
import io.berth.config.LogConfig;
import io.berth.config.ServeConfig;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.PostgresOptions;
import io.berth.oci.RepositoryName;
import io.berth.policy.DeletionRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A registry with everything that the product has, on a free port of this machine. */
public record TestServer(Wiring wiring, Path data) implements AutoCloseable {

  private static final Path CONFIGURATIONS = Path.of("src/test/resources/wire");
  private static final LogConfig QUIET = new LogConfig(LogConfig.Level.INFO, LogConfig.Format.TEXT, Map.of(), Optional.empty());

  /** Starts one, as the {@code @server} line of a transcript wants it: options with commas between them. */
  static TestServer start(Path data, String options) {
    return start(data, options, System.getProperty("berth.test.database", "sqlite"));
  }

  /** The same with names in {@code sqlite} or {@code postgresql}. */
  public static TestServer start(Path data, String options, String database) {
    var deletion = DeletionRules.DEFAULT;
    var chunkMinLength = OptionalLong.empty();
    Map<String, RepositoryName> namespaces = new HashMap<>();
    List<Configuration.Flag> settings = new ArrayList<>();
    Optional<Configuration.File> configuration = Optional.empty();
    for (String option : options.isBlank() ? new String[0] : options.split(", *")) {
      String[] words = option.split(" ", 2);
      switch (words[0]) {
        case "no-delete" -> deletion = new DeletionRules(false, false);
        case "delete-needed-blobs" -> deletion = new DeletionRules(true, true);
        case "read-only" ->
            settings.add(new Configuration.Flag("@server", List.of("storage", "maintenance", "readonly", "enabled"), "true"));
        case "htpasswd" -> settings
            .add(new Configuration.Flag("@server", List.of("auth", "htpasswd", "path"), passwordFile(data, words[1]).toString()));
        case "accounts" -> settings.add(new Configuration.Flag("@server", List.of("auth", "accounts", "enabled"), "true"));
        case "config" -> configuration = Optional.of(file(words[1]));
        case "chunk-min-length" -> chunkMinLength = OptionalLong.of(Long.parseLong(words[1]));
        case "namespace" -> namespaces.put(words[1].split("=", 2)[0], RepositoryName.parse(words[1].split("=", 2)[1]));
        default -> settings.add(new Configuration.Flag("@server", List.of(words[0].split("\\.", -1)), words[1]));
      }
    }
    return new TestServer(
        Wiring.start(read(configuration, settings).withData(data.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
            .withDeletion(deletion).withChunkMinLength(chunkMinLength).withNamespaces(namespaces)
            .withDatabase(database(database)).withLog(QUIET)),
        data.resolve("data"));
  }

  /** SQLite, or a new database of PostgreSQL. */
  private static DatabaseConfig database(String name) {
    return switch (name) {
      case "sqlite" -> new DatabaseConfig.Sqlite();
      case "postgresql" -> {
        PostgresOptions options = PostgresForTests.options(PostgresForTests.newDatabase());
        yield new DatabaseConfig.Postgresql(options.url(), Optional.of(options.user()), Optional.empty(), Optional.empty(), 16,
            options.statementTimeout());
      }
      case String other -> throw new IllegalArgumentException("berth.test.database is sqlite or postgresql, not " + other);
    };
  }

  private static Configuration.File file(String name) {
    try {
      return new Configuration.File(name, Files.readString(CONFIGURATIONS.resolve(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServeConfig read(Optional<Configuration.File> file, List<Configuration.Flag> settings) {
    try {
      return Configuration.read(new Configuration.Sources(file, Map.of(), settings)).serve();
    } catch (InvalidConfiguration e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** {@code alice:secret bob:another}. */
  private static Path passwordFile(Path folder, String users) {
    var lines = new StringBuilder();
    for (String user : users.split(" ", -1)) {
      String[] parts = user.split(":", 2);
      lines.append(parts[0]).append(':').append(BcryptFunction.getInstance(Bcrypt.Y, 4).hash(parts[1]).getResult()).append('\n');
    }
    try {
      return Files.writeString(Files.createDirectories(folder).resolve("htpasswd"), lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What makes the first administrator, where there is none yet. */
  public Optional<String> setupToken() {
    Path file = data.resolve("setup-token");
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public InetSocketAddress address() {
    URI url = URI.create(wiring.url());
    return new InetSocketAddress(url.getHost(), url.getPort());
  }

  @Override
  public void close() {
    wiring.close();
  }
}
