package io.berth.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where the names are kept. */
public sealed interface DatabaseConfig {

  /** In a file of the data folder. */
  record Sqlite() implements DatabaseConfig {}

  /**
   * In a PostgreSQL server.
   *
   * @param url {@code postgresql://HOST[:PORT]/DATABASE[?OPTIONS]}, without a password
   * @param user absent: as the URL or the environment of PostgreSQL says
   * @param password absent: none, or the one of {@code passwordFile}
   * @param passwordFile its first line is the password; absent: none
   * @param poolSize the most connections
   * @param statementTimeout how long one statement may take
   */
  record Postgresql(String url, Optional<String> user, Optional<Secret> password, Optional<Path> passwordFile, int poolSize,
      Duration statementTimeout) implements DatabaseConfig {}
}
