package io.berth.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Condition.Answer;
import io.berth.policy.Identity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What conditions of rules can say, and what they can't. */
final class ExpressionTest {

  private static final Identity JOB = new Identity.Workload("hub", "repo:acme/app:ref:main", Set.of("ci", "builders"),
      Map.of("repository", "acme/app", "run_attempt", 2, "big", new BigInteger("12345678901234567890"), "part", new BigDecimal("0.5"),
          "protected", true, "roles", List.of("build", 7), "sub.ject/x", "odd", "deep", Map.of("er", List.of(1, 2))));

  private static Condition.Question asked(Identity identity) {
    return new Condition.Question(identity, Optional.of(RepositoryName.parse("acme/app")), Optional.of(Tag.parse("v1.2")),
        Optional.of(Action.MOVE));
  }

  private static Answer judge(String expression) {
    return Expression.parse(expression).judge(asked(JOB));
  }

  @ParameterizedTest
  @ValueSource(strings = {"repository.startsWith('acme/')", "tag == 'v1.2' && action == 'move'", "identity.kind == 'workload'",
    "identity.name == 'workload:hub:repo:acme/app:ref:main'", "'ci' in identity.groups", "identity.groups == ['builders', 'ci']",
    "identity.claims.repository == repository", "identity.claims['sub.ject/x'] == 'odd'", "identity.claims.run_attempt == 2",
    "identity.claims.run_attempt < 3", "identity.claims.big > 1.2e19", "identity.claims.part == 0.5", "identity.claims.protected",
    "'build' in identity.claims.roles && 7 in identity.claims.roles", "identity.claims.deep.er.exists(n, n == 2)",
    "has(identity.claims.repository) && !has(identity.claims.other)", "tag.matches('^v[0-9]+[.][0-9]+$')", "tag.size() == 4",
    "identity.groups.all(g, g.matches('^[a-z]+$'))", "action in ['create', 'move']"})
  void itSeesWhatIsAsked(String expression) {
    assertThat(judge(expression)).isEqualTo(new Answer.Holds());
  }

  @Test
  void everyKindOfIdentityHasItsName() {
    Map<String, Identity> kinds = Map.of("user", new Identity.User("x"), "robot", new Identity.Robot("x", Set.of()), "workload", JOB,
        "bearer", new Identity.Bearer("x"), "anonymous", new Identity.Anonymous(), "registry", new Identity.Registry());
    assertThat(Expression.parse("identity.login == 'x' && identity.name == 'user:x'").judge(asked(new Identity.User("x"))).holds())
        .isTrue();
    assertThat(Expression.parse("identity.login == ''").judge(asked(new Identity.Anonymous())).holds()).isTrue();
    kinds.forEach((kind, identity) -> assertThat(Expression.parse("identity.kind == '" + kind + "'").judge(asked(identity)).holds())
        .as(kind).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity.claims.none == 'x'", "identity.claims.none != 'x'", "!(identity.claims.none == 'x')",
    "identity.claims.repository < 3", "identity.claims.repository.nothing == 1", "identity.claims.roles[9] == 'x'", "1 / 0 == 1",
    "int(tag) == 1", "9223372036854775807 + 1 > 0", "identity.claims.protected && identity.claims.repository",
    "identity.claims.repository"})
  void whatCannotBeDecidedDoesNotHoldAndBreaksNothing(String expression) {
    assertThat(judge(expression)).isInstanceOfSatisfying(Answer.Undecided.class, answer -> assertThat(answer.why()).isNotBlank());
  }

  @Test
  void aPartThatCannotBeDecidedMattersOnlyIfTheWholeDependsOnIt() {
    assertThat(judge("identity.claims.none == 'x' || action == 'move'")).isEqualTo(new Answer.Holds());
    assertThat(judge("identity.claims.none == 'x' && action == 'pull'")).isEqualTo(new Answer.Fails());
  }

  @Test
  void whatIsNotAskedAboutIsUndecided() {
    var nothing = new Condition.Question(JOB, Optional.empty(), Optional.empty(), Optional.empty());

    assertThat(Expression.parse("repository != 'x'").judge(nothing)).isInstanceOf(Answer.Undecided.class);
    assertThat(Expression.parse("tag != 'x'").judge(nothing)).isInstanceOf(Answer.Undecided.class);
    assertThat(Expression.parse("action != 'x'").judge(nothing)).isInstanceOf(Answer.Undecided.class);
    assertThat(Expression.parse("action != 'x' && identity.kind == 'user'").judge(nothing)).isEqualTo(new Answer.Fails());
  }

  @Test
  void itKnowsWhatItReads() {
    assertThat(Expression.parse("repository == 'a' && identity.claims.tag == 'x'")).matches(one -> !one.readsTag() && !one.readsAction());
    assertThat(Expression.parse("['x'].exists(t, t == tag)")).matches(one -> one.readsTag() && !one.readsAction());
    assertThat(Expression.parse("[action].exists(a, a == 'pull')")).matches(one -> !one.readsTag() && one.readsAction());
    assertThat(Expression.parse("'x' in {tag: 1}").readsTag()).isTrue();
    assertThat(Expression.parse("tag.matches(action)")).matches(one -> one.readsTag() && one.readsAction());
    assertThat(Expression.parse("size(tag) == 1").readsTag()).isTrue();
    assertThat(Expression.parse(".tag == 'x'").readsTag()).as("with a dot before it").isTrue();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "repo == 'x'                             | character 1 of it: undeclared reference to 'repo'; known are",
    "repository == 'a' && identity.nam == '' | undeclared reference to 'identity'",
    "tag == 1                                | no matching overload for '_==_'",
    "repository                              | expected type 'bool' but found 'string'",
    "tag ==                                  | mismatched input",
    "tag.match('x')                          | undeclared reference to 'match'",
    "request.time > timestamp('x')           | undeclared reference to 'request'",
    "java.lang.System.exit(1)                | undeclared reference to 'java'",
    "''.getClass() == ''                     | undeclared reference to 'getClass'",
    "repository.class == ''                  | does not support field selection",
    "import('x')                             | reserved identifier",
    "google.protobuf.Any{} == 1              | undeclared reference",
  })
  void mistakesAreNamedWhenItIsRead(String expression, String message) {
    assertThatThrownBy(() -> Expression.parse(expression)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message)
        .hasMessageContaining("known are identity.name,");
  }

  @Test
  void whatIsAskedIsDataAndNeverSource() {
    String hostile = "x' || true || '";
    var user = new Identity.User(hostile, Set.of("' in ['"), Map.of("a' == '", "'] == ['", "true", "true"), false);

    assertThat(Expression.parse("identity.name == 'x'").judge(asked(user)).holds()).isFalse();
    assertThat(Expression.parse("identity.name == \"user:" + hostile + "\"").judge(asked(user)).holds()).isTrue();
    assertThat(Expression.parse("'admin' in identity.groups").judge(asked(user)).holds()).isFalse();
  }

  @Test
  void itTakesBoundedTime() {
    var many = new Identity.User("x", Set.of(), Map.of("n", Collections.nCopies(Expression.ITERATIONS + 1, 1)), false);
    var some = new Identity.User("x", Set.of(), Map.of("n", Collections.nCopies(40, 1)), false);

    assertThat(Expression.parse("identity.claims.n.all(n, n == 1)").judge(asked(many))).isInstanceOf(Answer.Undecided.class);
    assertThat(Expression.parse("identity.claims.n.all(n, n == 1)").judge(asked(some)).holds()).isTrue();
    assertThat(Expression.parse("identity.claims.n.all(n, identity.claims.n.all(m, n == m))").judge(asked(some)))
        .as("loops within loops count together").isInstanceOf(Answer.Undecided.class);
    assertThatThrownBy(() -> Expression.parse("tag == '" + "x".repeat(Expression.LONGEST) + "'")).hasMessageContaining("1 to 2000");
    assertThatThrownBy(() -> Expression.parse("(".repeat(900) + "true" + ")".repeat(900))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Expression.parse("!".repeat(1_999) + "true")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Expression.parse("[".repeat(999) + "]".repeat(999) + " == 1")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRegularExpressionNeverGoesBack() {
    var user = new Identity.User("x", Set.of(), Map.of("text", "a".repeat(8_000) + "!"), false);

    assertThat(Expression.parse("identity.claims.text.matches('^(a+)+$')").judge(asked(user))).isEqualTo(new Answer.Fails());
    assertThat(Expression.parse("tag.matches('((a{1,100}){1,100}){1,100}')").judge(asked(user))).isInstanceOf(Answer.Undecided.class);
    assertThat(Expression.parse("tag.matches('(a)\\\\1')").judge(asked(user))).as("no references back")
        .isInstanceOf(Answer.Undecided.class);
    assertThat(Expression.parse("tag.matches(identity.claims.text)").judge(asked(user))).isInstanceOf(Answer.class);
  }
}
