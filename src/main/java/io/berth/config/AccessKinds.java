package io.berth.config;

import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Who;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The kinds of values that rules of access have. */
final class AccessKinds {

  private static final int LONGEST = 255;

  private static final Kind<String> NAME = Kinds.text("a name of printable characters", "[^\\p{Cntrl}]{1,100}");
  private static final Kind<List<Who>> WHO = Kinds.list(Kinds.one("caller",
      "anyone, authenticated, user:NAME, robot:NAME, workload:PROVIDER:SUBJECT, group:NAME or claim:NAME=VALUE", AccessKinds::who,
      Who::text));
  private static final Kind<List<Glob>> REPOSITORIES = Kinds.list(TagKinds.REPOSITORIES);
  private static final Kind<List<Glob>> TAGS = Kinds.list(TagKinds.TAGS);
  private static final Kind<List<Action>> ACTIONS =
      Kinds.list(Kinds.one("action", "pull, push, create, move, delete or admin", AccessKinds::action, AccessKinds::word));

  static final Kind<List<AccessRule>> RULES = Fields.list("a rule",
      TagKinds.keys("name", NAME, "who", WHO, "repositories", REPOSITORIES, "tags", TAGS, "actions", ACTIONS),
      List.of("name", "who", "actions"), AccessKinds::rule, AccessRule::name, AccessKinds::plain);

  private AccessKinds() {}

  private static Who who(String text) {
    int colon = text.indexOf(':');
    String rest = text.substring(colon + 1);
    if (text.length() > LONGEST || rest.isBlank() || rest.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a caller has a name of 1 to " + LONGEST + " printable characters");
    }
    return switch (colon < 0 ? text : text.substring(0, colon)) {
      case "anyone" -> new Who.Anyone();
      case "authenticated" -> new Who.Authenticated();
      case "user", "robot", "workload" -> {
        if (colon < 0) {
          throw new IllegalArgumentException("'" + text + "' needs a name: write " + text + ":NAME, or " + text + ":* for all of them");
        }
        yield new Who.Named(text);
      }
      case "group" -> {
        if (colon < 0 || rest.indexOf('*') >= 0) {
          throw new IllegalArgumentException("write a group as group:NAME, with its whole name");
        }
        yield new Who.Group(rest);
      }
      case "claim" -> claim(rest);
      default -> throw new IllegalArgumentException("'" + Words.shown(text) + "' is no caller: write anyone, authenticated, user:NAME,"
          + " robot:NAME, workload:PROVIDER:SUBJECT, group:NAME or claim:NAME=VALUE");
    };
  }

  private static Who claim(String rest) {
    int equals = rest.indexOf('=');
    if (equals <= 0 || !Who.Claim.KEY.matcher(rest.substring(0, equals)).matches()) {
      throw new IllegalArgumentException("write a claim as claim:NAME=VALUE, as in claim:repository=acme/app");
    }
    return new Who.Claim(rest.substring(0, equals), rest.substring(equals + 1));
  }

  private static Action action(String text) {
    for (Action action : Action.values()) {
      if (word(action).equalsIgnoreCase(text)) {
        return action;
      }
    }
    throw new IllegalArgumentException("'" + Words.shown(text) + "' is no action: write pull, push, create, move, delete or admin");
  }

  private static String word(Action action) {
    return action.name().toLowerCase(Locale.ROOT);
  }

  private static Optional<AccessRule> rule(Fields fields) {
    Optional<String> name = fields.require("name", NAME);
    Optional<List<Who>> who = fields.require("who", WHO);
    List<Glob> repositories = fields.read("repositories", REPOSITORIES).orElse(List.of(new Glob("**")));
    List<Glob> tags = fields.read("tags", TAGS).orElse(List.of());
    Optional<List<Action>> actions = fields.require("actions", ACTIONS);
    if (fields.areBad() || name.isEmpty() || who.isEmpty() || actions.isEmpty()) {
      return Optional.empty();
    }
    if (!tags.isEmpty() && actions.get().contains(Action.ADMIN)) {
      fields.refuse("actions", "'admin' is about whole repositories: remove 'tags', or give pull, push and delete instead");
    }
    return Optional
        .of(new AccessRule(name.get(), who.get(), new Grant(repositories, tags, new HashSet<>(actions.get())), Condition.ALWAYS));
  }

  private static Map<String, Object> plain(AccessRule rule) {
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", rule.name());
    plain.put("who", rule.who().stream().map(Who::text).toList());
    plain.put("repositories", rule.grant().repositories().stream().map(Glob::pattern).toList());
    if (!rule.grant().tags().isEmpty()) {
      plain.put("tags", rule.grant().tags().stream().map(Glob::pattern).toList());
    }
    plain.put("actions", new TreeSet<>(rule.grant().actions()).stream().map(AccessKinds::word).toList());
    return plain;
  }
}
