package io.berth.metadata.sql;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Where the PostgreSQL is, and how it is used.
 *
 * @param url {@code postgresql://host:port/database}, with {@code ssl…} parameters where wanted; without user and password
 * @param password empty where the server asks for none
 * @param poolSize connections at most, for reading and writing together; one for each at least
 * @param statementTimeout how long one statement may take
 * @param lockTimeout how long a statement may wait for other transactions
 * @param patience how long a transaction may wait for a connection, also for one that is lost to come back
 */
public record PostgresOptions(String url, String user, String password, int poolSize, Duration statementTimeout, Duration lockTimeout,
    Duration patience) {

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int PORT = 5432;

  /** The driver's other parameters are our business, and some of them load code. */
  private static final Set<String> PARAMETERS = Set.of("sslmode", "sslrootcert", "sslcert", "sslkey");

  /**
   * Options with the usual limits for waiting.
   *
   * @param url {@code postgresql://[user@]host[:port]/database}
   * @param user absent: the one of the URL
   * @throws IllegalArgumentException in words, if the URL is of another form
   */
  public static PostgresOptions of(String url, Optional<String> user, String password, int poolSize, Duration statementTimeout) {
    URI uri = uri(url);
    String name = user.or(() -> Optional.ofNullable(uri.getUserInfo()))
        .orElseThrow(() -> malformed("the user is missing, who must be stated here or as the setting database.user"));
    if (String.valueOf(uri.getUserInfo()).contains(":")) {
      throw malformed("a password that stands there could be read by everyone on this machine: give it in the environment variable "
          + "BERTH_DATABASE_PASSWORD or in a file");
    }
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    for (String parameter : query.isEmpty() ? new String[0] : query.substring(1).split("&", -1)) {
      if (!PARAMETERS.contains(parameter.substring(0, Math.max(0, parameter.indexOf('='))))) {
        throw malformed("the parameters it may have are sslmode, sslrootcert, sslcert and sslkey");
      }
    }
    String plain = "postgresql://" + uri.getHost() + ":" + (uri.getPort() < 0 ? PORT : uri.getPort()) + uri.getRawPath() + query;
    return new PostgresOptions(plain, name, password, poolSize, statementTimeout, LOCK_TIMEOUT, PATIENCE);
  }

  private static URI uri(String url) {
    try {
      var uri = new URI(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
      boolean isOurs = Set.of("postgresql", "postgres").contains(String.valueOf(uri.getScheme()));
      if (!isOurs || uri.getHost() == null || uri.getRawPath().length() < 2 || uri.getRawPath().indexOf('/', 1) >= 0
          || uri.getFragment() != null) {
        throw malformed("this is of another form");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw malformed("this is no URL: " + e.getReason());
    }
  }

  private static IllegalArgumentException malformed(String why) {
    return new IllegalArgumentException("a PostgreSQL database is named as postgresql://USER@HOST:PORT/DATABASE; " + why);
  }

  /** Connections that write, at most. */
  int writers() {
    return Math.max(1, poolSize / 2);
  }

  /** Connections that read, at most. */
  int readers() {
    return Math.max(1, poolSize - writers());
  }

  @Override
  public String toString() {
    return "PostgresOptions[" + url + ", user=" + user + ", password=•••]";
  }
}
