package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.DueTag;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagObject;
import io.berth.oci.TagOrDigest;
import io.berth.oci.Tagged;
import io.berth.policy.DeletionRules;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Order;
import io.berth.registry.Tags.Operation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever anybody asks for in whatever order, an immutable tag stays as it is, with all that it needs; a protected one is changed by those who may,
 * and one that must be signed is set by those who sign. That holds from its arrival for what an index lists and was missing when the tag was set. What rules
 * say is looked up here in lists, not in the rules.
 */
@Timeout(300)
final class NoWayRoundTheRulesTest {

  private static final List<String> NAMES = List.of("v1", "v2", "latest", "edge");

  /** Patterns, and which of the names they are about. */
  private static final Map<String, Set<String>> PATTERNS =
      Map.of("v*", Set.of("v1", "v2"), "*", Set.copyOf(NAMES), "v?", Set.of("v1", "v2"), "latest", Set.of("latest"), "*e*",
          Set.of("latest", "edge"),
          "none", Set.of());

  private static final List<Caller> CALLERS = List.of(House.ALICE, House.BOB, House.NOBODY);
  private static final String ONE = Documents.image("config 1", "layer 1");
  private static final String TWO = Documents.image("config 2", "layer 1", "layer 2");
  private static final String BOTH = Documents.index(ONE, TWO);
  private static final String LISTED = Documents.indexOf(Documents.descriptor(Documents.MANIFEST, TWO), "").replace(
      "\"mediaType\":\"" + Documents.INDEX + "\",", "");
  private static final String NESTED = Documents.indexOf(Documents.descriptor(Documents.INDEX, BOTH), "");
  /** A signature, which would go with what it is about, and an index that needs it. */
  private static final String SIGNATURE = Documents.about(TWO, "application/x.signature", "config 1");
  private static final String WITH_SIGNATURE = Documents.index(ONE, SIGNATURE);
  private static final List<String> BLOBS = List.of("config 1", "config 2", "layer 1", "layer 2", "loose");
  private static final Map<String, List<String>> NEEDS = Map.of(ONE, List.of("config 1", "layer 1"), TWO,
      List.of("config 2", "layer 1", "layer 2"), BOTH, List.of(ONE, TWO), LISTED, List.of(TWO), NESTED, List.of(BOTH), SIGNATURE,
      List.of("config 1"), WITH_SIGNATURE, List.of(ONE, SIGNATURE));
  private static final List<String> DOCUMENTS = List.of(ONE, TWO, BOTH, LISTED, NESTED, SIGNATURE, WITH_SIGNATURE);
  private static final Map<Digest, String> TEXTS = Stream.concat(DOCUMENTS.stream(), BLOBS.stream())
      .collect(Collectors.toMap(Documents::digest, text -> text));

  @TempDir Path folder;

  /** A rule as the test understands it. */
  private record Plain(String pattern, boolean here, boolean immutable, Set<String> principals, Set<String> signers, boolean expires) {

    boolean isAbout(String name) {
      return here && PATTERNS.get(pattern).contains(name);
    }

    TagRule rule(int number) {
      return new TagRule("rule" + number, Glob.ofRepositories(here ? "team/a*" : "team/lib"), Glob.ofTags(pattern), immutable, principals,
          expires ? new Expiry.After(Duration.ofHours(1)) : new Expiry.Never(), signers);
    }

    static Plain random(RandomGenerator random) {
      return new Plain(one(random, List.copyOf(new TreeSet<>(PATTERNS.keySet()))), random.nextInt(5) > 0, random.nextInt(3) == 0,
          some(random, Set.of("user:alice", "user:bob"), 4), some(random, Set.of("k1", "k2"), 4), random.nextInt(3) == 0);
    }
  }

  private static <T> T one(RandomGenerator random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static Set<String> some(RandomGenerator random, Set<String> of, int one) {
    return random.nextInt(one) > 0 ? Set.of() : Set.of(one(random, of.stream().sorted().toList()));
  }

  /** What there is: the tags, and of those that are immutable what they need and the repository has. */
  private record Sight(Map<String, TagContent> tags, Map<String, Set<Digest>> needs) {}

  private static Set<String> signers(@Nullable SignedTag signed) {
    return signed == null ? Set.of() : Set.of(new String(signed.bytes(), StandardCharsets.UTF_8).split(",", -1));
  }

  /** One registry with its rules, and chance. */
  private static final class Trial {

    private final RandomGenerator random;
    private final List<Plain> rules = new ArrayList<>();
    private final boolean deletion;
    private final boolean isSparse;
    private int late;
    private final House house;
    private final Manifests manifests;
    private final List<String> trace = new ArrayList<>();

    Trial(long seed, MetadataStore store) {
      this.random = new SplittableRandom(seed);
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        rules.add(Plain.random(random));
      }
      this.deletion = random.nextInt(6) > 0;
      var all = new ArrayList<TagRule>();
      rules.forEach(rule -> all.add(rule.rule(all.size())));
      this.house = new House(store, new TagTerms(new DeletionRules(deletion, random.nextBoolean()), new TagRules(all), Duration.ofDays(2)),
          House.GRACE,
          NoWayRoundTheRulesTest::signers);
      this.isSparse = random.nextBoolean();
      this.manifests = house.manifests(isSparse ? new SparseRules(List.of(), SparseTerms.NOTHING) : SparseRules.DEFAULT);
      BLOBS.forEach(blob -> house.blob(LIB, blob));
      List.of(ONE, TWO, BOTH, NESTED, SIGNATURE, WITH_SIGNATURE).forEach(document -> house.put(LIB, document));
    }

    private boolean isImmutable(String name) {
      return rules.stream().anyMatch(rule -> rule.immutable && rule.isAbout(name));
    }

    private Sight look() {
      Map<String, TagContent> tags = new LinkedHashMap<>();
      Map<String, Set<Digest>> needs = new LinkedHashMap<>();
      house.metadata.read(tx -> {
        for (String name : NAMES) {
          tx.tagged(APP, tag(name)).map(Tagged::content).ifPresent(content -> {
            tags.put(name, content);
            if (isImmutable(name)) {
              needs.put(name, closure(tx, content.target().digest()).stream().filter(digest -> tx.manifestSize(APP, digest).isPresent()
                  || tx.blobSize(APP, digest).isPresent() && house.isStored(digest)).collect(Collectors.toSet()));
            }
          });
        }
        return tags;
      });
      return new Sight(tags, needs);
    }

    /** Of a manifest that is missing nobody knows what it needs. */
    private static Set<Digest> closure(ReadTransaction tx, Digest target) {
      var all = new HashSet<Digest>();
      var left = new ArrayDeque<>(List.of(target));
      while (!left.isEmpty()) {
        Digest next = left.remove();
        if (all.add(next) && tx.manifestSize(APP, next).isPresent()) {
          NEEDS.getOrDefault(TEXTS.get(next), List.of()).forEach(text -> left.add(Documents.digest(text)));
        }
      }
      return all;
    }

    /** Why the rules are against a change; {@code null} if they are not. */
    private @Nullable String objection(String name, @Nullable TagContent before, @Nullable TagContent after, Caller caller,
        boolean expiry) {
      if (Objects.equals(before, after)) {
        return null;
      }
      if (after == null && !expiry && !deletion) {
        return "deletion is off";
      }
      for (Plain rule : rules) {
        if (rule.isAbout(name)) {
          if (rule.immutable && before != null) {
            return "immutable";
          }
          if (!expiry && !rule.principals.isEmpty() && !rule.principals.contains(caller.identity().name())) {
            return "protected";
          }
          if (after != null && !rule.signers.isEmpty() && Collections.disjoint(rule.signers, signers(after.signed()))) {
            return "not signed";
          }
        }
      }
      return null;
    }

    /** Says how often something came that an immutable tag lacked. */
    int run(int steps) {
      try (house) {
        for (int i = 0; i < steps; i++) {
          step();
        }
        return late;
      } catch (Throwable thrown) {
        throw new AssertionError(thrown.getMessage() + "\nrules " + rules + " deletion " + deletion + "\n"
            + String.join("\n", trace.subList(Math.max(0, trace.size() - 25), trace.size())), thrown);
      }
    }

    private void step() {
      Caller caller = one(random, CALLERS);
      int verb = random.nextInt(18);
      String name = one(random, NAMES);
      Sight before = look();
      RegistryException refused = null;
      try {
        act(verb, caller, name);
      } catch (RegistryException e) {
        refused = e;
      }
      Sight after = look();
      trace.add(verb + " by " + caller.identity().name() + " of " + name + ": "
          + (refused == null ? "done" : refused.status() + " " + refused.problems()) + " -> " + after.tags.keySet());
      judge(verb, caller, before, after);
      if (refused != null) {
        assertThat(after.tags).as("a refusal changes nothing").isEqualTo(before.tags);
        boolean byRule =
            refused.problems().stream().anyMatch(problem -> problem.code() == ErrorCode.DENIED && problem.message().contains("rule"));
        assertThat(!byRule || mayBeRefused(verb, name, caller, before)).as("refused by a rule that is not against it").isTrue();
      }
    }

    private void judge(int verb, Caller caller, Sight before, Sight after) {
      for (String name : NAMES) {
        TagContent old = before.tags.get(name);
        TagContent now = after.tags.get(name);
        assertThat(objection(name, old, now, caller, verb == 12)).as("%s became %s from %s", name, now, old).isNull();
        if (before.needs.containsKey(name)) {
          assertThat(after.needs.get(name)).as("what %s needs", name).containsAll(before.needs.get(name));
          late += after.needs.get(name).size() > before.needs.get(name).size() ? 1 : 0;
        }
      }
    }

    /** Of verbs that change one tag: whether there is a rule that may be against it at all. */
    private boolean mayBeRefused(int verb, String name, Caller caller, Sight before) {
      if (verb != 0 && verb != 3 && verb != 7) {
        return true;
      }
      TagContent any = new TagContent(new Descriptor(MediaType.OCI_MANIFEST, Documents.digest("anything"), 1, null), null, null, null);
      return objection(name, before.tags.get(name), verb == 7 ? null : any, caller, false) != null;
    }

    private void act(int verb, Caller caller, String name) {
      switch (verb) {
        case 0 -> push(caller, tag(name), List.of(), one(random, List.of(ONE, TWO, BOTH, NESTED, WITH_SIGNATURE)), null);
        case 1 -> push(caller, null, tags(), one(random, DOCUMENTS), null);
        case 2 -> push(caller, random.nextBoolean() ? tag(name) : null, List.of(), LISTED,
            one(random, List.of(MediaType.OCI_INDEX, MediaType.DOCKER_LIST)));
        case 3, 4, 6 -> house.tags.change(caller, APP, operation(name, verb == 3 ? 0 : verb == 4 ? 1 : 2));
        case 5 -> house.tags.change(caller, APP, tags().stream().map(tag -> operation(tag.value(), random.nextInt(4))).toList());
        case 7 -> manifests.delete(caller, APP, tag(name), Precondition.NONE);
        case 8, 9 -> manifests.delete(caller, APP, Documents.digest(one(random, DOCUMENTS)), Precondition.NONE);
        case 10 -> house.blobs.delete(ALICE, APP, Documents.digest(one(random, BLOBS)));
        case 11 -> {
          if (random.nextInt(3) == 0) {
            house.repositories.delete(caller, APP);
          }
        }
        case 12 -> {
          house.pass(Duration.ofMinutes(random.nextInt(70)));
          List<DueTag> due = house.tagLists.due(house.now.get(), 10);
          due.forEach(house.tags::expire);
        }
        case 13 -> {
          house.pass(Duration.ofHours(random.nextInt(60)));
          house.collect();
        }
        case 14 -> house.mounts().mount(ALICE, APP, Documents.digest(one(random, BLOBS)), LIB);
        case 15 -> house.copies(100).copy(caller, APP, new Order(LIB, Documents.digest(one(random, DOCUMENTS)),
            random.nextBoolean() ? List.of(tag(name)) : List.of(), random.nextBoolean()), _ -> () -> {
            });
        default -> {
          BLOBS.stream().filter(_ -> isThere()).forEach(blob -> house.blob(APP, blob));
          Stream.of(ONE, TWO, SIGNATURE).filter(_ -> isThere()).forEach(document -> push(caller, null, List.of(), document, null));
        }
      }
    }

    private boolean isThere() {
      return !isSparse || random.nextBoolean();
    }

    private List<Tag> tags() {
      var names = new ArrayList<>(NAMES);
      Collections.shuffle(names, Random.from(random));
      return names.subList(0, random.nextInt(1, 4)).stream().map(House::tag).toList();
    }

    private void push(Caller caller, @Nullable TagOrDigest name, List<Tag> more, String document, @Nullable MediaType type) {
      MediaType stated = type == null && document.equals(LISTED) ? MediaType.OCI_INDEX : type;
      manifests.put(caller, APP, name == null ? Documents.digest(document) : name, more, stated, Precondition.NONE,
          Documents.bytes(document));
    }

    private Operation operation(String name, int kind) {
      String target = one(random, List.of(ONE, TWO, BOTH, LISTED, WITH_SIGNATURE, "loose"));
      Digest digest = Documents.digest(target);
      String said = random.nextBoolean() ? "said" : null;
      TagProposal proposal = switch (kind) {
        case 0 -> new TagProposal.Unsigned(new TagObject(null, said, null,
            new TagObject.Target(target.equals("loose") ? new MediaType("text/plain") : null, null, digest)));
        case 1 -> {
          var document = new SignedTag(SignedTag.Form.JWS, Documents.bytes(one(random, List.of("k1", "k2", "k1,k2", "k3"))));
          MediaType type = house.metadata.read(tx -> tx.descriptor(APP, digest)).map(found -> found.mediaType())
              .orElse(new MediaType("text/plain"));
          yield new TagProposal.Signed(new TagObject("host/team/app:" + name, said, null,
              new TagObject.Target(type, (long) Documents.bytes(target).length, digest)), document, signers(document));
        }
        case 2 -> new TagProposal.Restored(new Moment.Sequence(random.nextLong(60)));
        default -> new TagProposal.Gone();
      };
      return new Operation(tag(name), proposal, Precondition.NONE);
    }
  }

  @Test
  void thereIsNoneInSqlite() {
    int[] number = {0, 0};
    Law.forAll(60, RandomGenerator::nextLong,
        seed -> number[1] += new Trial(seed, SqliteMetadataStore.open(folder.resolve(number[0]++ + ".db"))).run(80));
    assertThat(number[1]).as("what came late").isPositive();
  }

  @Test
  void norInPostgresql() {
    int[] number = {0};
    Law.forAll(8, RandomGenerator::nextLong, seed -> new Trial(seed, PostgresForTests.openIn(folder.resolve("" + number[0]++))).run(60));
  }
}
