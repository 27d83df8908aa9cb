package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Why somebody may do something, or not: what comes of it, and what each rule says. The outcome is made of the very decisions that the gate and the
 * verbs take ({@link Rights#decide}, {@link Access}). Pure.
 *
 * @param by what decided, in words
 * @param findings what each rule says, in the order of the rules; none where no rule is asked
 */
public record Explanation(Asked asked, Outcome outcome, String by, List<Finding> findings) {

  public Explanation {
    findings = List.copyOf(findings);
  }

  /** What comes of it. */
  public enum Outcome {
    ALLOWED,
    /** A stranger is asked for credentials. */
    CREDENTIALS,
    REFUSED,
    /** What is asked for is as if it did not exist. */
    HIDDEN
  }

  /**
   * What is asked.
   *
   * @param repository absent: the registry is to be administered
   * @param tag absent: no tag in particular; to delete and to administer it is the whole repository then
   */
  public record Asked(Identity identity, Optional<RepositoryName> repository, Optional<Tag> tag, Action action) {

    public Asked {
      if (repository.isEmpty() && (tag.isPresent() || action != Action.ADMIN)) {
        throw new IllegalArgumentException("about no repository one can only ask who administers the registry");
      }
      if (tag.isPresent() && action == Action.PUSH) {
        throw new IllegalArgumentException("to push a tag is to create or to move it: ask for these");
      }
    }

    private Scope scope() {
      return repository.<Scope>map(name -> new Scope.Repository(name, action)).orElseGet(Scope.Administration::new);
    }

    private boolean isOfAll() {
      return tag.isEmpty() && (action == Action.DELETE || action == Action.ADMIN);
    }

    private boolean isWithin(Access access) {
      return tag.map(one -> access.may(action, one)).orElseGet(() -> isOfAll() ? access.mayEverywhere(action) : access.may(action));
    }
  }

  /**
   * What a rule says.
   *
   * @param against why it does not allow it; nothing if it does
   */
  public record Finding(AccessRule rule, List<Reason> against) {

    public Finding {
      against = List.copyOf(against);
    }

    /** Whether it allows what is asked. */
    public boolean allows() {
      return against.isEmpty();
    }
  }

  /** Why a rule does not allow something, in words. */
  public record Reason(Part part, String text) {}

  /** The part of a rule that is about something else. */
  public enum Part {
    WHO, REPOSITORIES, TAGS, ACTIONS, WHEN
  }

  /** Explains. */
  public static Explanation of(Rights rights, Asked asked) {
    Decision decision = rights.decide(asked.scope());
    List<Finding> findings = rights.policy().open() ? List.of()
        : rights.policy().rules().stream().map(rule -> finding(rule, rights.policy().groups().join(asked.identity), asked)).toList();
    Outcome outcome = outcome(rights, asked, decision);
    return new Explanation(asked, outcome, by(decision, outcome, asked, findings), findings);
  }

  /** The gate lets in whoever may do it on any part of a repository; which rule is about the part that is asked for, only the findings say. */
  private static String by(Decision decision, Outcome outcome, Asked asked, List<Finding> findings) {
    if (decision.allowed() && outcome != Outcome.ALLOWED) {
      return "no rule of access allows it on " + (asked.tag.isPresent() ? "this tag" : "the whole repository");
    }
    boolean isByRule = findings.stream().anyMatch(finding -> finding.rule.name().equals(decision.rule()));
    return isByRule ? findings.stream().filter(Finding::allows).findFirst().map(finding -> finding.rule.name()).orElse(decision.rule())
        : decision.rule();
  }

  private static Outcome outcome(Rights rights, Asked asked, Decision decision) {
    if (!decision.allowed()) {
      return asked.identity instanceof Identity.Anonymous ? Outcome.CREDENTIALS : Outcome.REFUSED;
    }
    boolean isWithin = asked.repository.map(name -> asked.isWithin(rights.access(name))).orElse(true);
    return isWithin ? Outcome.ALLOWED : asked.action == Action.PULL ? Outcome.HIDDEN : Outcome.REFUSED;
  }

  private static Finding finding(AccessRule rule, Identity member, Asked asked) {
    boolean allows = asked.repository.map(name -> asked.isWithin(rule.access(member, name))).orElseGet(() -> rule.administers(member));
    return new Finding(rule, allows ? List.of() : against(rule, member, asked));
  }

  private static List<Reason> against(AccessRule rule, Identity member, Asked asked) {
    var reasons = new ArrayList<Reason>();
    Grant grant = rule.grant();
    if (!rule.isAbout(member)) {
      reasons.add(new Reason(Part.WHO, "it is about " + rule.who().stream().map(Who::text).collect(Collectors.joining(", "))));
    }
    if (!isAbout(grant, asked)) {
      reasons.add(new Reason(Part.REPOSITORIES, "it is about the repositories " + patterns(grant.repositories())));
    }
    if (!grant.tags().isEmpty()
        && asked.tag.map(tag -> grant.tags().stream().noneMatch(glob -> glob.covers(tag))).orElse(asked.isOfAll())) {
      reasons.add(
          new Reason(Part.TAGS, "it is about the tags " + patterns(grant.tags()) + (asked.isOfAll() ? ", not about all there is" : "")));
    }
    if (!granted(grant).may(asked.action)) {
      reasons.add(new Reason(Part.ACTIONS, "it allows to " + words(grant)));
    }
    reason(rule, member, asked).ifPresent(reasons::add);
    return reasons;
  }

  private static boolean isAbout(Grant grant, Asked asked) {
    return asked.repository.map(name -> grant.repositories().stream().anyMatch(glob -> glob.matches(name.value())))
        .orElseGet(() -> grant.repositories().contains(new Glob("**")));
  }

  private static Optional<Reason> reason(AccessRule rule, Identity member, Asked asked) {
    Condition condition = rule.condition();
    if (condition.readsTag() && asked.isOfAll()) {
      return Optional.of(new Reason(Part.WHEN, "its condition is about tags, not about all there is: " + condition.text()));
    }
    // to push is one of both, to administer is everything
    List<Action> actions = switch (asked.action) {
      case PUSH -> Stream.of(Action.CREATE, Action.MOVE).filter(action -> granted(rule.grant()).may(action)).toList();
      case ADMIN -> AccessRule.SIMPLE;
      case PULL, CREATE, MOVE, DELETE -> List.of(asked.action);
    };
    List<Condition.Answer> against = actions.stream().map(action -> condition.judge(new Condition.Question(member, asked.repository,
        condition.readsTag() ? asked.tag : Optional.empty(), Optional.of(action)))).filter(answer -> isAgainst(condition, asked, answer))
        .toList();
    boolean holds = asked.action == Action.PUSH ? against.size() < actions.size() || actions.isEmpty() : against.isEmpty();
    return holds ? Optional.empty()
        : against.stream().findFirst().map(answer -> new Reason(Part.WHEN,
            answer instanceof Condition.Answer.Undecided(String why) ? "its condition can't be decided (" + why + "): " + condition.text()
                : "its condition is not true: " + condition.text()));
  }

  /** Where no tag is named, a condition that needs one is against it only if it is false whatever the tag. */
  private static boolean isAgainst(Condition condition, Asked asked, Condition.Answer answer) {
    return condition.readsTag() && asked.tag.isEmpty() ? answer instanceof Condition.Answer.Fails : !answer.holds();
  }

  private static Access granted(Grant grant) {
    return Access.of(grant.actions(), Extent.ALL);
  }

  private static String patterns(List<Glob> globs) {
    return globs.stream().map(Glob::pattern).collect(Collectors.joining(", "));
  }

  private static String words(Grant grant) {
    return grant.actions().isEmpty() ? "do nothing"
        : grant.actions().stream().map(action -> action.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
  }

  /** The rules that allow it. */
  public List<Finding> allowing() {
    return findings.stream().filter(Finding::allows).toList();
  }

  /** The rules that would allow it but for one thing. */
  public List<Finding> close() {
    return findings.stream().filter(finding -> finding.against.size() == 1).toList();
  }

  /** How many rules are about something else altogether. */
  public int distant() {
    return Math.toIntExact(findings.stream().filter(finding -> finding.against.size() > 1).count());
  }

  /** That of several which lets the least be done. */
  public static Outcome least(List<Explanation> several) {
    return Collections.max(several.stream().map(Explanation::outcome).toList());
  }
}
