package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.config.ServeConfig.Authentication;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** {@code berth user}, {@code berth robot} and {@code berth key} against a real registry; passwords come by standard input. */
@ResourceLock(Resources.SYSTEM_OUT)
final class AccountCommandsTest {

  @TempDir private Path folder;

  private Wiring registry;
  private HttpClient http;

  /** What a command said. */
  private record Said(int status, String out, String err) {}

  @BeforeEach
  void start() {
    registry = Wiring.start(config());
    http = HttpClient.newHttpClient();
  }

  private ServeConfig config() {
    return ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
        .withAuthentication(new Authentication.Sources(Optional.empty(), true));
  }

  @AfterEach
  void stop() {
    http.close();
    registry.close();
  }

  /** Runs a command whose standard input has these lines. */
  private Said run(String input, String... words) {
    var arguments = new ArrayList<>(List.of(words));
    arguments.add("--registry");
    arguments.add(registry.url());
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      var out = new StringWriter();
      var err = new StringWriter();
      int status =
          Berth.command().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments.toArray(String[]::new));
      return new Said(status, out.toString(), err.toString());
    } finally {
      System.setIn(before);
    }
  }

  private Said asRoot(String input, String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--user", "root", "--password-stdin"));
    return run("root's secret\n" + input, all.toArray(String[]::new));
  }

  private int statusFor(String user, String password) throws Exception {
    String basic = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    return http.send(HttpRequest.newBuilder(URI.create(registry.url() + "/v2/")).header("Authorization", "Basic " + basic).build(),
        HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private void setUp() {
    Said said = run("root's secret\n", "user", "add", "root", "--setup-token-file", folder.resolve("data/setup-token").toString());
    assertThat(said.status).as(said.err).isZero();
  }

  @Test
  void theSetupTokenMakesTheFirstAdministratorAndNoOther() throws Exception {
    Path file = folder.resolve("data/setup-token");
    Path copy = Files.copy(file, folder.resolve("copy"));
    setUp();

    assertThat(file).doesNotExist();
    assertThat(statusFor("root", "root's secret")).isEqualTo(200);
    Said again = run("another secret\n", "user", "add", "mallory", "--setup-token-file", copy.toString());
    assertThat(again.status).isEqualTo(1);
    assertThat(again.err).contains("403");
  }

  @Test
  void aRegistryThatHasAnAdministratorMakesNoTokenWhenItStarts() throws Exception {
    setUp();
    registry.close();
    registry = Wiring.start(config());

    assertThat(folder.resolve("data/setup-token")).doesNotExist();
    assertThat(statusFor("root", "root's secret")).isEqualTo(200);
  }

  @Test
  void anAdministratorMakesListsChangesAndRemovesUsers() throws Exception {
    setUp();
    assertThat(asRoot("alice's secret\n", "user", "add", "alice", "--group", "dev", "--expires", "30d").status).isZero();
    assertThat(statusFor("alice", "alice's secret")).isEqualTo(200);
    assertThat(asRoot("", "user", "ls").out).containsPattern("alice +- +20.*dev").containsPattern("root +admin");

    assertThat(asRoot("another secret\n", "user", "passwd", "alice").status).isZero();
    assertThat(statusFor("alice", "alice's secret")).isEqualTo(401);
    assertThat(statusFor("alice", "another secret")).isEqualTo(200);

    assertThat(asRoot("", "user", "disable", "alice").status).isZero();
    assertThat(statusFor("alice", "another secret")).isEqualTo(401);
    assertThat(asRoot("", "user", "enable", "alice").status).isZero();
    assertThat(statusFor("alice", "another secret")).isEqualTo(200);

    assertThat(asRoot("", "user", "rm", "alice").out).contains("removed alice");
    assertThat(statusFor("alice", "another secret")).isEqualTo(401);
    assertThat(asRoot("", "user", "rm", "alice").err).contains("404").contains("no such user");
  }

  @Test
  void oneChangesOnesOwnPassword() throws Exception {
    setUp();
    assertThat(asRoot("root's secret\nroot's new secret\n", "user", "passwd").status).isZero();
    assertThat(statusFor("root", "root's new secret")).isEqualTo(200);
    assertThat(statusFor("root", "root's secret")).isEqualTo(401);
  }

  @Test
  void aRobotsKeyIsPrintedAloneOnStandardOutput() throws Exception {
    setUp();
    Said made = asRoot("", "robot", "add", "ci", "--allow", "pull,push=team/**");
    assertThat(made.out).matches("berth_[0-9A-Za-z]{49}\\R");
    assertThat(made.err).contains("robot:ci").doesNotContain(made.out.strip());
    assertThat(statusFor("ci", made.out.strip())).isEqualTo(200);

    Said next = asRoot("", "robot", "rotate", "ci", "--grace", "0");
    assertThat(statusFor("ci", made.out.strip())).isEqualTo(401);
    assertThat(statusFor("ci", next.out.strip())).isEqualTo(200);
    assertThat(asRoot("", "robot", "ls").out).contains("ci");
    assertThat(asRoot("", "robot", "rm", "ci").status).isZero();
    assertThat(statusFor("ci", next.out.strip())).isEqualTo(401);
  }

  @Test
  void keysAreMadeListedReplacedAndEnded() throws Exception {
    setUp();
    Said made = asRoot("", "key", "add", "--description", "laptop", "--allow", "pull=team/app:v*", "--expires", "90d");
    String secret = made.out.strip();
    assertThat(statusFor("root", secret)).isEqualTo(200);

    Said listed = asRoot("", "key", "ls");
    assertThat(listed.out).contains("laptop").contains("a part").doesNotContain(secret);
    String id = listed.out.lines().skip(1).findFirst().orElseThrow().substring(0, 16);
    Said next = asRoot("", "key", "rotate", id);
    assertThat(statusFor("root", next.out.strip())).isEqualTo(200);
    assertThat(asRoot("", "key", "rm", id).status).isZero();
    assertThat(statusFor("root", secret)).isEqualTo(401);
    assertThat(asRoot("", "user", "revoke", "root").status).isZero();
    assertThat(statusFor("root", next.out.strip())).isEqualTo(401);
    assertThat(statusFor("root", "root's secret")).isEqualTo(200);
  }

  @Test
  void noPasswordIsAnArgumentAndNoneAtAllIsSaid() {
    setUp();
    assertThat(asRoot("", "user", "add", "alice").err).contains("no password was given");
    assertThat(run("", "user", "ls", "--password-stdin").status).isEqualTo(2);
    assertThat(run("", "user", "ls").err).contains("401");
  }
}
