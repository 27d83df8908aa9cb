package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Verdict.Reason;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an operator demands of some tags. Pure.
 *
 * @param name what refusals call it by
 * @param repositories which repositories it is about
 * @param tags which of their tags
 * @param immutable whether a tag is made once and then stays as it is
 * @param principals {@linkplain Identity#name() who} may make, change and remove them; empty: everyone
 * @param expiry when they expire
 * @param signers the keys of which one must have signed what a tag is set to; empty: no signature is needed
 */
public record TagRule(String name, Glob repositories, Glob tags, boolean immutable, Set<String> principals, Expiry expiry,
    Set<String> signers) {

  public TagRule {
    principals = Collections.unmodifiableSet(new TreeSet<>(principals));
    signers = Collections.unmodifiableSet(new TreeSet<>(signers));
  }

  /** Whether it is about this tag. */
  public boolean matches(RepositoryName repository, Tag tag) {
    return repositories.matches(repository.value()) && tags.matches(tag.value());
  }

  /** Why it is against a change of a tag that it is about. */
  Optional<Verdict.Refused> objection(TagChange change) {
    String tag = "the rule '" + name + "' makes the tag '" + change.tag() + "' ";
    if (immutable && change.exists()) {
      return refused(Reason.IMMUTABLE, tag + "immutable: it stays as it was made, with all it says; "
          + (change.removes() ? "only an operator can lift the rule (tags.rules)" : "use another tag"));
    }
    Optional<Verdict.Refused> protection = change.expires() ? Optional.empty() : protection(change.tag(), change.identity());
    if (protection.isPresent()) {
      return protection;
    }
    if (!signers.isEmpty() && !change.removes() && Collections.disjoint(signers, change.signers())) {
      return refused(Reason.NOT_ALLOWED, tag + "one that must be signed: set it as a tag object with a valid signature of "
          + String.join(" or ", signers));
    }
    return Optional.empty();
  }

  /** Why somebody may do nothing with a tag that it is about, whether it exists or not. */
  Optional<Verdict.Refused> protection(Tag tag, Identity identity) {
    return principals.isEmpty() || principals.contains(identity.name())
        ? Optional.empty()
        : refused(Reason.NOT_ALLOWED, "the rule '" + name + "' makes the tag '" + tag + "' protected: " + identity.name()
            + " may not make, change or remove it; ask one who may, or an operator to name you in the rule (tags.rules)");
  }

  private Optional<Verdict.Refused> refused(Reason reason, String message) {
    return Optional.of(new Verdict.Refused(name, reason, message));
  }
}
