package io.berth.condition;

import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Groups;
import io.berth.policy.Identity;
import io.berth.policy.Who;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Policies and callers by chance, of few names, so that they often have to do with each other. */
public final class DrawnPolicy {

  public static final List<String> REPOSITORIES = List.of("team/app", "team/lib/x", "other", "a/b/c");
  public static final List<String> TAGS = List.of("v1", "v2", "dev-1", "latest");

  private static final List<Identity> CALLERS = List.of(new Identity.Anonymous(), new Identity.User("alice"),
      new Identity.User("bob", Set.of("dev"), Map.of("ref", "main"), false), new Identity.User("root", Set.of(), Map.of(), true),
      new Identity.Robot("ci", Set.of("dev", "ops")),
      new Identity.Workload("hub", "job:1", Map.of("ref", List.of("main", "x"), "repository", "team/app")));
  private static final List<Who> WHO = List.of(new Who.Anyone(), new Who.Authenticated(), new Who.Named("user:alice"),
      new Who.Named("user:*"), new Who.Named("robot:c*"), new Who.Named("workload:hub:*"), new Who.Group("dev"), new Who.Group("ops"),
      new Who.Claim("ref", "main"));
  private static final List<String> GLOBS = List.of("**", "team/*", "team/**", "other", "**/c", "?ther", "team/app");
  private static final List<String> TAG_GLOBS = List.of("v*", "dev-?", "*1", "latest");
  private static final List<String> CONDITIONS = List.of("tag.startsWith('v')", "action == 'pull'", "action != 'move'",
      "repository.startsWith('team/')", "'dev' in identity.groups", "identity.claims.repository == repository", "identity.kind == 'robot'",
      "tag != 'v1' || action == 'pull'", "'ops' in identity.groups && tag != 'v1'", "tag == 'v2' && identity.claims.ref == 'main'", "true",
      "false");

  private DrawnPolicy() {}

  public static <T> T one(RandomGenerator random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static <T, R> List<R> some(RandomGenerator random, int least, List<T> of, Function<T, R> make) {
    var some = new ArrayList<R>();
    for (int i = random.nextInt(3) + least; i > 0; i--) {
      some.add(make.apply(one(random, of)));
    }
    return some;
  }

  /** A policy, of whose rules some have conditions if that is wanted. */
  public static AccessPolicy policy(RandomGenerator random, boolean conditions) {
    var rules = new ArrayList<AccessRule>();
    for (int i = 0; i < random.nextInt(5); i++) {
      List<Glob> tags = random.nextBoolean() ? List.of() : some(random, 1, TAG_GLOBS, Glob::ofTags);
      Condition condition = conditions && random.nextInt(3) > 0 ? Expression.parse(one(random, CONDITIONS)) : Condition.ALWAYS;
      var actions =
          new HashSet<>(some(random, 1, List.of(Action.PULL, Action.PUSH, Action.CREATE, Action.MOVE, Action.DELETE), one -> one));
      if (tags.isEmpty() && !condition.readsTag() && random.nextInt(4) == 0) {
        actions.add(Action.ADMIN);
      }
      rules.add(new AccessRule("rule " + i, some(random, 1, WHO, who -> who),
          new Grant(some(random, 1, GLOBS, Glob::ofRepositories), tags, actions), condition));
    }
    var groups = random.nextBoolean() ? Groups.NONE
        : new Groups(Map.of("ops", List.of(new Who.Named("user:al*")), "dev", List.of(new Who.Named("workload:hub:job:1"))));
    return new AccessPolicy(rules, groups);
  }

  public static Identity caller(RandomGenerator random) {
    return one(random, CALLERS);
  }
}
