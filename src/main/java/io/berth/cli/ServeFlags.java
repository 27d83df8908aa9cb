package io.berth.cli;

import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The file and the flags that say how the registry runs, for every command that asks. Flags go before the environment, that before the file. */
final class ServeFlags {

  /** Bytes; far more than any configuration has. */
  private static final long LONGEST_FILE = 4 << 20;

  @Spec(Spec.Target.MIXEE) private @Nullable CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "CONFIG.yml",
      description = "Configuration file, in the form of CNCF Distribution's (see docs/CONFIGURATION.md).") private @Nullable Path positional;

  @Option(names = "--config", paramLabel = "FILE", description = "The same.") private @Nullable Path config;

  @Option(names = "--data", paramLabel = "DIR",
      description = "Folder that holds everything (default: ./data).") private @Nullable String data;

  @Option(names = "--listen", paramLabel = "ADDRESS",
      description = "Where to accept connections, HOST:PORT or unix:PATH (default: 127.0.0.1:5000).") private @Nullable String listen;

  @Option(names = "--tls-cert", paramLabel = "FILE",
      description = "Speak TLS: the certificate chain in PEM, the server's own first.") private @Nullable String tlsCertificate;

  @Option(names = "--tls-key", paramLabel = "FILE",
      description = "The private key of that certificate in PEM.") private @Nullable String tlsKey;

  @Option(names = "--database", paramLabel = "URL",
      description = "Names live in this PostgreSQL database instead of the folder: postgresql://USER@HOST:PORT/DATABASE. "
          + "The password comes from $BERTH_DATABASE_PASSWORD or a file.") private @Nullable String database;

  @Option(names = "--database-password-file", paramLabel = "FILE",
      description = "The first line of this file is the database's password.") private @Nullable String databasePasswordFile;

  @Option(names = "--htpasswd", paramLabel = "FILE",
      description = "Only the users of this password file are let in (bcrypt: htpasswd -B).") private @Nullable String htpasswd;

  @Option(names = "--auth", paramLabel = "none|accounts",
      description = "'none': everyone may do everything, from other machines too; 'accounts': who has an account here is let in.") private @Nullable String auth;

  @Option(names = "--delete", negatable = true,
      description = "Whether clients may delete (default: yes).") private @Nullable Boolean delete;

  @Option(names = "--delete-needed-blobs",
      description = "Whether clients may delete a blob that a manifest still needs (default: no).") private @Nullable Boolean deleteNeededBlobs;

  @Option(names = "--upload-idle", paramLabel = "HOURS",
      description = "An unfinished upload ends after so many hours of rest (default: 24).") private @Nullable Integer uploadIdleHours;

  @Option(names = "--chunk-min-length", paramLabel = "BYTES",
      description = "Ask clients for upload chunks of at least so many bytes.") private @Nullable Long chunkMinLength;

  @Option(names = "--debug-listen", paramLabel = "HOST:PORT",
      description = "Where operators find metrics and health; it asks nobody who they are (default: nowhere).") private @Nullable String debugListen;

  @Option(names = "--read-only", description = "Clients can pull and change nothing.") private @Nullable Boolean readOnly;

  @Option(names = "--namespace", paramLabel = "HOST=PREFIX",
      description = "Pulls that name HOST as their origin (?ns=HOST) are served from repositories below PREFIX. May be repeated.") private Map<
          String, String> namespaces = new LinkedHashMap<>();

  /**
   * Reads file, environment and flags, the file anew each time.
   *
   * @throws InvalidConfiguration with all that is wrong in file and environment, and perhaps in flags
   * @throws ParameterException if only flags are wrong
   * @throws Refusal if the file can't be read
   */
  Configuration read() throws InvalidConfiguration {
    try {
      return Configuration.read(new Configuration.Sources(file(), System.getenv(), flags()));
    } catch (InvalidConfiguration e) {
      if (e.onlyFlags()) {
        throw usage(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private Optional<Configuration.File> file() {
    if (positional != null && config != null) {
      throw usage("the configuration file is given twice: " + positional + " and --config " + config);
    }
    Path path = positional == null ? config : positional;
    return path == null ? Optional.empty() : Optional.of(file(path));
  }

  /**
   * Reads a configuration file.
   *
   * @throws Refusal if it can't be read
   */
  static Configuration.File file(Path path) {
    try {
      if (Files.size(path) > LONGEST_FILE) {
        throw new Refusal(path + ": longer than " + LONGEST_FILE + " bytes, which no configuration is. Give the right file");
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(path))).toString();
      return new Configuration.File(path.toString(), text);
    } catch (NoSuchFileException e) {
      throw new Refusal(path + ": no such file. Give the configuration file that is meant, or none", e);
    } catch (CharacterCodingException e) {
      throw new Refusal(path + ": the configuration is not UTF-8 text. Save it as such", e);
    } catch (IOException e) {
      throw new Refusal(path + ": the configuration can't be read: " + e + ". Make it a file that Berth may read", e);
    }
  }

  private List<Configuration.Flag> flags() {
    var flags = new ArrayList<Configuration.Flag>();
    add(flags, "--data", "storage.filesystem.rootdirectory", data);
    if (listen != null) {
      add(flags, "--listen", "http.net", "");
      add(flags, "--listen", "http.addr", listen);
    }
    add(flags, "--tls-cert", "http.tls.certificate", tlsCertificate);
    add(flags, "--tls-key", "http.tls.key", tlsKey);
    database(flags);
    authentication(flags);
    add(flags, Boolean.FALSE.equals(delete) ? "--no-delete" : "--delete", "storage.delete.enabled", delete);
    add(flags, "--delete-needed-blobs", "storage.delete.neededblobs", deleteNeededBlobs);
    if (uploadIdleHours != null) {
      if (uploadIdleHours < 1) {
        throw usage("--upload-idle: at least 1 hour");
      }
      add(flags, "--upload-idle", "storage.maintenance.uploadpurging.age", uploadIdleHours + "h");
    }
    if (chunkMinLength != null && chunkMinLength < 1) {
      throw usage("--chunk-min-length: at least 1 byte");
    }
    add(flags, "--chunk-min-length", "http.chunkminlength", chunkMinLength);
    add(flags, "--read-only", "storage.maintenance.readonly.enabled", readOnly);
    add(flags, "--debug-listen", "http.debug.addr", debugListen);
    if (debugListen != null) {
      add(flags, "--debug-listen", "http.debug.prometheus.enabled", "true");
    }
    namespaces.forEach((host, prefix) -> flags.add(new Configuration.Flag("--namespace", List.of("namespaces", host), prefix)));
    return flags;
  }

  private void database(List<Configuration.Flag> flags) {
    if (database == null && databasePasswordFile != null) {
      throw usage("--database-password-file goes with --database URL");
    }
    if (database != null) {
      add(flags, "--database", "database.driver", "postgresql");
      add(flags, "--database", "database.url", database);
      add(flags, "--database-password-file", "database.passwordfile", databasePasswordFile);
      if (databasePasswordFile == null) {
        add(flags, "BERTH_DATABASE_PASSWORD", "database.password", System.getenv("BERTH_DATABASE_PASSWORD"));
      }
    }
  }

  /** To choose on the command line who is let in undoes what the file says about it. */
  private void authentication(List<Configuration.Flag> flags) {
    if (auth != null && !auth.equals("none") && !auth.equals("accounts")) {
      throw usage("--auth: the words it knows are 'none' and 'accounts'; for a password file use --htpasswd FILE");
    }
    if ("none".equals(auth) && htpasswd != null) {
      throw usage("--auth none and --htpasswd contradict each other: give one of them");
    }
    if ("accounts".equals(auth)) {
      add(flags, "--auth", "auth.none", "false");
      add(flags, "--auth", "auth.accounts.enabled", "true");
    } else {
      add(flags, "--auth", "auth", auth);
    }
    if (htpasswd != null) {
      add(flags, "--htpasswd", "auth.none", "false");
      add(flags, "--htpasswd", "auth.htpasswd.path", htpasswd);
    }
  }

  private static void add(List<Configuration.Flag> flags, String name, String path, @Nullable Object value) {
    if (value != null) {
      flags.add(new Configuration.Flag(name, List.of(path.split("\\.", -1)), value.toString()));
    }
  }

  private ParameterException usage(String message) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return new ParameterException(spec.commandLine(), message);
  }
}
