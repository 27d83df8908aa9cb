package io.berth.cli;

import io.berth.config.ServeConfig;
import io.berth.config.ServeConfig.Authentication;
import io.berth.policy.AccessRule;
import io.berth.policy.Condition;
import io.berth.policy.Who;
import io.berth.policy.Wildcard;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks for rules that could be left out: nobody can be whom they are about, or another rule allows all that they do. In doubt a rule is not one of them. */
final class IdleRules {

  private final ServeConfig config;
  private final List<AccessRule> rules;

  IdleRules(ServeConfig config) {
    this.config = config;
    this.rules = config.access().rules().orElse(List.of());
  }

  /** Their names, each with the reason. */
  Map<String, String> find() {
    var idle = new LinkedHashMap<String, String>();
    for (int i = 0; i < rules.size(); i++) {
      AccessRule rule = rules.get(i);
      Optional<String> reason = empty(rule).or(() -> nobody(rule)).or(() -> covered(rule, idle));
      reason.ifPresent(why -> idle.put(rule.name(), why));
    }
    return idle;
  }

  private static Optional<String> empty(AccessRule rule) {
    return rule.grant().actions().isEmpty() || rule.grant().repositories().isEmpty() || rule.who().isEmpty()
        ? Optional.of("it allows nothing: 'who', 'repositories' or 'actions' is empty")
        : Optional.empty();
  }

  private Optional<String> nobody(AccessRule rule) {
    List<String> reasons = rule.who().stream().map(this::nobody).flatMap(Optional::stream).toList();
    return reasons.size() == rule.who().size() ? Optional.of(String.join("; ", reasons)) : Optional.empty();
  }

  private Optional<String> nobody(Who who) {
    boolean hasAccounts = config.authentication() instanceof Authentication.Sources sources && sources.accounts();
    boolean hasJobs = !config.access().workloads().isEmpty();
    return switch (who) {
      case Who.Anyone _, Who.Authenticated _ -> Optional.empty();
      case Who.Named(String name) when name.startsWith("robot:") && !hasAccounts ->
          Optional.of("there is no " + name + " without accounts (auth.accounts.enabled)");
      case Who.Named(String name) when name.startsWith("workload:") && !mayBeOfAPlatform(name) ->
          Optional.of("no platform in auth.workloads is that of " + name);
      case Who.Named _ -> Optional.empty();
      case Who.Group(String name) -> isListed(name) || hasAccounts || bringsGroups() ? Optional.empty()
          : Optional
              .of("nobody is in group:" + name + ": it has no members in access.groups, and there are no accounts, directory or logins");
      case Who.Claim claim -> hasJobs ? Optional.empty()
          : Optional.of("nobody has " + claim.text() + " without platforms in auth.workloads");
    };
  }

  /** Whether what stands before the first {@code *} may be the beginning of the name of a job of one of the platforms. */
  private boolean mayBeOfAPlatform(String name) {
    String known = name.indexOf('*') < 0 ? name : name.substring(0, name.indexOf('*'));
    return config.access().workloads().stream().map(platform -> "workload:" + platform.name() + ":")
        .anyMatch(platform -> known.startsWith(platform) || name.indexOf('*') >= 0 && platform.startsWith(known));
  }

  /** Whether others vouch for people, and say which groups they are in. */
  private boolean bringsGroups() {
    return config.access().people().directory().isPresent() || !config.access().people().logins().isEmpty();
  }

  private boolean isListed(String group) {
    return !config.access().groups().members().getOrDefault(group, List.of()).isEmpty();
  }

  /** Of two that allow the same, the first stays. */
  private Optional<String> covered(AccessRule rule, Map<String, String> idle) {
    return rules.stream().filter(other -> !other.equals(rule) && !idle.containsKey(other.name()) && isWithin(rule, other))
        .filter(other -> !isWithin(other, rule) || rules.indexOf(other) < rules.indexOf(rule))
        .map(other -> "the rule '" + other.name() + "' allows all that it does").findFirst();
  }

  private static boolean isWithin(AccessRule inner, AccessRule outer) {
    return (outer.condition().equals(Condition.ALWAYS) || outer.condition().equals(inner.condition()))
        && inner.grant().isWithin(outer.grant())
        && inner.who().stream().allMatch(who -> outer.who().stream().anyMatch(other -> isWithin(who, other)));
  }

  private static boolean isWithin(Who inner, Who outer) {
    return inner.equals(outer) || switch (outer) {
      case Who.Anyone _ -> true;
      case Who.Authenticated _ -> inner instanceof Who.Named;
      case Who.Named(String pattern) ->
          inner instanceof Who.Named(String name) && name.indexOf('*') < 0 && new Wildcard(pattern).matches(name);
      case Who.Group _, Who.Claim _ -> false;
    };
  }
}
