package io.berth.client;

import io.berth.oci.Json;
import io.berth.oci.Text;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A program {@code docker-credential-NAME} that keeps credentials. It runs for a bounded time and may say a bounded amount; what it says is not shown.
 *
 * @param name of which the program's is made: no path, nothing that a shell would see
 * @param file that names it, for messages
 */
record CredentialProgram(String name, Path file, Map<String, String> environment, Duration patience) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,64}");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ANSWER_BYTES = 64 << 10;
  private static final String NOT_FOUND = "credentials not found";

  CredentialProgram {
    if (!NAME.matcher(name).matches()) {
      throw new RegistryFailure(file + " names the credential helper " + Text.quoted(name) + ": names have [a-z0-9_-] only");
    }
  }

  CredentialProgram(String name, Path file, Map<String, String> environment) {
    this(name, file, environment, PATIENCE);
  }

  Optional<Credentials> get(String host) {
    Path program = program();
    try {
      Process process = new ProcessBuilder(program.toString(), "get").redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try {
        return answer(process, host);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw failed("can't be run: " + e.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryFailure("interrupted", e);
    }
  }

  private Optional<Credentials> answer(Process process, String host) throws IOException, InterruptedException {
    var said = CompletableFuture.supplyAsync(() -> read(process), task -> Thread.ofVirtual().start(task));
    try (var in = process.getOutputStream()) {
      in.write(host.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // it did not want to know: its answer tells
    }
    byte[] answer;
    try {
      answer = said.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (answer.length > ANSWER_BYTES) {
        throw failed("said more than credentials are");
      }
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException();
      }
    } catch (TimeoutException _) {
      throw failed("gave no answer within " + patience.toSeconds() + " s");
    } catch (ExecutionException _) {
      throw failed("gave no answer");
    }
    if (process.exitValue() != 0) {
      if (new String(answer, StandardCharsets.UTF_8).startsWith(NOT_FOUND)) {
        return Optional.empty();
      }
      throw failed("failed with status " + process.exitValue());
    }
    return credentials(answer);
  }

  private static byte[] read(Process process) {
    try {
      return process.getInputStream().readNBytes(ANSWER_BYTES + 1);
    } catch (IOException _) {
      return new byte[0];
    }
  }

  private Optional<Credentials> credentials(byte[] answer) {
    JsonNode json;
    try {
      json = Json.parse(answer);
    } catch (Json.InvalidJson _) { // its words might quote a password
      throw failed("did not answer in JSON");
    }
    String user = json.path("Username").asString("");
    if (user.equals("<token>")) {
      throw failed("has an identity token for this registry, which is not supported yet: log in with name and password, or give --user");
    }
    return user.isEmpty() ? Optional.empty() : Optional.of(new Credentials(user, json.path("Secret").asString("")));
  }

  /** The program on the path of the environment. */
  private Path program() {
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path program = Path.of(folder.isEmpty() ? "." : folder).resolve("docker-credential-" + name).toAbsolutePath();
      if (!folder.isEmpty() && Files.isExecutable(program) && Files.isRegularFile(program)) {
        return program;
      }
    }
    throw failed("is not on the PATH: install it, or give --user");
  }

  private RegistryFailure failed(String why) {
    return new RegistryFailure("docker-credential-" + name + ", which " + file + " names, " + why);
  }
}
