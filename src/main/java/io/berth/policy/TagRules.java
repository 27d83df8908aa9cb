package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What may become of which tag. Pure: the answer follows from the rules, the change and the instant alone. Every rule that is about a tag applies. */
public record TagRules(List<TagRule> rules) {

  /** Everything is allowed and nothing expires. */
  public static final TagRules NONE = new TagRules(List.of());

  public TagRules {
    rules = List.copyOf(rules);
  }

  /** Decides one change of one tag: the first rule that is against it says why. */
  public Verdict decide(TagChange change) {
    for (TagRule rule : rules) {
      if (rule.matches(change.repository(), change.tag())) {
        Optional<Verdict.Refused> objection = rule.objection(change);
        if (objection.isPresent()) {
          return objection.get();
        }
      }
    }
    return new Verdict.Allowed();
  }

  /** Why somebody may do nothing with a tag, whether it exists or not: the first rule that protects it from them. */
  public Optional<Verdict.Refused> protection(RepositoryName repository, Tag tag, Identity identity) {
    return about(repository, tag).flatMap(rule -> rule.protection(tag, identity).stream()).findFirst();
  }

  /** The first rule that makes the tag immutable, by name. */
  public Optional<String> immutable(RepositoryName repository, Tag tag) {
    return about(repository, tag).filter(TagRule::immutable).map(TagRule::name).findFirst();
  }

  /** Whether the repository can have an immutable tag; if not, there is none to look for. */
  public boolean mayHoldImmutable(RepositoryName repository) {
    return rules.stream().anyMatch(rule -> rule.immutable() && rule.repositories().matches(repository.value()));
  }

  /** Whether a rule may be against the removal of a tag of the repository; if not, none has to be asked for. */
  public boolean mayForbidRemoval(RepositoryName repository) {
    return rules.stream()
        .anyMatch(rule -> (rule.immutable() || !rule.principals().isEmpty()) && rule.repositories().matches(repository.value()));
  }

  /**
   * When a tag that is set now expires: at the earliest instant that a rule names. Absent if none does, and for a tag that is immutable.
   *
   * @param label what the label of the image names, if it has one
   */
  public Optional<Instant> expiry(RepositoryName repository, Tag tag, Instant now, Optional<Duration> label) {
    if (immutable(repository, tag).isPresent()) {
      return Optional.empty();
    }
    return about(repository, tag).flatMap(rule -> switch (rule.expiry()) {
      case Expiry.Never _ -> Stream.<Duration>empty();
      case Expiry.After(Duration time) -> Stream.of(time);
      case Expiry.ByLabel _ -> label.stream();
    }).min(Duration::compareTo).map(now::plus);
  }

  /** Whether the label of the image matters to {@link #expiry}. */
  public boolean readsLabel(RepositoryName repository, Tag tag) {
    return about(repository, tag).anyMatch(rule -> rule.expiry() instanceof Expiry.ByLabel) && immutable(repository, tag).isEmpty();
  }

  /** Whether it matters who has signed. */
  public boolean wantsSigners(RepositoryName repository, Tag tag) {
    return about(repository, tag).anyMatch(rule -> !rule.signers().isEmpty());
  }

  private Stream<TagRule> about(RepositoryName repository, Tag tag) {
    return rules.stream().filter(rule -> rule.matches(repository, tag));
  }
}
