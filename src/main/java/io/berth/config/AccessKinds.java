package io.berth.config;

import io.berth.condition.Expression;
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
  static final Kind<List<Who>> WHO = Kinds.list(Kinds.one("caller",
      "anyone, authenticated, user:NAME, robot:NAME, workload:PROVIDER:SUBJECT, group:NAME or claim:NAME=VALUE", AccessKinds::who,
      Who::text));
  private static final Kind<List<Glob>> REPOSITORIES = Kinds.list(TagKinds.REPOSITORIES);
  private static final Kind<List<Glob>> TAGS = Kinds.list(TagKinds.TAGS);
  private static final Kind<List<Action>> ACTIONS =
      Kinds.list(Kinds.one("action", "pull, push, create, move, delete or admin", AccessKinds::action, AccessKinds::word));

  private static final Kind<Condition> WHEN =
      Kinds.one("expression", "an expression of CEL, as in repository.startsWith(\"team/\")", AccessKinds::condition, Condition::text);
  private static final Kind<Who.Named> MEMBER = Kinds.one("member", "user:NAME, robot:NAME or workload:PROVIDER:SUBJECT",
      AccessKinds::member, Who.Named::text);

  static final Kind<List<AccessRuleText>> RULES = Fields.list("a rule",
      TagKinds.keys("name", NAME, "who", WHO, "repositories", REPOSITORIES, "tags", TAGS, "actions", ACTIONS, "when", WHEN),
      List.of("name", "who", "actions"), AccessKinds::rule, text -> text.rule().name(), AccessKinds::plain);

  static final Kind<Map<String, List<Who.Named>>> GROUPS =
      Kinds.map(Kinds.text("the name of a group", "[^\\p{Cntrl}*]{1,200}"), Kinds.list(MEMBER));

  private AccessKinds() {}

  private static Who who(String text) {
    int colon = text.indexOf(':');
    String rest = text.substring(colon + 1);
    if (text.length() > LONGEST || rest.isBlank() || rest.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a caller has a name of 1 to " + LONGEST + " printable characters");
    }
    return switch (colon < 0 || text.startsWith("anyone") || text.startsWith("authenticated") ? text : text.substring(0, colon)) {
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

  private static Who.Named member(String text) {
    if (who(text) instanceof Who.Named named) {
      return named;
    }
    throw new IllegalArgumentException(
        "'" + Words.shown(text) + "' is nobody in particular: the members of a group are written as user:NAME,"
            + " robot:NAME or workload:PROVIDER:SUBJECT");
  }

  private static Condition condition(String text) {
    try {
      return Expression.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + Words.shown(text) + "' is no condition: " + e.getMessage(), e);
    }
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

  private static Optional<AccessRuleText> rule(Fields fields) {
    Optional<String> name = fields.require("name", NAME);
    Optional<List<Who>> who = fields.require("who", WHO);
    List<Glob> repositories = fields.read("repositories", REPOSITORIES).orElse(List.of(new Glob("**")));
    List<Glob> tags = fields.read("tags", TAGS).orElse(List.of());
    Optional<List<Action>> actions = fields.require("actions", ACTIONS);
    Condition condition = fields.read("when", WHEN).orElse(Condition.ALWAYS);
    if (fields.areBad() || name.isEmpty() || who.isEmpty() || actions.isEmpty()) {
      return Optional.empty();
    }
    if (!tags.isEmpty() && actions.get().contains(Action.ADMIN)) {
      fields.refuse("actions", "'admin' is about whole repositories: remove 'tags', or give pull, push and delete instead");
    }
    if (condition.readsTag() && actions.get().contains(Action.ADMIN)) {
      fields.refuse("actions", "'admin' is about whole repositories, and the condition asks for the tag: ask for something else in 'when',"
          + " or give pull, push and delete instead");
    }
    return Optional.of(new AccessRuleText(
        new AccessRule(name.get(), who.get(), new Grant(repositories, tags, new HashSet<>(actions.get())), condition),
        fields.origin("name")));
  }

  private static Map<String, Object> plain(AccessRuleText text) {
    AccessRule rule = text.rule();
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", rule.name());
    plain.put("who", rule.who().stream().map(Who::text).toList());
    plain.put("repositories", rule.grant().repositories().stream().map(Glob::pattern).toList());
    if (!rule.grant().tags().isEmpty()) {
      plain.put("tags", rule.grant().tags().stream().map(Glob::pattern).toList());
    }
    plain.put("actions", new TreeSet<>(rule.grant().actions()).stream().map(AccessKinds::word).toList());
    if (!rule.condition().equals(Condition.ALWAYS)) {
      plain.put("when", rule.condition().text());
    }
    return plain;
  }
}
