package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.StoredAccount;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code berth access explain} and {@code berth access check}. */
final class AccessCommandTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String config = "";

  @BeforeEach
  void write() throws Exception {
    config = file("berth.yml", "auth: {htpasswd: {path: /users}}", "access:", "  groups: {ops: ['user:carol']}", "  rules:",
        "    - {name: reading, who: ['user:alice', anyone], repositories: [public/**], actions: [pull]}",
        "    - {name: team, who: ['user:alice'], repositories: [team/**], tags: ['v*'], actions: [pull, create]}",
        "    - {name: operators, who: ['group:ops'], actions: [admin]}",
        "    - {name: jobs, who: ['workload:hub:*'], repositories: [acme/**], actions: [push],",
        "       when: repository == identity.claims.repository && identity.claims.protected}");
  }

  private String file(String name, String... lines) throws Exception {
    return Files.writeString(folder.resolve(name), String.join("\n", lines)).toString();
  }

  private int access(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine command = Berth.command();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    var all = new ArrayList<>(List.of("access"));
    all.addAll(List.of(arguments));
    return command.execute(all.toArray(String[]::new));
  }

  private int explain(String... arguments) {
    var all = new ArrayList<>(List.of("explain", config));
    all.addAll(List.of(arguments));
    return access(all.toArray(String[]::new));
  }

  @Test
  void itNamesTheRuleThatAllowsAndItsPlace() {
    assertThat(explain("--as", "alice", "--pull", "team/app:v1")).isZero();
    assertThat(out.toString().lines()).containsExactly("allowed: user:alice may pull team/app:v1 (200, or 404 if it is not there)",
        "  by the rule 'team' (" + config + ":6:8)",
        "  not by the rule 'reading' (" + config + ":5:8): it is about the repositories public/**",
        "  not by the rule 'operators' (" + config + ":7:8): it is about group:ops", "  nor by 1 more, which --all shows");
  }

  @Test
  void itNamesWhatIsAgainstItAndHowTheRegistryAnswers() {
    assertThat(explain("--as", "user:alice", "--pull", "team/app:latest")).isEqualTo(1);
    assertThat(out.toString()).startsWith("denied: user:alice may not pull team/app:latest (404: as if it did not exist)\n")
        .contains("not by the rule 'team' (" + config + ":6:8): it is about the tags v*\n");
    assertThat(explain("--as", "anonymous", "--pull", "team/app:v1")).isEqualTo(1);
    assertThat(out.toString()).contains("(401: credentials are asked for)", "credentials are required");
    assertThat(explain("--as", "bob", "--delete", "team/app:v1")).isEqualTo(1);
    assertThat(out.toString()).contains("denied: user:bob may not delete team/app:v1 (403)", "no rule of access allows it");
    assertThat(explain("--as", "anonymous", "--pull", "public/x")).isZero();
  }

  @Test
  void toPushATagIsToMakeItAndToMoveIt() {
    assertThat(explain("--as", "alice", "--push", "registry.example.com/team/app:v1")).isEqualTo(1);
    assertThat(out.toString()).contains("allowed: user:alice may create team/app:v1 (201)",
        "denied: user:alice may not move team/app:v1 (403)",
        "not by the rule 'team' (" + config + ":6:8): it allows to pull, create");
    assertThat(explain("--as", "alice", "--create", "team/app:v1")).isZero();
    assertThat(explain("--as", "alice", "--move", "team/app:v1")).isEqualTo(1);
    assertThat(explain("--as", "alice", "--push", "team/app")).isZero();
  }

  @Test
  void groupsComeFromTheConfigurationAndTheCommandLine() {
    assertThat(explain("--as", "carol", "--admin")).isZero();
    assertThat(out.toString()).contains("allowed: user:carol may administer the registry (200)", "note: user:carol is in ops");
    assertThat(explain("--as", "robot:x", "--group", "ops", "--admin", "team/app")).isZero();
    assertThat(explain("--as", "alice", "--admin")).isEqualTo(1);
  }

  @Test
  void conditionsSeeTheClaims() {
    assertThat(explain("--as", "workload:hub:job", "--claim", "repository=acme/app", "--push", "acme/app:1")).isEqualTo(1);
    assertThat(out.toString()).contains("its condition can't be decided (").contains("protected")
        .contains("note: no platform in auth.workloads is called 'hub'");
    assertThat(
        explain("--as", "workload:hub:job", "--claims", "{\"protected\": true, \"repository\": \"acme/app\"}", "--push", "acme/app:1"))
        .isZero();
    assertThat(
        explain("--as", "workload:hub:job", "--claims", "{\"protected\": false, \"repository\": \"acme/app\"}", "--push", "acme/app:1"))
        .isEqualTo(1);
    assertThat(out.toString()).contains("its condition is not true: repository == identity.claims.repository");
  }

  @Test
  void itIsToldAsJson() throws Exception {
    assertThat(explain("--as", "alice", "--push", "team/app:v1", "--format", "json")).isEqualTo(1);
    JsonNode answer = Json.parse(out.toString().getBytes(StandardCharsets.UTF_8));

    assertThat(answer.path("identity").asString()).isEqualTo("user:alice");
    assertThat(answer.path("allowed").asBoolean()).isFalse();
    assertThat(answer.path("answers").path(0).path("action").asString()).isEqualTo("create");
    assertThat(answer.path("answers").path(0).path("status").asInt()).isEqualTo(201);
    assertThat(answer.path("answers").path(1).path("status").asInt()).isEqualTo(403);
    assertThat(answer.path("answers").path(1).path("rules").path(1).path("place").asString()).isEqualTo(config + ":6:8");
    assertThat(answer.path("answers").path(1).path("rules").path(1).path("against").path(0).path("part").asString()).isEqualTo("actions");
  }

  @Test
  void accountsAreLookedUpAndNothingIsChanged() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    try (var store = SqliteMetadataStore.open(data.resolve("metadata.db"))) {
      store.write(tx -> {
        tx.accounts().putAccount(account("dave", List.of("ops"), false, false));
        tx.accounts().putAccount(account("root", List.of(), true, false));
        tx.accounts().putAccount(account("gone", List.of(), false, true));
        return null;
      });
    }
    config = file("accounts.yml", "storage: {filesystem: {rootdirectory: '" + data + "'}}", "auth: {accounts: {enabled: true}}",
        "access: {rules: [{name: operators, who: ['group:ops'], actions: [pull]}]}");

    assertThat(explain("--as", "dave", "--pull", "any/thing:1")).isZero();
    assertThat(out.toString()).contains("note: user:dave is in ops");
    assertThat(explain("--as", "root", "--admin")).isZero();
    assertThat(out.toString()).contains("administrators may do everything");
    assertThat(explain("--as", "gone", "--pull", "any/thing:1")).isEqualTo(1);
    assertThat(out.toString()).contains("note: the account is disabled or over");
    assertThat(explain("--as", "nobody", "--pull", "any/thing:1")).isEqualTo(1);
    assertThat(out.toString()).contains("note: there is no account 'nobody'");
    assertThat(explain("--as", "robot:dave", "--pull", "any/thing:1")).isEqualTo(1);
    assertThat(out.toString()).contains("note: the account 'dave' is that of user:dave");
    assertThat(explain("--as", "nobody", "--group", "ops", "--pull", "any/thing:1")).as("not looked up").isZero();
  }

  private static StoredAccount account(String login, List<String> groups, boolean administrator, boolean disabled) {
    return new StoredAccount(login, StoredAccount.Kind.USER, null, groups, administrator, disabled, null, Instant.EPOCH);
  }

  @Test
  void whatCannotBeSaidIsNoRefusal() throws Exception {
    assertThat(explain("--as", "alice")).isEqualTo(2);
    assertThat(explain("--as", "alice", "--pull", "a:1", "--push", "a:1")).isEqualTo(2);
    assertThat(explain("--as", "alice", "--pull", "Team/App")).isEqualTo(2);
    assertThat(explain("--as", "workload:hub", "--pull", "a:1")).isEqualTo(2);
    assertThat(explain("--as", "alice", "--claims", "[]", "--pull", "a:1")).isEqualTo(2);
    assertThat(explain("--as", "alice", "--admin", "a:1")).isEqualTo(2);
    config = file("bad.yml", "access: {rules: [{name: x}]}");
    assertThat(explain("--as", "alice", "--pull", "a:1")).isEqualTo(2);
    assertThat(err.toString()).contains("a rule has a who");
    config = folder.resolve("none.yml").toString();
    assertThat(explain("--as", "alice", "--pull", "a:1")).isEqualTo(2);
  }

  @Test
  void theExamplesOfThePageAreWhatIsPrinted() throws Exception {
    String page = Files.readString(Path.of("docs/ACCESS.md"));
    Matcher yaml = Pattern.compile("\n## Rules\n.*?```yaml\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertThat(yaml.find()).isTrue();
    String rules = file("page.yml", yaml.group(1));
    Matcher console = Pattern.compile("```console\n(\\$ berth access.*?)```", Pattern.DOTALL).matcher(page);
    assertThat(console.find()).isTrue();
    for (String example : console.group(1).split("\n\n", -1)) {
      List<String> lines = example.strip().lines().toList();
      access(lines.getFirst().replace("$ berth access ", "").replace("berth.yml", rules).split(" ", -1));
      assertThat(out.toString().replace(rules, "berth.yml").lines()).containsExactlyElementsOf(lines.subList(1, lines.size()));
    }
  }

  @Test
  void rulesThatAllowNothingByThemselvesAreFound() throws Exception {
    String idle = file("idle.yml", "auth: {htpasswd: {path: /users}}", "access:", "  groups: {ops: ['user:carol'], empty: []}", "  rules:",
        "    - {name: wide, who: [anyone], repositories: [team/**], actions: [pull, push]}",
        "    - {name: narrow, who: ['user:alice'], repositories: [team/app], tags: ['v*'], actions: [create], when: tag != 'v0'}",
        "    - {name: other, who: ['user:alice'], repositories: [other], actions: [pull]}",
        "    - {name: twin, who: ['user:alice'], repositories: [other], actions: [pull]}",
        "    - {name: conditional, who: [anyone], repositories: [x/**], actions: [pull], when: identity.kind == 'user'}",
        "    - {name: not covered, who: ['user:bob'], repositories: [x/**], actions: [pull]}",
        "    - {name: nobody, who: ['group:none', 'group:empty', 'robot:ci', 'claim:a=b', 'workload:hub:*'], actions: [pull]}",
        "    - {name: operators, who: ['group:ops', 'group:none'], actions: [delete]}");

    assertThat(access("check", idle)).isEqualTo(1);
    assertThat(out.toString().lines()).hasSize(4).satisfiesExactly(
        line -> assertThat(line).isEqualTo("'narrow' (" + idle + ":6:8): the rule 'wide' allows all that it does"),
        line -> assertThat(line).isEqualTo("'twin' (" + idle + ":8:8): the rule 'other' allows all that it does"),
        line -> assertThat(line).startsWith("'nobody' (" + idle + ":11:8): nobody is in group:none").contains("robot:ci", "claim:a=b",
            "hub"),
        line -> assertThat(line).isEqualTo("8 rules, 3 of them allow nothing by themselves"));
    assertThat(access("check", config)).as("the jobs have no platform").isEqualTo(1);
    assertThat(out.toString()).contains("'jobs'", "4 rules, 1 of them");
  }

  /** Whom others vouch for bring their groups along. */
  @Test
  void aRuleAboutAGroupIsNotIdleWhereADirectoryOrAProviderMayKnowIt() throws Exception {
    String rule = "    - {name: developers, who: ['group:dev'], repositories: [team/**], actions: [pull]}";
    String secret = file("secret", "s3cret");

    for (String people : List.of("ldap: {url: ['ldaps://ldap.example.com'], base: 'ou=people,dc=example'}",
        "logins: [{name: corp, issuer: 'https://sso.example.com', clientid: berth, clientsecretfile: '" + secret + "'}]")) {
      String known = file("known.yml", "http: {host: 'https://r.example.com'}", "auth: {" + people + "}", "access:", "  rules:", rule);
      assertThat(access("check", known)).as(people).isZero();
    }
    assertThat(access("check", file("none.yml", "auth: {htpasswd: {path: /users}}", "access:", "  rules:", rule))).isEqualTo(1);
    assertThat(out.toString()).contains("nobody is in group:dev", "no accounts, directory or logins");
  }
}
