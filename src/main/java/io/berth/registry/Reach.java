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
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
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
 * found, which is logged. What the caller says that it belongs to is looked at first, and can make an answer quicker, but not another one. For one
 * transaction and one thread.
 */
final class Reach {

  /** Manifests, tags and questions of one transaction. */
  static final int LOOKS = 50_000;

  private static final Logger LOG = LoggerFactory.getLogger(Reach.class);

  /** What a question is counted as, besides what it finds. */
  private static final int QUESTION = 1;
  private static final int FIRST_PAGE = 16;
  private static final int PAGE = 1_000;
  /** Of what the caller has named, and of an index. */
  private static final int HINTS = 4;
  private static final int CHILDREN = 64;
  /** When so many steps were in vain, the tags are tried that the caller has pulled lately. */
  private static final int RECENT = FIRST_PAGE;
  /** When so many steps were in vain, so many of the tags within are tried: what is common belongs to most of them. */
  private static final int[][] SAMPLES = {{16, 2}, {50, 8}, {2_000, 64}};

  private final ReadTransaction tx;
  private final Caller caller;
  private final RepositoryName repository;
  private final Access access;
  private final Extent pull;
  private final List<Tag> recent;
  private final Set<Digest> readable = new HashSet<>();
  private final Set<Digest> unreadable = new HashSet<>();
  private final Set<Digest> own = new HashSet<>();
  private final boolean tells;
  private int left;

  private Reach(ReadTransaction tx, Caller caller, RepositoryName repository, List<Tag> recent, int looks, boolean tells) {
    this.tells = tells;
    this.tx = tx;
    this.caller = caller;
    this.repository = repository;
    this.access = caller.access(repository);
    this.pull = access.extent(Action.PULL);
    this.recent = recent;
    this.left = looks;
  }

  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository) {
    return new Reach(tx, caller, repository, List.of(), LOOKS, true);
  }

  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository, int looks) {
    return new Reach(tx, caller, repository, List.of(), looks, true);
  }

  /** The same, where it is known which tags the caller has pulled lately. */
  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository, RecentPulls recent) {
    return of(tx, caller, repository, recent, LOOKS);
  }

  static Reach of(ReadTransaction tx, Caller caller, RepositoryName repository, RecentPulls recent, int looks) {
    return new Reach(tx, caller, repository, recent.of(caller, repository), looks, true);
  }

  /** What someone may read who may pull this tag only; nobody is told of what takes more to find out. */
  static Reach ofTag(ReadTransaction tx, RepositoryName repository, Tag tag, int looks) {
    var only = new Grant(List.of(new Glob(repository.value())), List.of(new Glob(tag.value())), Set.of(Action.PULL));
    var rule = new AccessRule("the tag", List.of(new Who.Anyone()), only, Condition.ALWAYS);
    var rights = new Rights(new AccessPolicy(List.of(rule)), new Identity.Anonymous());
    return new Reach(tx, new Caller(rights, "", ""), repository, List.of(), looks, false);
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
    if (isWhole() || readable.contains(content)) {
      return true;
    }
    if (pull.isNone() || unreadable.contains(content) || isSpent()) {
      return false;
    }
    if (isHinted(content) || search(content)) {
      readable.add(content);
      return true;
    }
    return false;
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
    left -= QUESTION;
    Digest target = tx.tag(repository, tag).map(TagState::target).orElse(null);
    if (target == null) {
      return false;
    }
    readable.add(target);
    return target.equals(content) || reaches(target, content)
        || between.stream().limit(HINTS).anyMatch(digest -> reaches(digest, content) && reaches(target, digest))
        || tx.graph().children(repository, target, CHILDREN).stream().anyMatch(child -> reaches(child, content));
  }

  private boolean reaches(Digest manifest, Digest content) {
    left -= QUESTION;
    return tx.graph().reaches(repository, manifest, content);
  }

  /** What is still to be looked at of something on the way up, a page at a time. */
  private static final class Place {

    private final Digest digest;
    private @Nullable String tags;
    private boolean holders;
    private boolean subjects;
    private String afterSubject = "";
    private long afterHolder;
    private int page = FIRST_PAGE;

    /** Everything. */
    Place(Digest digest) {
      this(digest, "", true, true);
    }

    Place(Digest digest, @Nullable String tags, boolean holders, boolean subjects) {
      this.digest = digest;
      this.tags = tags;
      this.holders = holders;
      this.subjects = subjects;
    }

    boolean isDone() {
      return tags == null && !holders && !subjects;
    }

    int page() {
      int size = page;
      page = Math.min(PAGE, page * 4);
      return size;
    }
  }

  /** Looks around on all ways up, a page of each in turn. Whatever was met in vain is not readable, if nothing is left to look at. */
  private boolean search(Digest content) {
    Set<Digest> met = new HashSet<>(Set.of(content));
    Deque<Place> open = new ArrayDeque<>(List.of(new Place(content)));
    int begun = left;
    int sampled = 0;
    boolean remembered = false;
    while (!open.isEmpty()) {
      if (isSpent()) {
        LOG.atLevel(tells ? Level.WARN : Level.DEBUG).log(
            "whether {} may read {} of {} takes more than {} steps to find out, so it is refused", caller.identity().name(), content,
            repository, LOOKS);
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
      Place place = open.remove();
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

  private boolean look(Place place, Set<Digest> met, Deque<Place> open) {
    int page = place.page();
    left -= QUESTION;
    if (place.tags != null) {
      List<Tag> tags = tx.graph().someTags(repository, place.digest, place.tags, page);
      left -= tags.size();
      place.tags = tags.size() < page ? null : tags.getLast().value();
      place.page = place.tags == null ? FIRST_PAGE : place.page;
      return tags.stream().anyMatch(pull::covers);
    }
    return place.holders ? lookAtHolders(place, page, met, open) : lookAtSubjects(place, page, met, open);
  }

  private boolean lookAtHolders(Place place, int page, Set<Digest> met, Deque<Place> open) {
    List<Holder> holders = tx.graph().holders(repository, place.digest, place.afterHolder, page);
    left -= holders.size();
    place.holders = holders.size() == page;
    for (Holder holder : holders) {
      place.afterHolder = holder.position();
      if (readable.contains(holder.manifest()) || covers(holder.first()) || covers(holder.last())) {
        return true;
      }
      if (!unreadable.contains(holder.manifest()) && !met.contains(holder.manifest())) {
        Tag first = holder.first();
        var next = new Place(holder.manifest(), first == null || first.equals(holder.last()) ? null : first.value(), holder.isHeld(),
            holder.isAbout());
        if (!next.isDone()) {
          met.add(holder.manifest());
          open.add(next);
        }
      }
    }
    return false;
  }

  private boolean covers(@Nullable Tag tag) {
    return tag != null && pull.covers(tag);
  }

  private boolean lookAtSubjects(Place place, int page, Set<Digest> met, Deque<Place> open) {
    List<Digest> subjects = tx.graph().subjects(repository, place.digest, place.afterSubject, page);
    left -= subjects.size();
    place.subjects = subjects.size() == page;
    for (Digest subject : subjects) {
      place.afterSubject = subject.toString();
      if (readable.contains(subject)) {
        return true;
      }
      if (!unreadable.contains(subject) && met.add(subject)) {
        open.add(new Place(subject));
      }
    }
    return false;
  }

  /** Tries some of the tags that the caller may pull. */
  private boolean isSampled(Digest content, int samples) {
    Optional<String> from = pull.from("");
    List<Tag> tags = from.isEmpty() ? List.of() : tx.tags(repository, from.get(), samples * 4);
    left -= QUESTION;
    return tags.stream().filter(pull::covers).limit(samples).anyMatch(tag -> leadsTo(tag, List.of(), content));
  }
}
