package io.berth.registry;

import io.berth.metadata.GraphReads.Holder;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Access;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Extent;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Who;
import io.berth.registry.Ways.Step;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What of a repository a caller may read. Who may pull from all of it reads everything, and nothing is looked up. Who may pull some tags reads
 * what these point at, what a manifest that he may read needs, and the manifests that point at such a one by {@code subject} or
 * {@code reference}; and what he has pushed himself, as long as that is remembered. For all others there is nothing.
 *
 * <p>The way is looked for upwards, from the content to a tag, by index and in bounded work: {@link #LOOKS} in one transaction. What takes more is not
 * found, which is logged. A transaction that writes does not search while others wait: it goes again the {@linkplain Ways ways} that were found
 * before, and what it finds itself is what {@link #LOOKS_AGAIN} show. What the caller says that it belongs to is looked at first, and can make an answer quicker, but not another one. For one
 * transaction and one thread.
 */
final class Reach {

  /** Manifests, tags and questions of one transaction. */
  static final int LOOKS = 50_000;

  /** The same of one that writes, beyond the first step of each way that was found before. */
  static final int LOOKS_AGAIN = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Reach.class);

  /** What a question is counted as, besides what it finds. */
  private static final int QUESTION = 1;
  /** Of what the caller has named, and of an index. */
  private static final int HINTS = 4;
  private static final int CHILDREN = 64;
  /** When so many steps were in vain, the tags are tried that the caller has pulled lately. */
  private static final int RECENT = Foothold.FIRST_PAGE;
  /** When so many steps were in vain, so many of the tags within are tried: what is common belongs to most of them. */
  private static final int[][] SAMPLES = {{16, 2}, {50, 8}, {2_000, 64}};

  private final ReadTransaction tx;
  private final Caller caller;
  private final RepositoryName repository;
  private final Access access;
  private final Extent pull;
  private final List<Tag> recent;
  private final Ways known;
  private final Map<Digest, Step> readable = new HashMap<>();
  private final Set<Digest> unreadable = new HashSet<>();
  private final Set<Digest> own = new HashSet<>();
  private final boolean tells;
  private final int looks;
  private int left;

  private Reach(ReadTransaction tx, Caller caller, RepositoryName repository, List<Tag> recent, Ways known, int looks, boolean tells) {
    this.known = known;
    this.tells = tells;
    this.looks = looks;
    this.tx = tx;
    this.caller = caller;
    this.repository = repository;
    this.access = caller.access(repository);
    this.pull = access.extent(Action.PULL);
    this.recent = recent;
    this.left = looks;
  }

  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository) {
    return new Reach(tx, caller, repository, List.of(), Ways.NONE, LOOKS, true);
  }

  /** The same in fewer steps; nobody is told of what takes more to find out. */
  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository, int looks) {
    return new Reach(tx, caller, repository, List.of(), Ways.NONE, looks, false);
  }

  /** The same, where it is known which tags the caller has pulled lately. */
  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository, RecentPulls recent) {
    return of(tx, caller, repository, recent, LOOKS);
  }

  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository, RecentPulls recent, int looks) {
    return new Reach(tx, caller, repository, recent.of(caller, repository), Ways.NONE, looks, true);
  }

  /** For a transaction that writes: what is readable by a way that was found before, if that is still there, or by one that is found easily. */
  static Reach again(ReadTransaction tx, Caller caller, RepositoryName repository, Ways known) {
    return new Reach(tx, caller, repository, List.of(), known, LOOKS_AGAIN, true);
  }

  /** What someone may read who may pull this tag only; nobody is told of what takes more to find out. */
  static Reach ofTag(ReadTransaction tx, RepositoryName repository, Tag tag, int looks) {
    var only = new Grant(List.of(new Glob(repository.value())), List.of(new Glob(tag.value())), Set.of(Action.PULL));
    var rule = new AccessRule("the tag", List.of(new Who.Anyone()), only, Condition.ALWAYS);
    var rights = new Rights(new AccessPolicy(List.of(rule)), new Identity.Anonymous());
    return new Reach(tx, new Caller(rights, "", ""), repository, List.of(), Ways.NONE, looks, false);
  }

  /**
   * What was found so far, for a transaction that writes.
   *
   * @param vain what was not
   */
  Ways ways(Set<Digest> vain) {
    return new Ways(readable, vain);
  }

  /** Whether the caller may read everything. */
  boolean isWhole() {
    return pull.isAll();
  }

  /** Whether no more can be looked at. */
  boolean isSpent() {
    return left <= 0;
  }

  /** Whether the caller may read what is found under the name, if there is anything. */
  boolean shows(TagOrDigest name) {
    return switch (name) {
      case Tag tag -> shows(tag);
      case Digest digest -> shows(digest);
    };
  }

  boolean shows(Tag tag) {
    return pull.covers(tag);
  }

  boolean shows(Digest content) {
    return isWhole() || owns(content) || isReached(content);
  }

  /** The same without what only the caller's own push has brought. */
  boolean isReached(Digest content) {
    if (isWhole() || readable.containsKey(content)) {
      return true;
    }
    if (pull.isNone() || unreadable.contains(content)) {
      return false;
    }
    return isStillReached(content) || !isSpent() && !known.isVain(content) && (isHinted(content) || search(content));
  }

  /** Whether the way is still there that was found before. Its first step is the content's own, and what is further up counts once for all. */
  private boolean isStillReached(Digest content) {
    var steps = new ArrayDeque<Map.Entry<Digest, Step>>();
    Digest at = content;
    while (!readable.containsKey(at)) {
      Step step = known.from(at);
      if (step == null || isSpent() && !steps.isEmpty() || !isThere(at, step)) {
        return false;
      }
      left -= steps.isEmpty() ? 0 : QUESTION;
      steps.push(Map.entry(at, step));
      switch (step) {
        case Step.Tagged _ -> readable.put(at, step);
        case Step.Needed(Digest manifest) -> at = manifest;
        case Step.About(Digest subject) -> at = subject;
      }
    }
    steps.forEach(step -> readable.putIfAbsent(step.getKey(), step.getValue()));
    return true;
  }

  private boolean isThere(Digest content, Step step) {
    return switch (step) {
      case Step.Tagged(Tag tag) -> pull.covers(tag) && tx.tag(repository, tag).filter(found -> found.target().equals(content)).isPresent();
      case Step.Needed(Digest manifest) -> tx.graph().reaches(repository, manifest, content);
      case Step.About(Digest subject) ->
          tx.graph().isReached(repository, content, subject) && tx.manifestSize(repository, subject).isPresent();
    };
  }

  /** The manifest that needs it, by which it was found to be readable, if that is the way. */
  Optional<Digest> needing(Digest content) {
    return readable.get(content) instanceof Step.Needed(Digest manifest) ? Optional.of(manifest) : Optional.empty();
  }

  /** Whether the caller has pushed it himself, not long ago. */
  boolean owns(Digest content) {
    if (isWhole() || !access.may(Action.PUSH)) {
      return false;
    }
    if (own.contains(content)) {
      return true;
    }
    boolean owned = ownUntil(content).isPresent();
    if (owned) {
      own.add(content);
    }
    return owned;
  }

  /** Until when that is remembered. */
  Optional<Instant> ownUntil(Digest content) {
    return tx.own().until(repository, caller.principal(), content);
  }

  /** Whether the way that the caller has named, if any, leads there. */
  private boolean isHinted(Digest content) {
    List<Tag> tags = caller.refs().tags(repository);
    List<Digest> between = tags.isEmpty() ? List.of() : caller.refs().digests(repository);
    return tags.stream().filter(pull::covers).limit(HINTS).anyMatch(tag -> leadsTo(tag, between, content));
  }

  /** Whether it is what the tag points at, or what that needs, or one of its children. */
  private boolean leadsTo(Tag tag, List<Digest> between, Digest content) {
    if (isSpent()) {
      return false;
    }
    left -= QUESTION;
    Digest target = tx.tag(repository, tag).map(TagState::target).orElse(null);
    if (target == null) {
      return false;
    }
    readable.putIfAbsent(target, new Step.Tagged(tag));
    return target.equals(content) || reaches(target, content)
        || between.stream().limit(HINTS).anyMatch(digest -> reaches(target, digest) && reaches(digest, content))
        || tx.graph().children(repository, target, CHILDREN).stream().anyMatch(child -> leads(target, child, content));
  }

  private boolean leads(Digest readableIndex, Digest child, Digest content) {
    if (!reaches(child, content)) {
      return false;
    }
    readable.putIfAbsent(child, new Step.Needed(readableIndex));
    return true;
  }

  /** Whether a manifest that is readable needs the content, which is readable then, too. */
  private boolean reaches(Digest manifest, Digest content) {
    left -= QUESTION;
    boolean reaches = tx.graph().reaches(repository, manifest, content);
    if (reaches) {
      readable.putIfAbsent(content, new Step.Needed(manifest));
    }
    return reaches;
  }

  /** Looks around on all ways up, a page of each in turn. Whatever was met in vain is not readable, if nothing is left to look at. */
  private boolean search(Digest content) {
    Set<Digest> met = new HashSet<>(Set.of(content));
    Deque<Foothold> open = new ArrayDeque<>(List.of(new Foothold(content, null)));
    int begun = left;
    int sampled = 0;
    boolean remembered = false;
    while (!open.isEmpty()) {
      if (isSpent()) {
        LOG.atLevel(tells ? Level.WARN : Level.DEBUG).log(
            "whether {} may read {} of {} takes more than {} steps to find out, so it is refused", caller.identity().name(), content,
            repository, looks);
        return false;
      }
      if (!remembered && begun - left > RECENT) {
        remembered = true;
        if (recent.stream().filter(pull::covers).anyMatch(tag -> leadsTo(tag, List.of(), content))) {
          return true;
        }
      }
      if (sampled < SAMPLES.length && begun - left > SAMPLES[sampled][0] && isSampled(content, SAMPLES[sampled++][1])) {
        return true;
      }
      Foothold place = open.remove();
      if (look(place, met, open)) {
        return true;
      }
      if (!place.isDone()) {
        open.add(place);
      }
    }
    unreadable.addAll(met);
    return false;
  }

  private boolean look(Foothold place, Set<Digest> met, Deque<Foothold> open) {
    int page = place.page(left);
    left -= QUESTION;
    if (place.tags != null) {
      List<Tag> tags = tx.graph().someTags(repository, place.digest, place.tags, page);
      left -= tags.size();
      place.tags = tags.size() < page ? null : tags.getLast().value();
      place.page = place.tags == null ? Foothold.FIRST_PAGE : place.page;
      Optional<Tag> within = tags.stream().filter(pull::covers).findFirst();
      within.ifPresent(tag -> found(place, new Step.Tagged(tag)));
      return within.isPresent();
    }
    return place.holders ? lookAtHolders(place, page, met, open) : lookAtSubjects(place, page, met, open);
  }

  private boolean lookAtHolders(Foothold place, int page, Set<Digest> met, Deque<Foothold> open) {
    List<Holder> holders = tx.graph().holders(repository, place.digest, place.afterHolder, page);
    left -= holders.size();
    place.holders = holders.size() == page;
    for (Holder holder : holders) {
      place.afterHolder = holder.position();
      Tag within = covers(holder.first()) ? holder.first() : covers(holder.last()) ? holder.last() : null;
      if (within != null) {
        readable.putIfAbsent(holder.manifest(), new Step.Tagged(within));
      }
      if (readable.containsKey(holder.manifest())) {
        found(place, new Step.Needed(holder.manifest()));
        return true;
      }
      if (!unreadable.contains(holder.manifest()) && !met.contains(holder.manifest())) {
        Tag first = holder.first();
        var next = new Foothold(holder.manifest(), place, false, first == null || first.equals(holder.last()) ? null : first.value(),
            holder.isHeld(),
            holder.isAbout());
        met.add(holder.manifest());
        if (!next.isDone()) {
          open.add(next);
        }
      }
    }
    return false;
  }

  private boolean covers(@Nullable Tag tag) {
    return tag != null && pull.covers(tag);
  }

  private boolean lookAtSubjects(Foothold place, int page, Set<Digest> met, Deque<Foothold> open) {
    List<Digest> subjects = tx.graph().subjects(repository, place.digest, place.afterSubject, page);
    left -= subjects.size();
    place.subjects = subjects.size() == page;
    for (Digest subject : subjects) {
      place.afterSubject = subject.toString();
      if (readable.containsKey(subject)) {
        found(place, new Step.About(subject));
        return true;
      }
      if (!unreadable.contains(subject) && met.add(subject)) {
        open.add(new Foothold(subject, place));
      }
    }
    return false;
  }

  /** The place is readable, and so is all on the way that led there. */
  private void found(Foothold place, Step last) {
    Step step = last;
    for (Foothold at = place; at != null; at = at.below) {
      readable.putIfAbsent(at.digest, step);
      step = at.isSubject ? new Step.About(at.digest) : new Step.Needed(at.digest);
    }
  }

  /** Tries some of the tags that the caller may pull. */
  private boolean isSampled(Digest content, int samples) {
    Optional<String> from = pull.from("");
    List<Tag> tags = from.isEmpty() ? List.of() : tx.tags(repository, from.get(), samples * 4);
    left -= QUESTION;
    return tags.stream().filter(pull::covers).limit(samples).anyMatch(tag -> leadsTo(tag, List.of(), content));
  }
}
