package io.berth.registry;

import static io.berth.oci.Documents.MANIFEST;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.TagReads.DueTag;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.TagEvent.Kind;
import io.berth.oci.TagFilter;
import io.berth.oci.TagObject;
import io.berth.oci.Tagged;
import io.berth.policy.DeletionRules;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.registry.TagLists.Span;
import io.berth.registry.Tags.Operation;
import io.berth.registry.Tags.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags as objects: put, restored, changed together, and gone when their time is over. */
final class TagsTest {

  private static final Tag V1 = tag("v1");
  private static final Duration WINDOW = Duration.ofDays(14);

  @TempDir Path folder;

  private House house;
  private Digest one;
  private Digest two;

  @BeforeEach
  void begin() {
    var fixed = new TagRule("short", Glob.ofRepositories("**"), Glob.ofTags("pr-*"), false, Set.of(), new Expiry.After(Duration.ofHours(2)),
        Set.of());
    var label = new TagRule("label", Glob.ofRepositories("**"), Glob.ofTags("tmp-*"), false, Set.of(), new Expiry.ByLabel(), Set.of());
    house = new House(folder, new TagTerms(new DeletionRules(true, true), new TagRules(List.of(fixed, label)), WINDOW));
    one = house.image(APP, V1, "config one", "layer");
    two = house.image(APP, tag("other"), "config two", "layer");
  }

  @AfterEach
  void end() {
    house.close();
  }

  private static TagProposal object(Digest target, @Nullable String description) {
    return new TagProposal.Unsigned(new TagObject(null, description, null, new TagObject.Target(null, null, target)));
  }

  private static TagProposal stated(Digest target, @Nullable String mediaType, @Nullable Long size) {
    return new TagProposal.Unsigned(
        new TagObject(null, null, null, new TagObject.Target(mediaType == null ? null : new MediaType(mediaType), size, target)));
  }

  private Outcome put(Tag tag, TagProposal proposal) {
    return house.tags.change(ALICE, APP, new Operation(tag, proposal, Precondition.NONE));
  }

  private Outcome restore(Tag tag, Moment moment) {
    return put(tag, new TagProposal.Restored(moment));
  }

  private Tagged get(Tag tag) {
    return house.tagLists.get(ALICE, APP, tag, null);
  }

  private List<TagEvent> history(Tag tag) {
    return house.tagLists.history(ALICE, APP, tag, new Span(null, null, null, null), 100);
  }

  private boolean exists(Tag tag) {
    return house.metadata.<Boolean>read(tx -> tx.tag(APP, tag).isPresent());
  }

  @Test
  void aDigestAloneIsEnough() {
    Outcome outcome = put(tag("new"), object(one, "first"));

    assertThat(outcome).isEqualTo(new Outcome(tag("new"), 3, true));
    long size = Documents.bytes(Documents.image("config one", "layer")).length;
    assertThat(get(tag("new")).content())
        .isEqualTo(new TagContent(new Descriptor(MediaType.OCI_MANIFEST, one, size, null), "first", null, null));
    assertThat(house.manifests.get(ALICE, APP, tag("new")).digest()).isEqualTo(one);
  }

  @Test
  void whatIsStatedOfTheTargetMustBeTrue() {
    assertThat(refusal(() -> put(V1, stated(one, Documents.INDEX, null)))).containsExactly(ErrorCode.MANIFEST_INVALID);
    assertThat(refusal(() -> put(V1, stated(one, null, 1L)))).containsExactly(ErrorCode.MANIFEST_INVALID);
    assertThat(refusal(() -> put(V1, stated(Documents.digest("nothing"), MANIFEST, 7L)))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    assertThat(history(V1)).hasSize(1);
    assertThat(put(V1, stated(one, MANIFEST, get(V1).content().target().size())).version()).isEqualTo(1);
  }

  @Test
  void whatIsSoAlreadyIsNoChange() {
    Outcome first = put(V1, object(one, "said"));
    Outcome again = put(V1, object(one, "said"));

    assertThat(again).isEqualTo(first);
    assertThat(history(V1)).extracting(TagEvent::kind).containsExactly(Kind.UPDATED, Kind.CREATED);
  }

  @Test
  void aPushOfWhatTheTagIsKeepsWhatIsSaidAndOneOfSomethingElseDoesNot() {
    put(V1, object(one, "said"));
    house.put(APP, V1, Documents.image("config one", "layer"));
    assertThat(get(V1).content().description()).isEqualTo("said");

    house.put(APP, V1, Documents.image("config two", "layer"));
    assertThat(get(V1).content().description()).isNull();
    assertThat(history(V1)).extracting(TagEvent::kind).containsExactly(Kind.MOVED, Kind.UPDATED, Kind.CREATED);
  }

  @Test
  void aTagThatPointsAtABlobKeepsItAndForAWhileLonger() {
    Digest blob = house.blob(APP, "a blob");
    assertThat(refusal(() -> put(tag("b"), object(blob, null)))).containsExactly(ErrorCode.MANIFEST_INVALID);
    put(tag("b"), stated(blob, "text/plain", 6L));
    assertThat(get(tag("b")).content().target()).isEqualTo(new Descriptor(new MediaType("text/plain"), blob, 6, null));
    assertThat(caught(() -> house.manifests.get(ALICE, APP, tag("b"))).getMessage()).contains("/blobs/" + blob);
    assertThat(refusal(() -> house.blobs.delete(ALICE, APP, blob))).containsExactly(ErrorCode.UNSUPPORTED);

    house.pass(Duration.ofDays(30));
    house.collect();
    assertThat(house.isStored(blob)).isTrue();

    put(tag("b"), new TagProposal.Gone());
    house.pass(WINDOW.minusMinutes(1));
    house.collect();
    assertThat(house.isStored(blob)).isTrue();
    restore(tag("b"), new Moment.Sequence(3));
    house.pass(Duration.ofDays(30));
    house.collect();
    assertThat(house.isStored(blob)).isTrue();

    put(tag("b"), object(one, null));
    house.pass(WINDOW);
    house.collect();
    house.pass(House.GRACE);
    house.collect();
    assertThat(house.isStored(blob)).isFalse();
    assertThat(refusal(() -> restore(tag("b"), new Moment.Sequence(3)))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
  }

  /** The collector sees the tag and keeps the blob, which nobody needs once the tag has gone. */
  @Test
  void bytesThatAreManifestAndBlobGoAsABlobToo() {
    Digest both = house.blob(APP, Documents.image("config one", "layer"));
    assertThat(both).isEqualTo(one);
    house.pass(Duration.ofDays(2));
    house.collect();
    house.manifests.delete(ALICE, APP, V1, Precondition.NONE);

    house.pass(WINDOW);
    house.collect();
    house.pass(House.GRACE);
    house.collect();
    assertThat(house.isStored(both)).isFalse();
  }

  @Test
  void aTagIsRestoredBySequenceAndByTime() {
    put(V1, object(one, "first"));
    house.pass(Duration.ofHours(1));
    Instant between = house.now.get();
    house.pass(Duration.ofHours(1));
    put(V1, object(two, "second"));
    put(V1, new TagProposal.Gone());

    Outcome back = restore(V1, new Moment.Time(between));
    assertThat(back.created()).isTrue();
    assertThat(get(V1).content().description()).isEqualTo("first");
    assertThat(history(V1).getFirst()).extracting(TagEvent::kind, TagEvent::from).containsExactly(Kind.RESTORED, null);
    restore(V1, new Moment.Sequence(4));
    assertThat(get(V1).content().description()).isEqualTo("second");
    assertThat(restore(V1, new Moment.Sequence(1_000)).version()).as("as it is").isEqualTo(get(V1).event().sequence());

    assertThat(refusal(() -> restore(V1, new Moment.Sequence(0)))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> restore(V1, new Moment.Sequence(5)))).as("it was gone").containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> restore(V1, new Moment.Time(Instant.MIN)))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    house.manifests.delete(ALICE, APP, one, Precondition.NONE);
    assertThat(refusal(() -> restore(V1, new Moment.Sequence(1)))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
  }

  @Test
  void aSignatureIsLeftBehindWhenTheManifestIsTakenForSomethingElse() {
    String document = "{\"schemaVersion\":2,\"manifests\":[]}";
    Digest digest = Documents.digest(document);
    house.manifests.put(ALICE, APP, digest, List.of(), new MediaType(Documents.INDEX), Precondition.NONE, Documents.bytes(document));
    var signed = new SignedTag(SignedTag.Form.JWS, Documents.bytes("signed"));
    put(tag("s"), new TagProposal.Signed(new TagObject("host/team/app:s", "said", null,
        new TagObject.Target(new MediaType(Documents.INDEX), (long) document.length(), digest)), signed, Set.of()));
    long sequence = get(tag("s")).event().sequence();
    house.put(APP, tag("s"), Documents.image("config one", "layer"));
    restore(tag("s"), new Moment.Sequence(sequence));
    assertThat(get(tag("s")).content().signed()).isEqualTo(signed);

    house.put(APP, tag("s"), Documents.image("config one", "layer"));
    house.manifests.put(ALICE, APP, digest, List.of(), MediaType.DOCKER_LIST, Precondition.NONE, Documents.bytes(document));
    restore(tag("s"), new Moment.Sequence(sequence));
    assertThat(get(tag("s")).content()).isEqualTo(
        new TagContent(new Descriptor(MediaType.DOCKER_LIST, digest, document.length(), null), "said", null, null));
  }

  private static Precondition version(long expected) {
    return (_, version) -> version == expected;
  }

  @Test
  void whoSawAnotherVersionIsRefusedThoughTheTagPointsWhereItDid() {
    long seen = get(V1).event().sequence();
    put(V1, object(two, null));
    put(V1, object(one, null));
    assertThat(refuses(V1, seen)).as("there and back").isTrue();

    long then = get(V1).event().sequence();
    put(V1, object(one, "said"));
    assertThat(refuses(V1, then)).as("something else is said of it").isTrue();
    put(V1, new TagProposal.Gone());
    assertThat(refuses(V1, then + 1)).as("gone").isTrue();
    assertThat(refuses(V1, 0)).as("there is none, as expected").isFalse();
  }

  private boolean refuses(Tag tag, long version) {
    try {
      house.tags.change(ALICE, APP, new Operation(tag, object(two, "raced"), version(version)));
      return false;
    } catch (RegistryException refused) {
      assertThat(refused.status()).isEqualTo(412);
      return true;
    }
  }

  @Test
  void aBatchIsDoneAsAWholeOrNotAtAll() {
    List<Operation> wrong = List.of(new Operation(tag("a"), object(one, null), Precondition.NONE),
        new Operation(V1, object(two, null), version(99)), new Operation(tag("b"), object(Documents.digest("no"), null), Precondition.NONE),
        new Operation(tag("c"), new TagProposal.Gone(), Precondition.NONE));
    RegistryException refused = caught(() -> house.tags.change(ALICE, APP, wrong));

    assertThat(refused.status()).isEqualTo(412);
    assertThat(refused.problems()).extracting(Problem::code).containsExactly(ErrorCode.DENIED, ErrorCode.MANIFEST_BLOB_UNKNOWN,
        ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refused.problems()).extracting(Problem::detail).containsExactly("operations[1]", "operations[2]", "operations[3]");
    assertThat(exists(tag("a"))).isFalse();

    var outcomes = house.tags.change(ALICE, APP, List.of(new Operation(tag("a"), object(one, null), Precondition.NONE),
        new Operation(V1, object(one, null), version(1)), new Operation(tag("other"), new TagProposal.Gone(), Precondition.NONE)));
    assertThat(outcomes.sequence()).isEqualTo(3);
    assertThat(outcomes.outcomes()).containsExactly(new Outcome(tag("a"), 3, true), new Outcome(V1, 1, false),
        new Outcome(tag("other"), 0, false));
    assertThat(house.tagLists.changes(APP, 2, 1)).extracting(TagEvent::tag).containsExactly(tag("a"), tag("other"));
  }

  @Test
  void aThousandTagsAreChangedTogether() {
    List<Operation> all =
        IntStream.range(0, 1_000).mapToObj(i -> new Operation(tag("t" + i), object(one, "n" + i), Precondition.NONE)).toList();
    assertThat(house.tags.change(ALICE, APP, all).outcomes()).allMatch(outcome -> outcome.created() && outcome.version() == 3);
    assertThat(house.tagLists.changes(APP, 2, 1)).hasSize(1_000).allMatch(event -> event.total() == 1_002);

    var names = new ArrayList<Tag>();
    Tag after = null;
    do {
      TagLists.Page page =
          house.tagLists.page(ALICE, APP, new TagFilter("t", null), after == null ? "" : after.value(), 130, new Moment.Sequence(3),
              true);
      page.tags().forEach(tagged -> names.add(tagged.event().tag()));
      assertThat(page.total()).isEqualTo(1_002);
      after = page.next();
    } while (after != null);
    assertThat(names).hasSize(1_000).isSorted().doesNotHaveDuplicates();
  }

  private void reap() {
    for (DueTag due : house.tagLists.due(house.now.get(), 100)) {
      house.tags.expire(due);
    }
  }

  @Test
  void tagsExpireAfterTheTimeThatTheirRuleOrTheirImageNames() {
    house.put(APP, tag("pr-1"), Documents.image("config one", "layer"));
    String annotated = Documents.imageWith(",\"annotations\":{\"quay.expires-after\":\"3h\"}", "config one", "layer");
    house.put(APP, tag("tmp-annotated"), annotated);
    house.image(APP, tag("tmp-labelled"), "{\"config\":{\"Labels\":{\"quay.expires-after\":\"4h\"}}}", "layer");
    house.image(APP, tag("tmp-bomb"), "{\"config\":{\"Labels\":{\"quay.expires-after\":\"99999999999y\"}}}", "layer");
    house.put(APP, tag("plain"), annotated);
    put(tag("tmp-object"), object(Documents.digest(annotated), "said"));

    house.pass(Duration.ofHours(2).minusNanos(1_000));
    reap();
    assertThat(exists(tag("pr-1"))).isTrue();
    house.pass(Duration.ofNanos(1_000));
    reap();
    assertThat(exists(tag("pr-1"))).isFalse();
    assertThat(history(tag("pr-1")).getFirst()).extracting(TagEvent::kind, event -> event.author().actor())
        .containsExactly(Kind.EXPIRED, "registry");
    house.pass(Duration.ofHours(1));
    reap();
    assertThat(exists(tag("tmp-annotated"))).isFalse();
    assertThat(exists(tag("tmp-object"))).isFalse();
    assertThat(exists(tag("tmp-labelled"))).isTrue();
    house.pass(Duration.ofHours(1));
    reap();
    assertThat(exists(tag("tmp-labelled"))).isFalse();
    house.pass(Duration.ofDays(1_000));
    reap();
    assertThat(exists(tag("plain")) && exists(tag("tmp-bomb")) && exists(V1)).isTrue();
  }

  /** Whoever sets a tag anew gives it its time anew, and the reaper may be late with what it knew. */
  @Test
  void aTagThatWasSetAnewMeanwhileStays() {
    house.put(APP, tag("pr-1"), Documents.image("config one", "layer"));
    house.pass(Duration.ofHours(2));
    List<DueTag> due = house.tagLists.due(house.now.get(), 10);
    house.put(APP, tag("pr-1"), Documents.image("config two", "layer"));
    assertThat(house.tags.expire(due.getFirst())).isFalse();
    assertThat(exists(tag("pr-1"))).isTrue();

    house.now.set(House.START.minus(Duration.ofDays(1)));
    assertThat(house.tags.expire(due.getFirst())).as("by a clock that was put back").isFalse();
    house.now.set(House.START.plus(Duration.ofHours(4)));
    reap();
    assertThat(exists(tag("pr-1"))).isFalse();
  }

  @Test
  void aManifestThatIsTakenForSomethingElseExpiresAsItDid() {
    String document = "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"quay.expires-after\":\"3h\"}}";
    Digest digest = Documents.digest(document);
    house.manifests.put(ALICE, APP, tag("tmp-1"), List.of(), new MediaType(Documents.INDEX), Precondition.NONE, Documents.bytes(document));
    house.manifests.put(ALICE, APP, digest, List.of(), MediaType.DOCKER_LIST, Precondition.NONE, Documents.bytes(document));
    house.pass(Duration.ofHours(3));
    reap();
    assertThat(exists(tag("tmp-1"))).isFalse();
  }

  @Test
  void aHistoryIsCutAtInstantsToTheNanosecond() {
    house.pass(Duration.ofHours(1));
    put(V1, object(two, null));
    Instant moved = house.now.get();
    assertThat(between(null, moved)).containsExactly(Kind.CREATED);
    assertThat(between(null, moved.plusNanos(1))).containsExactly(Kind.MOVED, Kind.CREATED);
    assertThat(between(moved, null)).containsExactly(Kind.MOVED);
    assertThat(between(moved.plusNanos(1), null)).isEmpty();
  }

  private List<Kind> between(@Nullable Instant since, @Nullable Instant before) {
    return house.tagLists.history(ALICE, APP, V1, new Span(null, before, since, null), 10).stream().map(TagEvent::kind)
        .filter(Objects::nonNull)
        .toList();
  }
}
