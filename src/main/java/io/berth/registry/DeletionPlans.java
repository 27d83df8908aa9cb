package io.berth.registry;

import io.berth.metadata.DepartureReads.About;
import io.berth.metadata.GraphReads.Content;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.policy.ReferrerLife;
import io.berth.registry.Departures.Hold;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What deletions would do, without doing it. They are tried in a transaction that is given up at its end: so they are refused as the deletions
 * themselves would be. What would go, too, is then read, as it is at that moment. Safe for any thread.
 */
public final class DeletionPlans {

  /** What is told at most of each sort. */
  public static final int SHOWN = 1_000;

  /** Of one index. */
  private static final int TAGS = 20;

  private static final int PAGE = 200;

  private final MetadataStore metadata;
  private final Tags tags;
  private final Manifests manifests;
  private final Repositories repositories;
  private final Departures departures;
  private final InstantSource clock;

  public DeletionPlans(MetadataStore metadata, Tags tags, Manifests manifests, Repositories repositories, Departures departures,
      InstantSource clock) {
    this.metadata = metadata;
    this.tags = tags;
    this.manifests = manifests;
    this.repositories = repositories;
    this.departures = departures;
    this.clock = clock;
  }

  /**
   * What would happen.
   *
   * @param manifest what would be deleted; {@code null} if only a tag would
   * @param target where that tag points, or that manifest
   * @param tags how many tags would go
   * @param names the first of them
   * @param life what becomes of what is about the manifest
   * @param going what would follow it after its grace: what is about it, and what is about that
   * @param staying what would not, though what it is about is gone
   * @param isWhole whether these two are all
   * @param holders manifests that need it, most often indexes that list it, and would lack it
   * @param areAll whether these are all
   */
  public record Plan(@Nullable Digest manifest, Digest target, long tags, List<Tag> names, ReferrerLife life, List<Going> going,
      List<Staying> staying, boolean isWhole, List<Holder> holders, boolean areAll) {}

  /** A manifest. */
  public record Item(Digest digest, MediaType mediaType, @Nullable MediaType artifactType, long size) {}

  /** A manifest that would follow. */
  public record Going(Item manifest, Digest subject) {}

  /** A manifest that would stay, and what holds it; {@code null}: the rules do. */
  public record Staying(Item manifest, Digest subject, @Nullable Hold hold) {}

  /** A manifest that needs another, and some of its tags. */
  public record Holder(Item manifest, List<Tag> tags) {}

  /**
   * The deletion of a tag, or of a manifest with its tags.
   *
   * @throws RegistryException as {@link Manifests#delete} and {@link Tags#change} do; {@code DENIED} (403) to who may not pull the tag or, of a
   *     manifest, everything
   */
  public Plan plan(Caller caller, RepositoryName repository, TagOrDigest name, Precondition precondition) {
    return switch (name) {
      case Tag tag -> {
        requireSight(caller.access(repository).may(Action.PULL, tag), caller, repository);
        attempt(tx -> tags.remove(tx, caller, repository, tag, precondition));
        Digest target = metadata.read(tx -> tx.tag(repository, tag)).map(TagState::target).orElseThrow(() -> gone(name));
        yield new Plan(null, target, 1, List.of(tag), departures.life(repository), List.of(), List.of(), true, List.of(), true);
      }
      case Digest manifest -> {
        requireSight(caller.access(repository).mayEverywhere(Action.PULL), caller, repository);
        attempt(tx -> manifests.remove(tx, caller, repository, manifest, precondition, Ways.NONE));
        yield metadata.read(tx -> new Walk(tx, repository, manifest).plan());
      }
    };
  }

  /**
   * The deletion of a repository.
   *
   * @return what it holds, as {@link Repositories#usage} tells it
   * @throws RegistryException as {@link Repositories#delete} does
   */
  public RepositoryUsage plan(Caller caller, RepositoryName repository) {
    return metadata.read(tx -> {
      repositories.requireRemovable(tx, caller, repository);
      return Repositories.usage(tx, caller, repository);
    }).orElseThrow(() -> Repositories.unknown(repository));
  }

  /** It is told what would go and what would stay; who may delete that may not always read it. */
  private static void requireSight(boolean seen, Caller caller, RepositoryName repository) {
    if (!seen) {
      throw new RegistryException(ErrorCode.DENIED, "no rule of access (access.rules) allows " + caller.identity().name()
          + " to pull all of that from " + repository + ", which it takes to be told what its deletion would do");
    }
  }

  /** Somebody has removed it meanwhile. */
  private static RegistryException gone(TagOrDigest name) {
    return new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there is no such tag", name.toString());
  }

  private void attempt(Consumer<WriteTransaction> deletion) {
    var tried = new RegistryException(ErrorCode.UNSUPPORTED, "it was only tried");
    try {
      metadata.write(tx -> {
        deletion.accept(tx);
        throw tried;
      });
    } catch (RegistryException e) {
      if (e != tried) {
        throw e;
      }
    }
  }

  /** What is about a manifest, level by level, and at each the newest first, as the collector goes. */
  private final class Walk {

    private final ReadTransaction tx;
    private final RepositoryName repository;
    private final Digest root;
    private final ReferrerLife life;
    private final Instant now = clock.instant();
    private final List<Going> going = new ArrayList<>();
    private final List<Staying> staying = new ArrayList<>();
    private final Set<Digest> gone = new HashSet<>();
    private boolean isWhole = true;

    Walk(ReadTransaction tx, RepositoryName repository, Digest root) {
      this.tx = tx;
      this.repository = repository;
      this.root = root;
      this.life = departures.life(repository);
    }

    Plan plan() {
      Deque<Digest> subjects = new ArrayDeque<>(List.of(root));
      while (!subjects.isEmpty() && isWhole) {
        follow(subjects.remove(), subjects);
      }
      List<Tag> names = tx.tagsOf(repository, root);
      List<Digest> holders = tx.holders(repository, root, SHOWN + 1);
      return new Plan(root, root, names.size(), first(names), life, List.copyOf(going), List.copyOf(staying), isWhole,
          first(holders).stream().map(holder -> new Holder(item(holder), content(holder).tags())).toList(),
          holders.size() <= SHOWN);
    }

    private void follow(Digest subject, Deque<Digest> subjects) {
      List<About> page = tx.departures().about(repository, subject, Long.MAX_VALUE, PAGE);
      while (!page.isEmpty()) {
        for (About about : page) {
          if (going.size() + staying.size() == SHOWN) {
            isWhole = false;
            return;
          }
          Optional<Hold> hold = departures.hold(tx, repository, about.manifest(), gone, now);
          if (hold.isPresent() || life instanceof ReferrerLife.Keep) {
            staying.add(new Staying(item(about.manifest()), subject, hold.orElse(null)));
          } else {
            gone.add(about.manifest());
            going.add(new Going(item(about.manifest()), subject));
            subjects.add(about.manifest());
          }
        }
        page = page.size() < PAGE ? List.of() : tx.departures().about(repository, subject, page.getLast().id(), PAGE);
      }
    }

    private Item item(Digest manifest) {
      Content content = content(manifest);
      return new Item(manifest, Objects.requireNonNull(content.mediaType(), "of a manifest"), content.artifactType(), content.size());
    }

    private Content content(Digest manifest) {
      return tx.graph().content(repository, manifest, TAGS).orElseThrow();
    }
  }

  private static <T> List<T> first(List<T> all) {
    return List.copyOf(all.subList(0, Math.min(all.size(), SHOWN)));
  }
}
