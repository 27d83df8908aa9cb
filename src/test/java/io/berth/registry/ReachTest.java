package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.body;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.PostgresMetadataStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.StoredManifest;
import io.berth.oci.TagObject;
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
import io.berth.registry.Copies.Copied;
import io.berth.registry.Copies.Order;
import io.berth.registry.Tags.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people may read and write who have rights to some tags, in the cases that somebody might try. */
@Timeout(120)
final class ReachTest {

  private static final String CONFIG = "config";
  private static final String PUBLIC = Documents.image(CONFIG, "base");
  private static final String SECRET = Documents.image(CONFIG, "base", "secret");
  private static final Copies.Memory MEMORY = _ -> () -> {
  };

  @TempDir Path folder;

  private House house;
  private final Caller reader = who("bob", "release-*", Action.PULL);
  private final Caller maker = who("carol", "release-*", Action.PULL, Action.CREATE);
  private final Caller keeper = who("dave", "release-*", Action.PULL, Action.PUSH, Action.DELETE);
  private final Caller watcher = who("erin", "latest", Action.PULL);

  static Caller who(String name, String tags, Action... actions) {
    return who(new Identity.User(name), "192.0.2.1", tags, actions);
  }

  private static Caller who(Identity identity, String address, String tags, Action... actions) {
    var grant = new Grant(List.of(new Glob("**")), List.of(new Glob(tags)), Set.of(actions));
    var rule = new AccessRule("some", List.of(new Who.Anyone()), grant, Condition.ALWAYS);
    return new Caller(new Rights(new AccessPolicy(List.of(rule)), identity), "test/1", address);
  }

  @BeforeEach
  void begin() {
    house = new House(folder, TagTerms.DEFAULT);
    house.image(APP, tag("release-1"), CONFIG, "base");
    house.image(APP, tag("latest"), CONFIG, "base", "secret");
  }

  @AfterEach
  void end() {
    house.close();
  }

  private Digest put(Caller caller, String name, String document) {
    return house.manifests.put(caller, APP, tag(name), List.of(), null, Precondition.NONE, Documents.bytes(document)).digest();
  }

  private Digest put(Caller caller, String document) {
    return house.manifests.put(caller, APP, digest(document), List.of(), null, Precondition.NONE, Documents.bytes(document)).digest();
  }

  private void upload(Caller caller, String blob) {
    house.uploads.push(caller, APP, digest(blob), body(blob));
  }

  private boolean reads(Caller caller, String content) {
    boolean blob = House.caughtOrNull(() -> house.blobs.size(caller, APP, digest(content))) == null;
    boolean manifest = House.caughtOrNull(() -> house.manifests.get(caller, APP, digest(content))) == null;
    return blob || manifest;
  }

  private List<Digest> referrers(Caller caller, String subject) {
    var asked = new Referrers.Asked(ReferrerFilter.SUBJECT, Referrers.Data.NONE, Place.START, 100, 1 << 20);
    return house.referrers.list(caller, APP, digest(subject), asked).referrers().stream().map(Referrer::descriptor)
        .map(Descriptor::digest).toList();
  }

  @Test
  void aBlobIsSharedByWhatOneMayReadAndWhatOneMayNot() {
    assertThat(reads(reader, "base")).isTrue();
    assertThat(reads(reader, "secret")).isFalse();
    assertThat(reads(reader, SECRET)).isFalse();
    assertThat(reads(watcher, "secret")).isTrue();
  }

  @Test
  void aMovedTagTakesItsContentAlong() {
    house.put(APP, tag("release-1"), SECRET);

    assertThat(reads(reader, "secret")).isTrue();
    assertThat(reads(reader, PUBLIC)).isFalse();
  }

  @Test
  void whoeverPushesReadsItBackAsLongAsItsLeaseLasts() {
    upload(maker, "mine");
    assertThat(reads(maker, "mine")).isTrue();
    assertThat(reads(keeper, "mine")).as("others").isFalse();

    house.pass(House.GRACE.minusSeconds(1));
    house.blob(APP, "mine"); // the blob stays, by another push
    assertThat(reads(maker, "mine")).isTrue();
    house.pass(House.GRACE.plusSeconds(1)); // and what was promised last is over, too
    house.blob(APP, "mine");
    var _ = house.collect();

    assertThat(house.metadata.<Optional<Instant>>read(tx -> tx.own().until(APP, "user:carol", digest("mine")))).isEmpty();
    assertThat(reads(maker, "mine")).isFalse();
  }

  @Test
  void whatHeIsToldIsThereHeMayNameForHalfAGrace() {
    upload(maker, "mine");
    house.pass(House.GRACE.dividedBy(2).plusSeconds(1));
    assertThat(house.blobs.size(maker, APP, digest("mine"))).isEqualTo(4);

    house.pass(House.GRACE.dividedBy(2));
    var _ = house.collect();

    assertThat(put(maker, "release-2", Documents.image(CONFIG, "mine"))).isNotNull();
    assertThat(reads(reader, "mine")).isTrue();
  }

  @Test
  void strangersAreAsManyAsTheirAddresses() {
    Caller here = who(new Identity.Anonymous(), "192.0.2.1", "release-*", Action.PULL, Action.CREATE);
    Caller there = who(new Identity.Anonymous(), "192.0.2.2", "release-*", Action.PULL, Action.CREATE);
    upload(here, "mine");

    assertThat(reads(here, "mine")).isTrue();
    assertThat(reads(there, "mine")).isFalse();
  }

  @Test
  void imagesForSeveralPlatformsAndSignaturesArePushedByDigest() {
    upload(maker, "layer");
    String platform = Documents.image(CONFIG, "layer");
    put(maker, platform);
    String signature = Documents.about(platform, "application/x.signature", CONFIG);
    put(maker, signature);
    assertThat(reads(reader, platform)).isFalse();

    put(maker, "release-2", Documents.index(platform));

    assertThat(reads(reader, platform)).isTrue();
    assertThat(reads(reader, "layer")).isTrue();
    assertThat(referrers(reader, platform)).containsExactly(digest(signature));
  }

  @Test
  void nothingIsNamedThatOneCannotRead() {
    assertThat(refusal(() -> put(maker, "release-2", Documents.image(CONFIG, "secret")))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    assertThat(refusal(() -> put(maker, "release-2", SECRET))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    assertThat(refusal(() -> put(maker, Documents.index(SECRET)))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    var object = new TagObject(null, null, null, new TagObject.Target(null, null, digest(SECRET)));
    RegistryException unknown = caught(
        () -> house.tags.change(maker, APP, new Operation(tag("release-2"), new TagProposal.Unsigned(object), Precondition.NONE)));
    assertThat(unknown.problems()).extracting(Problem::code).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    assertThat(house.mounts().mount(reader, LIB, digest("secret"), APP)).isFalse();
    assertThat(house.mounts().mount(reader, LIB, digest("base"), APP)).isTrue();
  }

  @Test
  void toKnowAllBytesOfAManifestIsNotToReadWhatItMentions() {
    String document = Documents.imageWith(",\"extra\":" + Documents.descriptor(Documents.MANIFEST, SECRET), CONFIG);
    put(ALICE, "latest", document);
    assertThat(reads(watcher, "secret")).isTrue();

    RegistryException refused = caught(() -> put(maker, "release-2", document)); // which he has guessed

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.problems()).extracting(Problem::code).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    assertThat(refused.problems()).extracting(Problem::detail).containsExactly(digest(SECRET).toString());
    assertThat(reads(maker, document)).isFalse();
    assertThat(reads(maker, SECRET)).isFalse();
    assertThat(reads(reader, "secret")).isFalse();
  }

  /** What only is mentioned, and was never there, stands in nobody's way: layers that may not be distributed never come. */
  @Test
  void whatIsMentionedAndIsNotThereStandsInNobodysWay() {
    String windows = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}".formatted(Documents.MANIFEST,
        Documents.descriptor(Documents.CONFIG, CONFIG), Documents.descriptor(Documents.FOREIGN_LAYER, "foreign"));
    put(ALICE, "latest", windows);

    put(maker, "release-2", windows);

    upload(ALICE, "foreign");
    assertThat(reads(maker, windows)).isTrue();
    assertThat(reads(reader, "foreign")).isFalse();
  }

  @Test
  void whatComesLaterDoesNotWidenWhatWasPushedBefore() {
    String subject = Documents.image(CONFIG, "base", "base");
    String remark = Documents.about(subject, "application/x.remark", CONFIG);
    put(maker, remark);
    house.put(APP, tag("release-2"), subject);

    assertThat(referrers(reader, subject)).isEmpty();
    assertThat(referrers(ALICE, subject)).containsExactly(digest(remark));

    put(maker, remark); // now that he can read what it is about
    assertThat(referrers(reader, subject)).containsExactly(digest(remark));
  }

  @Test
  void whoReadsEverythingVouchesForWhatHePushesAgain() {
    String remark = Documents.about(SECRET, "application/x.remark", CONFIG);
    put(maker, remark);
    assertThat(referrers(watcher, SECRET)).isEmpty();

    put(ALICE, remark);
    assertThat(referrers(watcher, SECRET)).containsExactly(digest(remark));
    put(maker, remark);
    assertThat(referrers(watcher, SECRET)).as("nobody takes that back").containsExactly(digest(remark));
  }

  @Test
  void whatOthersHaveUnderADigestStaysWhatItIs() {
    Digest before = digest(SECRET);
    upload(maker, "secret");
    var other = new MediaType("application/vnd.example.other+json");

    String plain = "{\"a\":1}";
    house.manifests.put(ALICE, APP, digest(plain), List.of(tag("latest")), other, Precondition.NONE, Documents.bytes(plain));
    RegistryException refused = caught(() -> house.manifests.put(keeper, APP, digest(plain), List.of(),
        new MediaType("application/vnd.example.another+json"), Precondition.NONE, Documents.bytes(plain)));

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.getMessage()).doesNotContain("latest");
    assertThat(house.manifests.get(ALICE, APP, tag("latest")).mediaType()).isEqualTo(other);
    assertThat(before).isEqualTo(digest(SECRET));
  }

  @Test
  void aTagIsMadeMovedAndRemovedByThoseWhoMay() {
    put(maker, "release-2", PUBLIC);
    assertThat(refusal(() -> put(maker, "release-2", Documents.image(CONFIG)))).containsExactly(ErrorCode.DENIED);
    assertThat(refusal(() -> put(reader, "release-3", PUBLIC))).containsExactly(ErrorCode.DENIED);
    assertThat(refusal(() -> put(keeper, "other", PUBLIC))).containsExactly(ErrorCode.DENIED);
    assertThat(refusal(() -> house.manifests.put(maker, APP, digest(PUBLIC), List.of(tag("release-4"), tag("latest")), null,
        Precondition.NONE, Documents.bytes(PUBLIC)))).containsExactly(ErrorCode.DENIED);
    assertThat(refusal(() -> house.manifests.delete(maker, APP, tag("release-2"), Precondition.NONE))).containsExactly(ErrorCode.DENIED);

    put(keeper, "release-2", Documents.image(CONFIG));
    house.manifests.delete(keeper, APP, tag("release-2"), Precondition.NONE);
    assertThat(refusal(() -> house.manifests.delete(keeper, APP, digest(PUBLIC), Precondition.NONE))).containsExactly(ErrorCode.DENIED);
    assertThat(refusal(() -> house.blobs.delete(keeper, APP, digest("base")))).containsExactly(ErrorCode.DENIED);
    assertThat(house.tagLists.names(ALICE, APP, "", 10).tags()).containsExactly(tag("latest"), tag("release-1"));
  }

  @Test
  void aTagIsPutBackToWhatOneCanRead() {
    house.put(APP, tag("release-1"), Documents.image(CONFIG));
    var back = new Operation(tag("release-1"), new TagProposal.Restored(new Moment.Sequence(1)), Precondition.NONE);
    assertThat(refusal(() -> house.tags.change(keeper, APP, back))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);

    house.put(APP, tag("release-2"), PUBLIC);
    assertThat(house.tags.change(keeper, APP, back).created()).isFalse();
    assertThat(refusal(() -> house.tags.change(who("frank", "latest", Action.PUSH), APP,
        new Operation(tag("latest"), new TagProposal.Restored(new Moment.Sequence(1)), Precondition.NONE))))
        .as("of a tag that he may move, and not pull").containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void whoMayOnlyMakeTagsWinsOnceHoweverManyPushAtATime() throws Exception {
    makersRace(house);
    try (var other = new House(PostgresMetadataStore.open(PostgresForTests.options(PostgresForTests.newDatabase()), () -> {
    }), TagTerms.DEFAULT, House.GRACE)) {
      other.image(APP, tag("release-1"), CONFIG, "base");
      makersRace(other);
    }
  }

  private void makersRace(House at) throws Exception {
    for (int round = 0; round < 5; round++) {
      String name = "release-race-" + round;
      var made = new ConcurrentLinkedQueue<Digest>();
      House.inThreads(4, number -> {
        try {
          made.add(at.manifests.put(maker, APP, tag(name), List.of(), null, Precondition.NONE,
              Documents.bytes(Documents.imageWith(",\"annotations\":{\"by\":\"" + number + "\"}", CONFIG))).digest());
        } catch (RegistryException refused) {
          assertThat(refused.status()).isEqualTo(403);
        }
      });
      assertThat(made).as(name).hasSize(1);
      assertThat(at.manifests.get(ALICE, APP, tag(name)).digest()).isEqualTo(made.element());
    }
  }

  @Test
  void copiesTakeWhatOneCanReadThereToWhereOneMayPush() {
    String signature = Documents.about(PUBLIC, "application/x.signature", CONFIG);
    put(ALICE, signature);
    String remark = Documents.about(PUBLIC, "application/x.remark", CONFIG);
    house.metadata.write(tx -> {
      tx.putManifest(APP, new StoredManifest(digest(remark), MediaType.OCI_MANIFEST, Documents.bytes(remark)),
          Manifest.parse(null, Documents.bytes(remark)), Set.of("/subject"), House.START, House.START.plus(Duration.ofDays(9)));
      return remark;
    });
    house.image(LIB, tag("hidden"), CONFIG, "base"); // which is not to be learnt

    Copied copied = house.copies(100).copy(keeper, LIB, new Order(APP, tag("release-1"), List.of(tag("release-9")), true), MEMORY);

    assertThat(copied)
        .isEqualTo(new Copied(digest(PUBLIC), 2, 2, PUBLIC.length() + signature.length() + "configbase".length(), true, List.of()));
    assertThat(house.manifests.get(reader, LIB, tag("release-9")).digest()).isEqualTo(digest(PUBLIC));
    assertThat(house.manifests.get(reader, LIB, digest(signature)).digest()).isEqualTo(digest(signature));
    assertThat(refusal(() -> house.manifests.get(ALICE, LIB, digest(remark)))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.copies(100).copy(keeper, LIB, new Order(APP, tag("latest"), List.of(), true), MEMORY)))
        .containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.copies(100).copy(keeper, LIB, new Order(APP, tag("release-1"), List.of(tag("hidden")), true), MEMORY)))
        .containsExactly(ErrorCode.DENIED);
  }

  @Test
  void aCopyToWhereOneReadsSomeGoesOnWhereItWas() {
    String index = Documents.index(PUBLIC);
    house.put(APP, tag("release-2"), index);
    Copied first = house.copies(1).copy(keeper, LIB, new Order(APP, tag("release-2"), List.of(tag("release-2")), true), MEMORY);
    assertThat(first.complete()).isFalse();

    Copied last = first;
    for (int i = 0; i < 5 && !last.complete(); i++) {
      last = house.copies(1).copy(keeper, LIB, new Order(APP, tag("release-2"), List.of(tag("release-2")), true), MEMORY);
    }
    assertThat(last.complete()).isTrue();
    assertThat(house.manifests.get(reader, LIB, tag("release-2")).digest()).isEqualTo(digest(index));
  }
}
