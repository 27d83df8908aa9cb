package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.TagMove;
import io.berth.metadata.TagMove.Cause;
import io.berth.metadata.TagReads.DueTag;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.TagObject;
import io.berth.oci.Tagged;
import io.berth.policy.Access;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.TagChange;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.policy.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes of tags, alone or together, and the one door through which every one of them comes, by whatever route or job. What a tag was stays in
 * its history. Safe for any thread.
 */
public final class Tags {

  private static final Caller SELF = new Caller(Rights.open(new Identity.Registry()), "berth", "");

  private final MetadataStore metadata;
  private final TagNews news;
  private final TagTerms terms;
  private final ImageLabels labels;
  private final TagTrust trust;
  private final InstantSource clock;

  public Tags(MetadataStore metadata, TagNews news, TagTerms terms, ImageLabels labels, TagTrust trust,
      InstantSource clock) {
    this.metadata = metadata;
    this.news = news;
    this.terms = terms;
    this.labels = labels;
    this.trust = trust;
    this.clock = clock;
  }

  /** What is asked of one tag. */
  public record Operation(Tag tag, TagProposal proposal, Precondition precondition) {}

  /**
   * What became of one tag.
   *
   * @param version the tag's version now; 0 if it is gone
   * @param created whether it was not there before
   */
  public record Outcome(Tag tag, long version, boolean created) {}

  /** What became of all, and the repository's sequence from which on it is so. */
  public record Outcomes(long sequence, List<Outcome> outcomes) {}

  /**
   * Makes a tag what is proposed.
   *
   * @throws RegistryException 412 if the precondition fails; {@code MANIFEST_UNKNOWN} if there is no such tag to delete, or was none to
   *     restore; {@code MANIFEST_BLOB_UNKNOWN} if the repository does not hold the target; {@code MANIFEST_INVALID} if what is stated of it is
   *     wrong; {@code DENIED} (409 or 403) by a rule; {@code UNSUPPORTED} (405) if deletion is off
   */
  public Outcome change(Caller caller, RepositoryName repository, Operation operation) {
    return changeAll(caller, repository, List.of(operation), false).outcomes().getFirst();
  }

  /**
   * Makes tags what is proposed, all or none, so that nobody ever sees some of it.
   *
   * @param operations each tag at most once
   * @throws RegistryException with the status of the first operation that fails, and an error for each that does; {@code detail} says which
   */
  public Outcomes change(Caller caller, RepositoryName repository, List<Operation> operations) {
    return changeAll(caller, repository, operations, true);
  }

  private Outcomes changeAll(Caller caller, RepositoryName repository, List<Operation> operations, boolean several) {
    List<Tag> tags = operations.stream().map(Operation::tag).toList();
    Ways ways = Ways.find(metadata, caller, repository, tx -> TagTargets.named(tx, caller, repository, operations));
    return news.of(repository, tags, () -> Preparation.run(source(repository), preparation -> metadata.write(tx -> {
      if (several) {
        tx.progress(repository); // has the repository for itself from the start, where names would be locked one by one
      }
      return apply(tx, Reach.again(tx, caller, repository, ways), caller, repository, operations, preparation, several);
    })));
  }

  /** Why a rule for tags keeps the caller from a tag, whether it exists or not; absent if none does. */
  public Optional<String> protection(Caller caller, RepositoryName repository, Tag tag) {
    return terms.rules().protection(repository, tag, caller.identity()).map(Verdict.Refused::message);
  }

  /** Removes a tag inside a transaction. Whoever calls has it told. */
  void remove(WriteTransaction tx, Caller caller, RepositoryName repository, Tag tag, Precondition precondition) {
    var operation = new Operation(tag, new TagProposal.Gone(), precondition);
    apply(tx, Reach.again(tx, caller, repository, Ways.NONE), caller, repository, List.of(operation), new Preparation(), false);
  }

  /** Where what changes of the repository's tags have to know is found. */
  Preparation.Source source(RepositoryName repository) {
    return new Preparation.Source() {
      @Override
      public @Nullable Duration expiry(Digest manifest) {
        return labels.expiry(repository, manifest);
      }

      @Override
      public Set<String> signers(SignedTag document) {
        return trust.signers(document);
      }
    };
  }

  private Outcomes apply(WriteTransaction tx, Reach reach, Caller caller, RepositoryName repository, List<Operation> operations,
      Preparation preparation, boolean several) {
    var moves = new ArrayList<TagMove>();
    var versions = new ArrayList<Long>();
    Map<Integer, RegistryException> failures = new TreeMap<>();
    long size = 0;
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      Tagged current = tx.tagged(repository, operation.tag()).orElse(null);
      versions.add(current == null ? 0 : current.event().sequence());
      try {
        Change change = resolve(tx, reach, caller, repository, operation, current, preparation);
        Optional<TagMove> move = prepare(tx, caller, repository, change, current, preparation);
        size += move.map(Tags::size).orElse(0L);
        if (size > Limits.TAG_CHANGE_BYTES) {
          throw new RegistryException(413, ErrorCode.SIZE_INVALID, "what these tags are to say has more than " + Limits.TAG_CHANGE_BYTES
              + " bytes in all: change fewer at once");
        }
        move.ifPresent(moves::add);
      } catch (RegistryException refused) {
        failures.put(i, refused);
        if (refused.status() == 413) {
          break;
        }
      }
    }
    preparation.settle();
    if (!failures.isEmpty()) {
      throw several ? together(failures) : failures.values().iterator().next();
    }
    List<TagEvent> events = tx.moveTags(repository, moves, caller.author(), clock.instant());
    return outcomes(operations, versions, events, several && events.isEmpty() ? tx.progress(repository).sequence() : 0);
  }

  /** The bytes that a change keeps in memory. */
  private static long size(TagMove move) {
    SignedTag signed = move.content() == null ? null : move.content().signed();
    return signed == null ? 0 : signed.bytes().length;
  }

  private static RegistryException together(Map<Integer, RegistryException> failures) {
    var problems = new ArrayList<Problem>();
    failures.forEach((i, failure) -> {
      Problem first = failure.problems().getFirst();
      problems.add(new Problem(first.code(), first.message(), "operations[" + i + "]"));
    });
    return new RegistryException(failures.values().iterator().next().status(), problems);
  }

  private static Outcomes outcomes(List<Operation> operations, List<Long> versions, List<TagEvent> events, long unchanged) {
    Map<Tag, TagEvent> changed = new TreeMap<>();
    events.forEach(event -> changed.put(event.tag(), event));
    var outcomes = new ArrayList<Outcome>();
    for (int i = 0; i < operations.size(); i++) {
      Tag tag = operations.get(i).tag();
      long old = versions.get(i);
      TagEvent event = changed.get(tag);
      long version = event == null ? old : event.kind().isRemoval() ? 0 : event.sequence();
      outcomes.add(new Outcome(tag, version, old == 0 && version > 0));
    }
    return new Outcomes(events.isEmpty() ? unchanged : events.getFirst().sequence(), outcomes);
  }

  private Change resolve(WriteTransaction tx, Reach reach, Caller caller, RepositoryName repository, Operation operation,
      @Nullable Tagged current, Preparation preparation) {
    Tag tag = operation.tag();
    mayTry(caller, repository, operation); // first, so that the answer is the same whether there is a tag or not
    require(operation.precondition(), reach, tag, current);
    return switch (operation.proposal()) {
      case TagProposal.Gone _ -> {
        if (current == null) {
          throw new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there is no such tag", tag.value());
        }
        yield new Change(tag, null, Cause.REQUEST, false, Set.of());
      }
      case TagProposal.Unsigned(TagObject object) -> {
        var content = new TagContent(TagTargets.of(tx, reach, repository, object.target()), object.description(), object.meta(), null);
        yield new Change(tag, content, Cause.REQUEST, false, Set.of());
      }
      case TagProposal.Signed(TagObject object, SignedTag document, Set<String> signers) -> {
        var content = new TagContent(TagTargets.of(tx, reach, repository, object.target()), object.description(), object.meta(), document);
        yield new Change(tag, content, Cause.REQUEST, false, signers);
      }
      case TagProposal.Restored restored -> {
        TagContent content = TagTargets.past(tx, reach, repository, tag, restored.moment());
        Set<String> signers = content.signed() == null || !terms.rules().wantsSigners(repository, tag)
            ? Set.of()
            : preparation.signers(content.signed());
        yield new Change(tag, content, Cause.RESTORATION, false, signers);
      }
    };
  }

  /** Where a tag points that the caller can't read is not said. */
  static void require(Precondition precondition, Reach reach, Tag tag, @Nullable Tagged current) {
    Digest target = current == null ? null : current.content().target().digest();
    long version = current == null ? 0 : current.event().sequence();
    if (!precondition.holds(target, version)) {
      throw new RegistryException(412, List.of(new Problem(ErrorCode.DENIED, !reach.shows(tag)
          ? "the tag is not what the request is for"
          : current == null
              ? "there is no such tag, and the request is for one that it knows"
          : "the tag is at version " + version + " and points at " + target + ": not what the request is for", tag.value())));
    }
  }

  private void mayTry(Caller caller, RepositoryName repository, Operation operation) {
    boolean removes = operation.proposal() instanceof TagProposal.Gone;
    if (removes) {
      Deletions.requireEnabled(terms.deletion());
    }
    requireMayTry(caller, repository, operation.tag(), removes);
  }

  /**
   * Requires that the caller may do it with the tag, if it exists, or if it does not.
   *
   * @throws RegistryException {@code DENIED} (403)
   */
  static void requireMayTry(Caller caller, RepositoryName repository, Tag tag, boolean removes) {
    Access access = caller.access(repository);
    if (removes || !access.mayMakeOrMove(tag)) {
      require(access.decide(new TagChange(repository, tag, true, removes, false, caller.identity(), Set.of())), tag);
    }
  }

  /**
   * Removes a tag whose time is over, unless that has changed, or a rule is against it; then it stays.
   *
   * @return whether it was removed
   */
  public boolean expire(DueTag due) {
    var preparation = new Preparation(); // to remove takes none
    return news.of(due.repository(), List.of(due.tag()), () -> metadata.write(tx -> {
      Tagged current = tx.tagged(due.repository(), due.tag()).orElse(null);
      Instant now = clock.instant();
      if (current == null || tx.expiry(due.repository(), due.tag()).filter(time -> !time.isAfter(now)).isEmpty()) {
        return false;
      }
      try {
        move(tx, SELF, due.repository(), List.of(new Change(due.tag(), null, Cause.EXPIRY, false, Set.of())), preparation);
        return true;
      } catch (RegistryException refused) {
        tx.expireTag(due.repository(), due.tag(), null);
        return false;
      }
    }));
  }

  /**
   * What a verb wants a tag to be.
   *
   * @param keeps whether what is said of the tag stays if it points there already: a push says nothing of it
   * @param signers the names of the keys whose signatures hold
     */
  record Change(Tag tag, @Nullable TagContent content, Cause cause, boolean keeps, Set<String> signers) {

    /** The tag points at a manifest that was pushed under its name. */
    static Change pushed(Tag tag, Descriptor manifest) {
      return new Change(tag, new TagContent(manifest, null, null, null), Cause.REQUEST, true, Set.of());
    }

    /** Somebody removes the tag. */
    static Change removed(Tag tag) {
      return new Change(tag, null, Cause.REQUEST, false, Set.of());
    }
  }

  /**
   * The one door: every change of a tag comes through here, inside the transaction that has decided it, and meets the rules. Whoever calls has
   * it {@linkplain TagNews told} once the transaction is durable.
   *
   * @param changes each tag at most once
   * @throws RegistryException {@code DENIED} (409 or 403) by a rule; {@code UNSUPPORTED} (405) if deletion is off
   */
  List<TagEvent> move(WriteTransaction tx, Caller caller, RepositoryName repository, Collection<Change> changes, Preparation preparation) {
    var moves = new ArrayList<TagMove>();
    for (Change change : changes) {
      prepare(tx, caller, repository, change, tx.tagged(repository, change.tag).orElse(null), preparation).ifPresent(moves::add);
    }
    preparation.settle();
    return tx.moveTags(repository, moves, caller.author(), clock.instant());
  }

  private Optional<TagMove> prepare(WriteTransaction tx, Caller caller, RepositoryName repository, Change change,
      @Nullable Tagged current, Preparation preparation) {
    TagContent before = current == null ? null : current.content();
    TagContent after = change.content;
    Instant expires = after == null ? null : expiry(repository, change.tag, after.target().digest(), preparation);
    Access access = caller.access(repository);
    if (Objects.equals(before, after) || change.keeps && before != null && after != null && before.target().equals(after.target())) {
      if (before != null && !access.mayKeep(change.tag)) {
        require(access.decide(asked(caller, repository, change, true)), change.tag);
      }
      if (expires != null && access.may(Action.MOVE, change.tag)) {
        tx.expireTag(repository, change.tag, expires); // whoever sets it to what it is wants it to stay as long as one that is set anew
      }
      return Optional.empty();
    }
    if (after == null && change.cause != Cause.EXPIRY) {
      Deletions.requireEnabled(terms.deletion());
    }
    TagChange asked = asked(caller, repository, change, before != null);
    require(access.decide(asked), change.tag);
    if (preparation.isComplete()) {
      require(terms.rules().decide(asked), change.tag);
    }
    if (before != null && (after == null || !before.target().digest().equals(after.target().digest()))) {
      release(tx, repository, before.target().digest());
    }
    return Optional.of(new TagMove(change.tag, before == null ? null : before.target(), after, expires, change.cause));
  }

  private @Nullable Instant expiry(RepositoryName repository, Tag tag, Digest target, Preparation preparation) {
    TagRules rules = terms.rules();
    Duration label = rules.readsLabel(repository, tag) ? preparation.expiry(target) : null;
    return rules.expiry(repository, tag, clock.instant(), Optional.ofNullable(label)).orElse(null);
  }

  private static TagChange asked(Caller caller, RepositoryName repository, Change change, boolean exists) {
    return new TagChange(repository, change.tag, exists, change.content == null, change.cause == Cause.EXPIRY, caller.identity(),
        change.signers);
  }

  /**
   * Requires that no rule is against a change.
   *
   * @throws RegistryException {@code DENIED} (409 or 403), naming rule and tag
   */
  static void require(TagRules rules, TagChange change) {
    require(rules.decide(change), change.tag());
  }

  private static void require(Verdict verdict, Tag tag) {
    if (verdict instanceof Verdict.Refused(String _, Verdict.Reason reason, String message)) {
      throw new RegistryException(switch (reason) {
        case IMMUTABLE -> 409;
        case NOT_ALLOWED -> 403;
      }, List.of(new Problem(ErrorCode.DENIED, message, tag.value())));
    }
  }

  /** A blob that a tag has kept stays long enough to be tagged again. A manifest stays anyway, but its bytes may have been pushed as a blob, too. */
  private void release(WriteTransaction tx, RepositoryName repository, Digest target) {
    tx.releaseBlob(repository, target, clock.instant().plus(terms.window()));
  }
}
