package io.berth.client;

import io.berth.oci.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The credentials that {@code docker login} and {@code podman login} have stored: in files in docker's form, or with the programs that those name.
 * For one thread.
 */
public final class StoredCredentials {

  private static final int FILE_BYTES = 1 << 20;
  private static final List<String> SCHEMES = List.of("", "https://", "http://");
  private static final List<String> PATHS = List.of("", "/", "/v1", "/v1/", "/v2", "/v2/");

  private final List<Path> files;
  private final Map<String, String> environment;

  /**
   * Looks where the clients look: the file that was named, else {@code $REGISTRY_AUTH_FILE}, then {@code $DOCKER_CONFIG/config.json} or
   * {@code ~/.docker/config.json}.
   *
   * @param named a file that the user has named, instead of all others; {@code null} if none
   */
  public StoredCredentials(@Nullable Path named, Path home, Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    this.files = named != null ? List.of(named) : usual(home, environment);
    if (named != null && !Files.exists(named)) {
      throw new RegistryFailure(named + " does not exist: name the file with the credentials");
    }
  }

  private static List<Path> usual(Path home, Map<String, String> environment) {
    var files = new ArrayList<Path>();
    String podman = environment.getOrDefault("REGISTRY_AUTH_FILE", "");
    if (!podman.isEmpty()) {
      files.add(Path.of(podman));
    }
    String docker = environment.getOrDefault("DOCKER_CONFIG", "");
    files.add((docker.isEmpty() ? home.resolve(".docker") : Path.of(docker)).resolve("config.json"));
    return files;
  }

  /**
   * The credentials for a registry, if there are any.
   *
   * @param host with its port if it has one
   */
  public Optional<Credentials> find(String host) {
    for (Path file : files) {
      Optional<Credentials> found = read(file).flatMap(config -> find(file, config, host));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Credentials> find(Path file, JsonNode config, String host) {
    JsonNode helper = entry(config.path("credHelpers"), host).orElse(config.path("credsStore"));
    if (helper.isString() && !helper.asString().isEmpty()) {
      Optional<Credentials> kept = new CredentialProgram(helper.asString(), file, environment).get(host);
      if (kept.isPresent()) {
        return kept;
      }
    }
    return entry(config.path("auths"), host).flatMap(entry -> credentials(file, entry));
  }

  private static Optional<JsonNode> read(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(FILE_BYTES + 1);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new RegistryFailure(file + " can't be read: " + e.getClass().getSimpleName(), e);
    }
    if (bytes.length > FILE_BYTES) {
      throw new RegistryFailure(file + " is larger than " + FILE_BYTES + " bytes: is it a file of credentials?");
    }
    try {
      return Optional.of(Json.parse(bytes));
    } catch (Json.InvalidJson _) { // its words might quote a password
      throw new RegistryFailure(file + " is not valid JSON: log in again, or correct it");
    }
  }

  /** What stands under one of the ways to write the registry. */
  private static Optional<JsonNode> entry(JsonNode entries, String host) {
    for (String scheme : SCHEMES) {
      for (String path : PATHS) {
        String key = scheme + host + path;
        for (var entry : entries.properties()) {
          if (entry.getKey().toLowerCase(Locale.ROOT).equals(key.toLowerCase(Locale.ROOT))) {
            return Optional.of(entry.getValue());
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Credentials> credentials(Path file, JsonNode entry) {
    for (String token : List.of("identitytoken", "registrytoken")) {
      if (!entry.path(token).asString("").isEmpty()) {
        throw new RegistryFailure(file + " has an " + token + " for this registry, which is not supported yet: "
            + "log in with name and password, or give --user");
      }
    }
    String auth = entry.path("auth").asString("");
    if (auth.isEmpty()) {
      String name = entry.path("username").asString("");
      return name.isEmpty() ? Optional.empty() : Optional.of(new Credentials(name, entry.path("password").asString("")));
    }
    String decoded;
    try {
      decoded = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) { // its words might quote what is wrong
      throw new RegistryFailure(file + " has an auth for this registry that is not base64: log in again");
    }
    int colon = decoded.indexOf(':');
    if (colon <= 0) {
      throw new RegistryFailure(file + " has an auth for this registry that is not the base64 of name:password: log in again");
    }
    return Optional.of(new Credentials(decoded.substring(0, colon), decoded.substring(colon + 1).replaceAll("\0+$", "")));
  }
}
