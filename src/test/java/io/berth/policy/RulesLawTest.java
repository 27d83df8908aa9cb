package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.condition.DrawnPolicy;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What rules without conditions allow is what one finds who goes through them with a finger. */
final class RulesLawTest {

  private record Drawn(AccessPolicy policy, Identity caller) {}

  @Test
  void rulesAllowWhatOneOfThemSays() {
    Law.forAll(random -> new Drawn(DrawnPolicy.policy(random, false), DrawnPolicy.caller(random)), drawn -> {
      for (String repository : DrawnPolicy.REPOSITORIES) {
        Access access = drawn.policy.access(drawn.caller, RepositoryName.parse(repository));
        for (Action action : List.of(Action.PULL, Action.CREATE, Action.MOVE, Action.DELETE, Action.ADMIN)) {
          for (String tag : DrawnPolicy.TAGS) {
            assertThat(access.may(action, Tag.parse(tag))).as("%s %s:%s", action, repository, tag)
                .isEqualTo(isAllowed(drawn, action, repository, tag));
          }
          assertThat(access.mayEverywhere(action)).as("%s all of %s", action, repository)
              .isEqualTo(isAllowed(drawn, action, repository, ""));
        }
        assertThat(drawn.policy.decide(drawn.caller, new Scope.Repository(RepositoryName.parse(repository), Action.PUSH)).allowed())
            .as("push to %s", repository).isEqualTo(access.may(Action.CREATE) || access.may(Action.MOVE));
      }
    });
  }

  /** An empty tag stands for what no tag shows. */
  private static boolean isAllowed(Drawn drawn, Action action, String repository, String tag) {
    if (drawn.caller instanceof Identity.User user && user.administrator()) {
      return true;
    }
    for (AccessRule rule : drawn.policy.rules()) {
      boolean who = rule.who().stream().anyMatch(one -> isMeant(one, drawn));
      boolean what = rule.grant().repositories().stream().anyMatch(glob -> matches(glob, repository));
      boolean tags = rule.grant().tags().isEmpty() || !tag.isEmpty() && rule.grant().tags().stream().anyMatch(glob -> matches(glob, tag));
      Set<Action> actions = rule.grant().actions();
      boolean does = actions.contains(action) || actions.contains(Action.ADMIN)
          || actions.contains(Action.PUSH) && (action == Action.CREATE || action == Action.MOVE);
      if (who && what && tags && does) {
        return true;
      }
    }
    return false;
  }

  private static boolean isMeant(Who who, Drawn drawn) {
    String name = drawn.caller.name();
    return switch (who) {
      case Who.Anyone _ -> true;
      case Who.Authenticated _ -> !name.equals("anonymous");
      case Who.Named(String pattern) -> name.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q"));
      case Who.Group(String group) -> drawn.caller.groups().contains(group) || drawn.policy.groups().members()
          .getOrDefault(group, List.of()).stream().anyMatch(member -> isMeant(member, drawn));
      case Who.Claim(String key, String value) -> {
        Object claim = drawn.caller.claims().get(key);
        yield value.equals(claim) || claim instanceof List<?> several && several.contains(value);
      }
    };
  }

  private static boolean matches(Glob glob, String text) {
    var regex = new StringBuilder();
    for (int i = 0; i < glob.pattern().length(); i++) {
      if (glob.pattern().startsWith("**/", i)) {
        regex.append("(?:.*/)?");
        i += 2;
      } else if (glob.pattern().startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else {
        char c = glob.pattern().charAt(i);
        regex.append(c == '*' ? "[^/]*" : c == '?' ? "[^/]" : Pattern.quote(String.valueOf(c)));
      }
    }
    return text.matches(regex.toString());
  }
}
