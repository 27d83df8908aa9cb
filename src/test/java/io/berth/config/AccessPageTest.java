package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The examples of configurations in docs/ACCESS.md can be loaded, and their rules allow what the page says that they do. */
final class AccessPageTest {

  private static final Pattern EXAMPLE = Pattern.compile("(<!-- served -->\n)?```yaml\n(.*?)```", Pattern.DOTALL);

  private static List<String> examples = List.of();
  /** Those with rules that {@code AccessPageIT} does not try. */
  private static List<String> rules = List.of();

  @BeforeAll
  static void read() throws IOException {
    List<MatchResult> found = EXAMPLE.matcher(Files.readString(Path.of("docs/ACCESS.md"))).results().toList();
    examples = found.stream().map(match -> match.group(2)).toList();
    rules =
        found.stream().filter(match -> match.group(1) == null).map(match -> match.group(2)).filter(example -> example.contains("rules:"))
            .toList();
  }

  private static String example(String about) {
    return examples.stream().filter(example -> example.contains(about)).reduce((one, other) -> {
      throw new AssertionError("two examples have " + about);
    }).orElseThrow();
  }

  private static AccessPolicy policy(String about) {
    AccessConfig access = Reading.file(example(about)).serve().access();
    return new AccessPolicy(access.rules().orElseThrow(), access.groups());
  }

  private static boolean may(AccessPolicy policy, Identity who, Action action, String repository, String tag) {
    return policy.access(who, RepositoryName.parse(repository)).may(action, Tag.parse(tag));
  }

  @Test
  void everyExampleIsRead() {
    assertThat(examples).hasSizeGreaterThan(12).allSatisfy(example -> assertThat(Reading.problems(example)).as(example).isEmpty());
  }

  /** What an example allows, found by a word of it. */
  private record Allowed(String about, Identity who, Action action, String repository, String tag, boolean isAllowed) {}

  private static final Identity DEVELOPER = new Identity.User("alice", Set.of("dev"), Map.of(), false);
  private static final Identity JOB = new Identity.Workload("hub", "x", Map.of("repository", "acme/app"));
  private static final Identity OTHER_JOB = new Identity.Workload("hub", "x", Map.of("repository", "acme/lib"));
  private static final Identity BUILDER = new Identity.User("certificate/spiffe://example.com/builder");
  private static final Identity STRANGER = new Identity.Anonymous();
  private static final String DIRECTORY = "groupbase: ";
  private static final String LOGINS = "clientsecretfile: ";
  private static final String WORKLOADS = "the app's jobs";
  private static final String CERTIFICATES = "user: uri";
  private static final String TOKENS = "what is public";
  private static final String TAGS = "releases,    who";

  private static final List<Allowed> DECISIONS = List.of(
      new Allowed(DIRECTORY, DEVELOPER, Action.MOVE, "team/app", "1", true),
      new Allowed(DIRECTORY, DEVELOPER, Action.DELETE, "team/app", "1", false),
      new Allowed(DIRECTORY, new Identity.User("alice"), Action.PULL, "team/app", "1", false),
      new Allowed(LOGINS, new Identity.User("corp/bob", Set.of("dev"), Map.of(), false), Action.CREATE, "team/app", "1", true),
      new Allowed(LOGINS, new Identity.User("corp/alice"), Action.CREATE, "release/app", "1", true),
      new Allowed(LOGINS, new Identity.User("alice"), Action.CREATE, "release/app", "1", false),
      new Allowed(WORKLOADS, JOB, Action.MOVE, "acme/app", "1", true),
      new Allowed(WORKLOADS, JOB, Action.PULL, "base/jdk", "1", true),
      new Allowed(WORKLOADS, OTHER_JOB, Action.PULL, "acme/app", "1", false),
      new Allowed(WORKLOADS, OTHER_JOB, Action.PULL, "base/jdk", "1", true),
      new Allowed(CERTIFICATES, BUILDER, Action.MOVE, "team/app", "1", true),
      new Allowed(CERTIFICATES, new Identity.User("spiffe://example.com/builder"), Action.PULL, "team/app", "1", false),
      new Allowed(TOKENS, STRANGER, Action.PULL, "public/app", "1", true),
      new Allowed(TOKENS, STRANGER, Action.PULL, "team/app", "1", false),
      new Allowed(TOKENS, new Identity.User("alice"), Action.DELETE, "team/app", "1", true),
      new Allowed(TAGS, new Identity.Robot("cluster", Set.of()), Action.PULL, "team/app", "release-1", true),
      new Allowed(TAGS, new Identity.Robot("cluster", Set.of()), Action.PULL, "team/app", "dev-1", false),
      new Allowed(TAGS, new Identity.Robot("release-ci", Set.of()), Action.CREATE, "team/app", "release-1", true),
      new Allowed(TAGS, new Identity.Robot("release-ci", Set.of()), Action.MOVE, "team/app", "release-1", false),
      new Allowed(TAGS, new Identity.User("bob", Set.of("developers"), Map.of(), false), Action.DELETE, "team/app", "dev-1", true),
      new Allowed(TAGS, new Identity.User("bob", Set.of("developers"), Map.of(), false), Action.PULL, "team/app", "release-1", false));

  @Test
  void rulesAllowWhatThePageSays() {
    assertThat(DECISIONS).allSatisfy(asked -> assertThat(may(policy(asked.about), asked.who, asked.action, asked.repository, asked.tag))
        .as("%s", asked).isEqualTo(asked.isAllowed));
  }

  @Test
  void everyExampleWithRulesIsTriedByTheseOrByTyping() {
    assertThat(rules).allSatisfy(example -> assertThat(example).containsAnyOf("developers try out", "each job pushes", DIRECTORY, LOGINS,
        WORKLOADS, CERTIFICATES, TOKENS, TAGS));
  }

  @Test
  void theExampleOfAnotherIssuerIsOne() {
    IssuerConfig issuer = Reading.file(example("rootcertbundle: /etc/berth/bundle.pem")).serve().access().issuer().orElseThrow();

    assertThat(issuer).isEqualTo(new IssuerConfig(Optional.of(URI.create("https://auth.example.com/token")), issuer.path(),
        "registry.example.com", "auth.example.com", Optional.of(Path.of("/etc/berth/bundle.pem")), Optional.empty(), List.of()));
  }

  @Test
  void theFirstExampleIsAboutGroupsRepositoriesAndTags() {
    AccessPolicy policy = policy("developers try out");
    var alice = new Identity.User("alice");
    var release = new Identity.Robot("release-ci", Set.of());
    var stranger = new Identity.Anonymous();

    assertThat(may(policy, alice, Action.PULL, "team/app", "v1")).isTrue();
    assertThat(may(policy, alice, Action.CREATE, "team/app", "v1")).isFalse();
    assertThat(may(policy, alice, Action.MOVE, "team/app", "dev-x")).isTrue();
    assertThat(may(policy, release, Action.CREATE, "team/app", "v1")).isTrue();
    assertThat(may(policy, release, Action.MOVE, "team/app", "v1")).isFalse();
    assertThat(may(policy, stranger, Action.PULL, "public/base", "1")).isTrue();
    assertThat(may(policy, stranger, Action.PULL, "team/app", "dev-x")).isFalse();
    assertThat(may(policy, new Identity.User("carol"), Action.DELETE, "any/thing", "x")).isTrue();
    assertThat(may(policy, new Identity.User("mallory"), Action.PULL, "team/app", "v1")).isFalse();
  }

  @Test
  void theExampleOfConditionsIsAboutClaimsAndNames() {
    AccessPolicy policy = policy("each job pushes");
    var job = new Identity.Workload("hub", "x", Map.of("repository", "acme/app", "ref_protected", "true"));
    var branch = new Identity.Workload("hub", "x", Map.of("repository", "acme/app", "ref_protected", "false"));
    var silent = new Identity.Workload("hub", "x", Map.of());
    var elsewhere = new Identity.Workload("other", "x", job.claims());

    assertThat(may(policy, job, Action.CREATE, "acme/app", "1")).isTrue();
    assertThat(may(policy, job, Action.CREATE, "acme/other", "1")).isFalse();
    assertThat(may(policy, silent, Action.PULL, "acme/app", "1")).isFalse();
    assertThat(may(policy, elsewhere, Action.PULL, "acme/app", "1")).isFalse();
    assertThat(may(policy, job, Action.CREATE, "release/app", "v1.2")).isTrue();
    assertThat(may(policy, job, Action.MOVE, "release/app", "v1.2")).isFalse();
    assertThat(may(policy, job, Action.CREATE, "release/app", "latest")).isFalse();
    assertThat(may(policy, branch, Action.CREATE, "release/app", "v1.2")).isFalse();
    assertThat(may(policy, new Identity.User("alice"), Action.DELETE, "home/alice/x", "1")).isTrue();
    assertThat(may(policy, new Identity.User("alice"), Action.PULL, "home/alice2/x", "1")).isFalse();
    assertThat(may(policy, new Identity.Robot("alice", Set.of()), Action.PULL, "home/alice/x", "1")).isFalse();
  }
}
