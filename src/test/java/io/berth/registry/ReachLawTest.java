package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.condition.Expression;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.PostgresMetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ImageRefs;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.Tag;
import io.berth.oci.TagFilter;
import io.berth.oci.TagObject;
import io.berth.policy.Access;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.TagTerms;
import io.berth.policy.Who;
import io.berth.registry.Tags.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who reads what, among random people with random rights, who push, tag and mount in random order: the verbs say the same as a model that knows
 * nothing of indexes and goes along all edges from all tags until nothing is added. And they say the same whatever a request claims to be about.
 */
@Timeout(300)
final class ReachLawTest {

  private static final List<String> TAGS = List.of("release-1", "release-2", "dev-1", "dev-2", "latest");
  private static final List<String> PATTERNS = List.of("release-*", "dev-*", "release-1", "*-2", "latest", "*");
  private static final List<String> BLOBS = List.of("a", "b", "c", "d", "e");
  private static final int STEPS = 40;

  @TempDir Path folder;

  /** One world: a repository, its model, and people. */
  private final class World implements AutoCloseable {

    private final RandomGenerator random;
    private final House house;
    private final ReachModel model = new ReachModel();
    private final List<Caller> people = new ArrayList<>(List.of(ALICE));
    private final List<String> documents = new ArrayList<>();
    private int told;

    World(MetadataStore store, long seed) {
      this.random = new SplittableRandom(seed);
      this.house = new House(store, TagTerms.DEFAULT, House.GRACE);
      for (String name : List.of("bob", "carol", "dave")) {
        people.add(person(name));
      }
    }

    private Caller person(String name) {
      var rules = new ArrayList<AccessRule>();
      for (int i = 0; i < 3; i++) {
        List<Glob> tags = random.nextInt(8) == 0 ? List.of() : List.of(new Glob(one(PATTERNS)));
        Set<Action> actions = new HashSet<>(Set.of(one(List.of(Action.values()).subList(0, 5))));
        if (i == 0) {
          actions.add(Action.PULL);
        }
        boolean isCondition = !tags.isEmpty() && random.nextInt(3) == 0;
        rules.add(new AccessRule("rule " + i, List.of(new Who.Anyone()),
            new Grant(List.of(new Glob("team/app")), isCondition ? List.of() : tags, actions),
            isCondition ? condition(tags.getFirst()) : Condition.ALWAYS));
      }
      var everywhere = new Grant(List.of(new Glob("team/lib")), List.of(), Set.of(Action.ADMIN));
      rules.add(new AccessRule("elsewhere", List.of(new Who.Anyone()), everywhere, Condition.ALWAYS));
      return new Caller(new Rights(new AccessPolicy(rules), new Identity.User(name)), "test/1", "192.0.2.1");
    }

    /** The same tags, as a condition says it. */
    private static Condition condition(Glob tags) {
      return Expression.parse("tag.matches('^" + tags.pattern().replace("*", ".*").replace("?", ".") + "$')");
    }

    private <T> T one(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    void live() {
      for (int i = 0; i < STEPS; i++) {
        act(one(people));
        if (i == STEPS / 2) {
          compare();
        }
      }
      compare();
    }

    private void act(Caller who) {
      Access access = who.access(APP);
      switch (random.nextInt(10)) {
        case 0, 1 -> {
          if (access.may(Action.PUSH)) {
            upload(who, one(BLOBS));
          }
        }
        case 2 -> {
          if (access.may(Action.PUSH)) {
            mount(who, one(BLOBS));
          }
        }
        case 3, 4, 5, 6 -> {
          if (access.may(Action.PUSH)) {
            pushManifest(who, documents.isEmpty() || random.nextInt(4) > 0 ? document() : one(documents));
          }
        }
        case 7 -> {
          if (!documents.isEmpty()) {
            putTag(who, new Tag(one(TAGS)), Documents.digest(one(documents)));
          }
        }
        case 8 -> putTag(who, new Tag(one(TAGS)), Documents.digest(one(BLOBS)));
        default -> removeTag(who, new Tag(one(TAGS)));
      }
    }

    private void upload(Caller who, String blob) {
      house.uploads.push(who, APP, Documents.digest(blob), House.body(blob));
      model.blobs.add(Documents.digest(blob));
      model.push(who, Documents.digest(blob));
    }

    private void mount(Caller who, String blob) {
      house.uploads.push(ALICE, LIB, Documents.digest(blob), House.body(blob));
      assertThat(house.mounts().mount(who, APP, Documents.digest(blob), LIB)).as("mounted by " + who.identity().name())
          .isEqualTo(who.access(LIB).may(Action.PULL));
      if (who.access(LIB).may(Action.PULL)) {
        model.blobs.add(Documents.digest(blob));
        model.push(who, Documents.digest(blob));
      }
    }

    /** An image, an index, or something that points elsewhere in one of the weaker ways. */
    private String document() {
      String about = "";
      if (!documents.isEmpty() && random.nextInt(3) == 0) {
        String field = one(List.of("subject", "reference", "unknown"));
        about = ",\"" + field + "\":" + Documents.descriptor(Documents.MANIFEST, one(random.nextInt(5) == 0 ? BLOBS : documents));
      }
      String more = about + ",\"annotations\":{\"n\":\"" + random.nextInt(12) + "\"}";
      String document;
      if (!documents.isEmpty() && random.nextInt(3) == 0) {
        document = Documents.indexOf(Documents.descriptor(Documents.MANIFEST, one(documents)), more);
      } else if (random.nextInt(4) == 0) {
        document = "{\"schemaVersion\":2,\"mediaType\":\"" + Documents.MANIFEST + "\",\"config\":"
            + Documents.descriptor(Documents.CONFIG, one(BLOBS)) + ",\"layers\":["
            + Documents.descriptor(Documents.FOREIGN_LAYER, one(BLOBS)) + "]" + more + "}";
      } else {
        document = Documents.imageWith(more, one(BLOBS), one(BLOBS));
      }
      if (!documents.contains(document)) {
        documents.add(document);
      }
      return document;
    }

    private void pushManifest(Caller who, String document) {
      Digest digest = Documents.digest(document);
      Manifest manifest = Manifest.parse(null, Documents.bytes(document));
      Tag tag = random.nextBoolean() ? new Tag(one(TAGS)) : null;
      boolean isTargetAsBlob = !model.manifests.containsKey(digest) && model.tags.containsValue(digest);
      if (isTargetAsBlob) {
        return;
      }
      boolean accepted = (tag == null || maySet(who, tag, digest)) && model.accepts(who, digest, manifest);
      boolean done = ok(() -> house.manifests.put(who, APP, tag == null ? digest : tag, List.of(), null, Precondition.NONE,
          Documents.bytes(document)));
      assertThat(done).as(who.identity().name() + " pushes " + document + " as " + tag).isEqualTo(accepted);
      if (done) {
        model.put(who, digest, manifest);
        if (tag != null) {
          model.tags.put(tag, digest);
        }
      }
    }

    private boolean maySet(Caller who, Tag tag, Digest digest) {
      Access access = who.access(APP);
      Digest now = model.tags.get(tag);
      return now == null ? access.may(Action.CREATE, tag)
          : access.may(Action.MOVE, tag)
              || now.equals(digest) && access.may(Action.CREATE, tag) && access.may(Action.PULL, tag);
    }

    private void putTag(Caller who, Tag tag, Digest digest) {
      MediaType type = model.manifests.containsKey(digest) ? null : new MediaType("text/plain");
      var object = new TagObject(null, null, null, new TagObject.Target(type, null, digest));
      boolean expected = model.has(digest) && model.reads(who, digest) && maySet(who, tag, digest);
      boolean done =
          ok(() -> house.tags.change(who, APP, new Operation(tag, new TagProposal.Unsigned(object), Precondition.NONE)));
      assertThat(done).as(who.identity().name() + " sets " + tag + " to " + digest).isEqualTo(expected);
      if (done) {
        model.tags.put(tag, digest);
      }
    }

    private void removeTag(Caller who, Tag tag) {
      boolean expected = model.tags.containsKey(tag) && who.access(APP).may(Action.DELETE, tag);
      boolean done =
          ok(() -> house.tags.change(who, APP, new Operation(tag, new TagProposal.Gone(), Precondition.NONE)));
      assertThat(done).as(who.identity().name() + " removes " + tag).isEqualTo(expected);
      if (done) {
        model.tags.remove(tag);
      }
    }

    private static boolean ok(Runnable act) {
      return House.caughtOrNull(act) == null;
    }

    /** Everyone asks for everything, without saying what it is about, with the truth, and with lies. */
    private void compare() {
      for (Caller who : people) {
        if (!who.access(APP).may(Action.PULL)) {
          continue; // such a one does not come so far
        }
        List<String> told = told(who);
        assertThat(told(claiming(who))).as("a claim changes nothing").isEqualTo(told);
        for (Caller asking : List.of(who, claiming(who), claiming(who), claiming(who))) {
          BLOBS.forEach(blob -> compareBlob(asking, Documents.digest(blob)));
          documents.forEach(document -> compareManifest(asking, Documents.digest(document)));
          compareTags(asking);
        }
      }
    }

    /** What is there of each manifest, and what became of each tag. */
    private List<String> told(Caller who) {
      var told = new ArrayList<String>();
      var completeness = new Completeness(house.metadata);
      for (String document : documents) {
        Digest digest = Documents.digest(document);
        boolean expected = model.manifests.containsKey(digest) && model.reads(who, digest);
        assertThat(ok(() -> told.add(completeness.of(who, APP, digest).toString()))).as(words(who, digest)).isEqualTo(expected);
      }
      for (String tag : TAGS) {
        var all = new TagLists.Span(null, null, null, null);
        told.add(tag + ok(() -> told.add(house.tagLists.history(who, APP, new Tag(tag), all, 10).toString())));
      }
      return told;
    }

    /** Says that it is about some tags, and perhaps about something between. */
    private Caller claiming(Caller who) {
      var fields = new ArrayList<String>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        fields.add(random.nextInt(4) == 0 && !documents.isEmpty() ? "here.test/team/app@" + Documents.digest(one(documents))
            : one(List.of("here.test/team/app:", "here.test/team/lib:", "there.test/team/app:")) + one(TAGS));
      }
      told++;
      return new Caller(who.rights(), who.client(), who.address(), ImageRefs.parse(fields, List.of(), "here.test"::equals));
    }

    private void compareBlob(Caller who, Digest blob) {
      boolean expected = model.blobs.contains(blob) && model.reads(who, blob);
      assertThat(ok(() -> house.blobs.size(who, APP, blob))).as(words(who, blob)).isEqualTo(expected);
      assertThat(ok(() -> close(house.blobs.open(who, APP, blob)))).as(words(who, blob)).isEqualTo(expected);
    }

    private void compareManifest(Caller who, Digest digest) {
      boolean expected = model.manifests.containsKey(digest) && model.reads(who, digest);
      assertThat(ok(() -> house.manifests.get(who, APP, digest))).as(words(who, digest)).isEqualTo(expected);
      var asked = new Referrers.Asked(ReferrerFilter.of(ReferrerFilter.KINDS), Referrers.Data.BLOBS, Place.START, 1_000, 1 << 20);
      var pointing = new TreeSet<String>();
      if (model.reads(who, digest)) {
        model.manifests.forEach((manifest, edges) -> edges.forEach((pointer, edge) -> {
          if (edge.target().equals(digest) && ReferrerFilter.KINDS.contains(edge.kind()) && model.reads(who, manifest)) {
            pointing.add(manifest + pointer);
          }
        }));
      }
      Referrers.Page page = house.referrers.list(who, APP, digest, asked);
      assertThat(page.referrers().stream().map(referrer -> referrer.descriptor().digest() + referrer.place().pointer()))
          .as(words(who, digest)).containsExactlyInAnyOrderElementsOf(pointing);
      assertThat(page.blobs()).as(words(who, digest)).allMatch(blob -> model.reads(who, blob.descriptor().digest()));
      if (random.nextInt(4) == 0) {
        compareGraph(who, digest);
      }
    }

    private void compareGraph(Caller who, Digest digest) {
      house.graphs.around(who, APP, digest, Graphs.Direction.BOTH, 100).nodes().forEach(node -> {
        assertThat(node.present()).as("graph: " + words(who, node.digest()))
            .isEqualTo(model.has(node.digest()) && model.reads(who, node.digest()));
        assertThat(node.tags()).allMatch(tag -> who.access(APP).may(Action.PULL, tag));
      });
    }

    private void compareTags(Caller who) {
      List<Tag> visible = model.tags.keySet().stream().filter(tag -> who.access(APP).may(Action.PULL, tag)).toList();
      if (!model.blobs.isEmpty()) {
        assertThat(house.tagLists.names(who, APP, "", 100).tags()).isEqualTo(visible);
        assertThat(house.tagLists.page(who, APP, TagFilter.ALL, "", 100, null, true).total()).isEqualTo(visible.size());
      }
      TAGS.stream().map(Tag::new)
          .forEach(tag -> assertThat(ok(() -> house.tagLists.get(who, APP, tag, null))).isEqualTo(visible.contains(tag)));
    }

    private String words(Caller who, Digest digest) {
      String content = BLOBS.stream().filter(blob -> Documents.digest(blob).equals(digest)).findFirst()
          .orElseGet(() -> documents.stream().filter(document -> Documents.digest(document).equals(digest)).findFirst().orElse("?"));
      return who.identity().name() + " with " + who.access(APP) + " saying " + who.refs().text() + " reads " + content;
    }

    private static void close(BlobContent content) {
      try {
        content.close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      house.close();
    }
  }

  @Test
  void whatIsReadFollowsFromTheTagsOneMayPullAndFromNothingThatIsClaimed() {
    var worlds = new int[1];
    Law.forAll(60, RandomGenerator::nextLong, seed -> {
      try (var world = new World(SqliteMetadataStore.open(folder.resolve("metadata" + worlds[0]++ + ".db")), seed)) {
        world.live();
        assertThat(world.told).isPositive();
      }
    });
  }

  @Test
  void soItIsInPostgresql() {
    Law.forAll(5, RandomGenerator::nextLong, seed -> {
      try (var world = new World(PostgresMetadataStore.open(PostgresForTests.options(PostgresForTests.newDatabase()),
          () -> {
          }), seed)) {
        world.live();
      }
    });
  }
}
