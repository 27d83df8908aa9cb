package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The examples of rules in docs/ACCESS.md allow what the page says that they do. */
final class AccessPageTest {

  private static List<String> examples = List.of();

  @BeforeAll
  static void read() throws IOException {
    examples = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("docs/ACCESS.md"))).results()
        .map((MatchResult match) -> match.group(1)).filter(example -> example.contains("rules:")).toList();
  }

  private static AccessPolicy policy(String about) {
    AccessConfig access =
        Reading.file(examples.stream().filter(example -> example.contains(about)).findFirst().orElseThrow()).serve().access();
    return new AccessPolicy(access.rules().orElseThrow(), access.groups());
  }

  private static boolean may(AccessPolicy policy, Identity who, Action action, String repository, String tag) {
    return policy.access(who, RepositoryName.parse(repository)).may(action, Tag.parse(tag));
  }

  @Test
  void everyExampleWithRulesIsRead() {
    assertThat(examples).hasSizeGreaterThan(4).allSatisfy(example -> {
      String whole = example.contains("auth:") ? example : "auth: {accounts: {enabled: true}}\n" + example;
      assertThat(Reading.problems(whole)).as(example).isEmpty();
    });
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
