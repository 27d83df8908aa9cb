package io.berth.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.condition.DrawnPolicy;
import io.berth.condition.Expression;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Access;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Explanation;
import io.berth.policy.Explanation.Asked;
import io.berth.policy.Explanation.Outcome;
import io.berth.policy.Explanation.Part;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import io.berth.policy.Who;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** An explanation says what the gate and the verbs decide, and which rules make them. */
final class ExplanationTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");

  private record Drawn(AccessPolicy policy, Asked asked) {}

  /** A place that knows everybody, whatever the password. */
  private record Known(Identity identity) implements Passwords {
    @Override
    public Found find(Credentials.Basic credentials) {
      return new Found.Good(identity);
    }
  }

  private static Admission admit(AccessPolicy policy, Identity identity, Scope scope) {
    var gate = new Gate(policy, new Logins(List.of(new Known(identity))), "Berth");
    Optional<String> header = identity instanceof Identity.Anonymous ? Optional.empty()
        : Optional.of("Basic " + Base64.getEncoder().encodeToString("x:y".getBytes(UTF_8)));
    return gate.admit(header, "192.0.2.7", scope);
  }

  @Test
  void itSaysWhatTheGateAndTheVerbsDecide() {
    Law.forAll(random -> {
      Optional<Tag> tag = random.nextBoolean() ? Optional.empty() : Optional.of(Tag.parse(DrawnPolicy.one(random, DrawnPolicy.TAGS)));
      List<Action> actions = tag.isPresent() ? List.of(Action.PULL, Action.CREATE, Action.MOVE, Action.DELETE)
          : List.of(Action.PULL, Action.PUSH, Action.CREATE, Action.MOVE, Action.DELETE, Action.ADMIN);
      boolean isRegistry = random.nextInt(10) == 0;
      RepositoryName name = RepositoryName.parse(DrawnPolicy.one(random, DrawnPolicy.REPOSITORIES));
      Identity caller = DrawnPolicy.caller(random);
      return new Drawn(DrawnPolicy.policy(random, true),
          isRegistry ? new Asked(caller, Optional.empty(), Optional.empty(), Action.ADMIN)
              : new Asked(caller, Optional.of(name), tag, DrawnPolicy.one(random, actions)));
    }, drawn -> {
      Asked asked = drawn.asked;
      Scope scope = asked.repository().<Scope>map(name -> new Scope.Repository(name, asked.action())).orElseGet(Scope.Administration::new);
      Explanation explanation = Explanation.of(new Rights(drawn.policy, asked.identity()), asked);

      assertThat(explanation.outcome()).isEqualTo(switch (admit(drawn.policy, asked.identity(), scope)) {
        case Admission.Admitted(Rights rights, String _) -> verb(asked, rights);
        case Admission.Challenged _ -> Outcome.CREDENTIALS;
        case Admission.Refused _ -> Outcome.REFUSED;
        case Admission.Throttled _ -> throw new AssertionError("nobody has guessed");
      });
      boolean isAbove = asked.identity() instanceof Identity.User user && user.administrator();
      assertThat(isAbove || !explanation.allowing().isEmpty()).as("a rule has allowed it")
          .isEqualTo(explanation.outcome() == Outcome.ALLOWED);
      if (!isAbove && explanation.outcome() == Outcome.ALLOWED) {
        assertThat(explanation.by()).isEqualTo(explanation.allowing().getFirst().rule().name());
      }
      assertThat(explanation.findings()).hasSameSizeAs(drawn.policy.rules());
      drawn.policy.rules().forEach(rule -> assertThat(explanation.findings().stream().filter(found -> found.rule().equals(rule)).findFirst()
          .orElseThrow().allows()).as("%s by itself", rule.name())
          .isEqualTo(
              !isAbove ? by(rule, drawn.policy, asked) : explanation.allowing().stream().anyMatch(found -> found.rule().equals(rule))));
    });
  }

  /** Whether the rule alone is enough: where it is not, the explanation has found something against it. */
  private static boolean by(AccessRule rule, AccessPolicy policy, Asked asked) {
    return Explanation.of(new Rights(new AccessPolicy(List.of(rule), policy.groups()), asked.identity()), asked).outcome()
        == Outcome.ALLOWED;
  }

  /** What the verbs make of it behind the gate. */
  private static Outcome verb(Asked asked, Rights rights) {
    if (asked.repository().isEmpty()) {
      return Outcome.ALLOWED;
    }
    Access access = rights.access(asked.repository().get());
    if (asked.tag().isPresent()) {
      return access.may(asked.action(), asked.tag().get()) ? Outcome.ALLOWED : asked.action() == Action.PULL ? Outcome.HIDDEN
          : Outcome.REFUSED;
    }
    return switch (asked.action()) {
      case DELETE, ADMIN -> access.mayEverywhere(asked.action()) ? Outcome.ALLOWED : Outcome.REFUSED;
      case PULL, PUSH, CREATE, MOVE -> Outcome.ALLOWED;
    };
  }

  private static List<Part> against(AccessRule rule, Action action, String tag) {
    return Explanation.of(new Rights(new AccessPolicy(List.of(rule)), new Identity.User("alice")),
        new Asked(new Identity.User("alice"), Optional.of(APP), tag.isEmpty() ? Optional.empty() : Optional.of(Tag.parse(tag)), action))
        .findings().getFirst().against().stream().map(Explanation.Reason::part).toList();
  }

  private static AccessRule rule(String who, String repositories, List<Glob> tags, Action action, Condition condition) {
    return new AccessRule("r", List.of(new Who.Named(who)), new Grant(List.of(new Glob(repositories)), tags, Set.of(action)), condition);
  }

  @Test
  void eachPartThatIsAgainstItIsNamed() {
    List<Glob> tags = List.of(new Glob("v*"));
    Condition never = Expression.parse("action == 'x'");

    assertThat(against(rule("user:alice", "**", tags, Action.PULL, Condition.ALWAYS), Action.PULL, "v1")).isEmpty();
    assertThat(against(rule("user:bob", "**", tags, Action.PULL, Condition.ALWAYS), Action.PULL, "v1")).containsExactly(Part.WHO);
    assertThat(against(rule("user:alice", "x", tags, Action.PULL, Condition.ALWAYS), Action.PULL, "v1")).containsExactly(Part.REPOSITORIES);
    assertThat(against(rule("user:alice", "**", tags, Action.PULL, Condition.ALWAYS), Action.PULL, "x")).containsExactly(Part.TAGS);
    assertThat(against(rule("user:alice", "**", tags, Action.DELETE, Condition.ALWAYS), Action.DELETE, "")).containsExactly(Part.TAGS);
    assertThat(against(rule("user:alice", "**", tags, Action.CREATE, Condition.ALWAYS), Action.MOVE, "v1")).containsExactly(Part.ACTIONS);
    assertThat(against(rule("user:alice", "**", tags, Action.PULL, never), Action.PULL, "v1")).containsExactly(Part.WHEN);
    assertThat(against(rule("user:bob", "x", tags, Action.CREATE, never), Action.MOVE, "x")).containsExactly(Part.values());
  }
}
