package io.berth.cli.account;

import io.berth.client.Credentials;
import io.berth.client.RegistryAddress;
import io.berth.client.RegistryFailure;
import io.berth.client.RegistrySession;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.RegistrySession.Ask;
import io.berth.client.StoredCredentials;
import io.berth.oci.Json;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Which registry a command about accounts is for, who asks, and how answers are printed. */
final class AccountTarget {

  private static final String JSON = "application/json";

  /** How answers are printed. */
  enum Format {
    text, json
  }

  @Spec(Spec.Target.MIXEE) private @Nullable CommandSpec spec;

  @Option(names = "--registry", paramLabel = "URL", defaultValue = "http://127.0.0.1:5000",
      description = "Where to ask. Default: ${DEFAULT-VALUE}.") private URI registry = URI.create("http://127.0.0.1:5000");

  @Option(names = "--plain-http",
      description = "Speak http to a host that is not this machine, credentials included.") private boolean plainHttp;

  @Option(names = "--user", paramLabel = "NAME", description = {
    "Who asks; the password is taken from the variable BERTH_PASSWORD, or asked for.",
    "Default: what 'docker login' or 'podman login' stored."}) private @Nullable String user;

  @Option(names = "--password-stdin",
      description = "Take the password of who asks from the first line of standard input.") private boolean passwordStdin;

  @Option(names = "--authfile", paramLabel = "FILE",
      description = "Stored credentials in docker's form, instead of $REGISTRY_AUTH_FILE and docker's config.json.") private @Nullable Path file;

  @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.") private Format format = Format.text;

  private final PasswordInput passwords = new PasswordInput();

  boolean json() {
    return format == Format.json;
  }

  PasswordInput passwords() {
    return passwords;
  }

  PrintWriter out() {
    return spec().commandLine().getOut();
  }

  void print(JsonNode document) {
    out().println(Json.write(document));
    out().flush();
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return spec;
  }

  ParameterException wrong(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  /** With the credentials of who asks; where a password has to be read, that is read before any other. */
  RegistrySession open() {
    RegistryAddress address = address();
    return new RegistrySession(address, credentials(address));
  }

  /** Without any. */
  RegistrySession openAsStranger() {
    return new RegistrySession(address(), Optional.empty());
  }

  private RegistryAddress address() {
    try {
      return RegistryAddress.at(registry, plainHttp);
    } catch (IllegalArgumentException e) {
      throw wrong("--registry: " + e.getMessage());
    }
  }

  private Optional<Credentials> credentials(RegistryAddress address) {
    if (user == null && passwordStdin) {
      throw wrong("--password-stdin: say whose password it is (--user NAME)");
    }
    if (user == null) {
      return new StoredCredentials(file, Path.of(System.getProperty("user.home", ".")), System.getenv()).find(address.authority());
    }
    String stored = System.getenv("BERTH_PASSWORD");
    return Optional.of(new Credentials(user, passwordStdin || stored == null ? passwords.read("Password of " + user) : stored));
  }

  /** The name of who asks, if it was said. */
  Optional<String> user() {
    return Optional.ofNullable(user);
  }

  /** Sends an object. */
  static Answer send(RegistrySession session, String method, String path, JsonNode body) {
    return session.send(new Ask(method, path, Map.of("Content-Type", JSON), Json.write(body).getBytes(StandardCharsets.UTF_8)));
  }

  /** Asks without a body. */
  static Answer send(RegistrySession session, String method, String path) {
    return session.send(new Ask(method, path, Map.of(), new byte[0]));
  }

  /** Everything in a list, page by page. */
  static void each(RegistrySession session, String path, String name, Consumer<JsonNode> action) {
    Optional<Answer> page = Optional.of(session.send(Ask.get(path, JSON)));
    while (page.isPresent()) {
      page.get().json().path(name).forEach(action);
      page = session.next(page.get()).map(next -> session.send(Ask.get(next, JSON)));
    }
  }

  /** A time, or so many days from now. */
  Instant time(String text) {
    if (text.matches("[0-9]{1,5}d")) {
      return Instant.now().plus(Duration.ofDays(Long.parseLong(text.substring(0, text.length() - 1))));
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw wrong(text + ": expected a number of days, as in 90d, or a time as in 2030-01-31T12:00:00Z");
    }
  }

  /** Shows a key that was just made: the secret alone goes where it can be taken from, what is said of it does not. */
  void made(JsonNode key) {
    if (json()) {
      print(key);
      return;
    }
    String secret = key.path("secret").asString("");
    if (secret.isEmpty()) {
      throw new RegistryFailure("the registry answered without a secret");
    }
    PrintWriter err = spec().commandLine().getErr();
    err.printf("key %s of %s%s; its secret is shown this once:%n", key.path("id").asString(""), key.path("owner").asString(""),
        key.has("expires") ? ", good until " + key.path("expires").asString("") : "");
    err.flush();
    out().println(secret);
    out().flush();
  }
}
