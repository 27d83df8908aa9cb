package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.metadata.TagMove.Cause;
import io.berth.metadata.TagReads.Age;
import io.berth.metadata.TagReads.DueTag;
import io.berth.metadata.TagReads.Past;
import io.berth.metadata.TagReads.Progress;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.MediaType;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.TagFilter;
import io.berth.oci.Tagged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: what tags say, what they were, and what was changed together; against {@link TagModel}. */
public abstract class TagHistoryContract extends StoreUnderTest {

  private static final List<String> NAMES = List.of("1", "1.0", "1.0-a", "1.1", "B", "_x", "b", "latest", "v1", "v1.0", "v10", "zz");
  private static final List<String> TEXTS =
      List.of("", "0", "1", "1.", "1.0", "1.0-", "1.0-b", "A", "_", "b\u0000", "bb", "v1", "v1.00", "zz", "zzz");
  private static final List<Digest> TARGETS = Stream.of("d0", "d1", "d2", "d3").map(Documents::digest).toList();

  private static <T> T one(RandomGenerator random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static @Nullable TagContent content(RandomGenerator random) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    byte[] bytes = new byte[random.nextInt(1, 40)];
    random.nextBytes(bytes);
    return new TagContent(
        new Descriptor(random.nextInt(5) == 0 ? MediaType.OCI_INDEX : MediaType.OCI_MANIFEST, one(random, TARGETS), random.nextInt(3),
            null),
        random.nextInt(3) == 0 ? "said \u00e4\u4e2d\ud83d\ude00 " + random.nextInt(3) : null,
        random.nextInt(3) == 0 ? "{ \"n\" : " + random.nextInt(3) + "}" : null,
        random.nextInt(3) == 0 ? new SignedTag(one(random, List.of(SignedTag.Form.values())), bytes) : null);
  }

  /** Some tags' new contents, changed together. */
  private void step(TagModel model, RandomGenerator random) {
    var names = new ArrayList<>(NAMES);
    Collections.shuffle(names, Random.from(random));
    var moves = new ArrayList<TagMove>();
    for (String name : names.subList(0, random.nextInt(3) == 0 ? random.nextInt(NAMES.size()) : 1)) {
      TagContent before = model.content(name);
      TagContent to = random.nextInt(6) == 0 ? null : content(random);
      if (Objects.equals(before, to)) {
        continue;
      }
      Cause cause = to != null ? one(random, List.of(Cause.REQUEST, Cause.RESTORATION, Cause.IMPORT))
          : before != null ? one(random, List.of(Cause.REQUEST, Cause.EXPIRY)) : Cause.REQUEST;
      Instant expires = to != null && random.nextBoolean() ? NOW.plusSeconds(random.nextInt(100)) : null;
      moves.add(new TagMove(tag(name), before == null ? null : before.target(), to, expires, cause));
    }
    var author = new Author("user:" + random.nextInt(3), "client/" + random.nextInt(3), random.nextBoolean() ? "ref" : null);
    Instant now = NOW.plusSeconds(random.nextInt(-50, 200)).plusNanos(random.nextInt(1_000_000));
    List<TagEvent> events = store.write(tx -> tx.moveTags(APP, moves, author, now));
    assertThat(events).isEqualTo(model.move(moves, author, now));
    if (random.nextInt(10) == 0) {
      String kept = one(random, NAMES);
      write(tx -> tx.expireTag(APP, tag(kept), null));
      model.keep(kept);
    }
  }

  /** All questions, with what the model answers. */
  private static void compare(ReadTransaction tx, TagModel model, RandomGenerator random) {
    assertThat(tx.progress(APP)).isEqualTo(model.progress());
    for (String name : NAMES) {
      assertThat(tx.tagged(APP, tag(name))).isEqualTo(model.now(name));
      assertThat(tx.tag(APP, tag(name)))
          .isEqualTo(model.now(name).map(tagged -> new TagState(tag(name), tagged.content().target().digest(), tagged.event().sequence())));
      assertThat(tx.expiry(APP, tag(name))).isEqualTo(model.expiry(name));
    }
    compareTimes(tx, model, random);
    compareLists(tx, model, random);
    for (int i = 0; i < 6; i++) {
      long sequence = random.nextLong(-1, model.sequence() + 3);
      String name = one(random, NAMES);
      assertThat(tx.totalAt(APP, sequence)).as("total at %d", sequence).isEqualTo(model.at(sequence, TagFilter.ALL).size());
      assertThat(tx.taggedAt(APP, tag(name), sequence)).isEqualTo(model.at(name, sequence));
      comparePast(tx, model, random, sequence);
      compareChanges(tx, model, sequence, random.nextInt(1, 20));
      long since = random.nextLong(-1, model.sequence() + 3);
      Digest digest = random.nextBoolean() ? null : one(random, TARGETS);
      int limit = random.nextInt(1, 8);
      assertThat(tx.history(APP, tag(name), sequence, since, digest, limit)).isEqualTo(model.events().reversed().stream()
          .filter(event -> event.tag().value().equals(name) && event.sequence() < sequence && event.sequence() >= since)
          .filter(event -> digest == null || digest.equals(event.target().digest())).limit(limit).toList());
    }
  }

  private static void compareTimes(ReadTransaction tx, TagModel model, RandomGenerator random) {
    List<Instant> instants = new ArrayList<>(List.of(NOW, Instant.EPOCH, Instant.MIN, Instant.MAX));
    if (!model.events().isEmpty()) {
      Instant at = one(random, model.events()).at();
      instants.addAll(List.of(at, at.minusNanos(1), at.plusNanos(999), at.plusNanos(1_000)));
    }
    for (Instant instant : instants) {
      long expected = model.events().stream().filter(event -> !event.at().isAfter(instant)).mapToLong(TagEvent::sequence).max().orElse(0);
      assertThat(tx.sequenceAt(APP, instant)).as("sequence at %s", instant).isEqualTo(expected);
    }
  }

  private static void compareLists(ReadTransaction tx, TagModel model, RandomGenerator random) {
    TagFilter filter = filter(random);
    String after = one(random, TEXTS);
    String from = after.replaceAll("\u0000.*", "");
    int limit = random.nextInt(1, 15);
    List<Tagged> all = model.at(Long.MAX_VALUE, TagFilter.ALL);
    assertThat(tx.tagged(APP, filter, after, limit)).isEqualTo(model.at(Long.MAX_VALUE, filter).stream()
        .filter(tagged -> tagged.event().tag().value().compareTo(from) > 0).limit(limit).toList());
    List<TagEvent> byName = all.stream().map(Tagged::event).toList();
    List<TagEvent> byAge = byName.stream().sorted(Comparator.comparingLong(TagEvent::sequence).thenComparing(TagEvent::tag)).toList();
    assertThat(pages((last, size) -> tx.tagsForwards(APP, last == null ? null : last.tag(), size), limit)).isEqualTo(byName);
    assertThat(pages((last, size) -> tx.tagsBackwards(APP, last == null ? null : last.tag(), size), limit)).isEqualTo(byName.reversed());
    assertThat(pages((last, size) -> tx.tagsByAge(APP, false, last, size), limit)).isEqualTo(byAge);
    assertThat(pages((last, size) -> tx.tagsByAge(APP, true, last, size), limit)).isEqualTo(byAge.reversed());
    for (Digest target : TARGETS) {
      List<Tag> pointing = model.at(Long.MAX_VALUE, new TagFilter("", target)).stream().map(tagged -> tagged.event().tag()).toList();
      assertThat(tx.tagsOf(APP, target)).isEqualTo(pointing);
      assertThat(tx.isTagged(APP, target)).isEqualTo(!pointing.isEmpty());
    }
    Instant now = NOW.plusSeconds(random.nextInt(120));
    Set<String> due = new TreeSet<>(NAMES);
    due.removeIf(name -> model.expiry(name).filter(time -> !time.isAfter(now)).isEmpty());
    List<DueTag> found = tx.dueTags(now, 100);
    assertThat(found).extracting(each -> each.tag().value()).containsExactlyInAnyOrderElementsOf(due);
    assertThat(found).extracting(each -> model.expiry(each.tag().value()).orElseThrow()).isSorted();
    assertThat(tx.dueTags(now, 2)).hasSize(Math.min(2, due.size()));
  }

  private static TagFilter filter(RandomGenerator random) {
    return new TagFilter(one(random, List.of("", "", "1", "1.0", "v", "v1", "v1.0", "none", "zz")),
        random.nextBoolean() ? null : one(random, TARGETS));
  }

  private interface Page {
    List<TagEvent> behind(@Nullable Age last, int limit);
  }

  private static List<TagEvent> pages(Page question, int limit) {
    var all = new ArrayList<TagEvent>();
    Age last = null;
    while (true) {
      List<TagEvent> page = question.behind(last, limit);
      assertThat(page).hasSizeLessThanOrEqualTo(limit);
      all.addAll(page);
      if (page.size() < limit) {
        return all;
      }
      TagEvent end = page.getLast();
      last = new Age(end.sequence(), end.tag());
    }
  }

  /** Page by page, which together are the whole, in order, and each of which says how far it goes. */
  private static void comparePast(ReadTransaction tx, TagModel model, RandomGenerator random, long sequence) {
    TagFilter filter = filter(random);
    String after = one(random, TEXTS);
    int limit = random.nextInt(1, 5);
    var all = new ArrayList<Tagged>();
    String position = after;
    int asked = 0;
    while (true) {
      Past page = tx.taggedAt(APP, filter, position, sequence, limit);
      all.addAll(page.tags());
      assertThat(page.tags()).hasSizeLessThanOrEqualTo(limit);
      if (page.through() == null) {
        break;
      }
      assertThat(page.through().value()).isGreaterThan(position.replaceAll("\u0000.*", ""));
      assertThat(page.tags()).allMatch(tagged -> tagged.event().tag().compareTo(page.through()) <= 0);
      position = page.through().value();
      assertThat(++asked).isLessThanOrEqualTo(NAMES.size());
    }
    assertThat(all).isEqualTo(model.at(sequence, filter).stream()
        .filter(tagged -> tagged.event().tag().value().compareTo(after.replaceAll("\u0000.*", "")) > 0).toList());
  }

  private static void compareChanges(ReadTransaction tx, TagModel model, long after, int limit) {
    List<TagEvent> behind = model.events().stream().filter(event -> event.sequence() > after).toList();
    List<TagEvent> found = tx.changes(APP, after, limit);
    assertThat(found).isEqualTo(behind.subList(0, found.size())).hasSizeGreaterThanOrEqualTo(Math.min(limit, behind.size()));
    if (!found.isEmpty()) {
      assertThat(behind.stream().filter(event -> event.sequence() == found.getLast().sequence())).as("the change set that comes last")
          .allMatch(found::contains);
      long wanted = behind.get(Math.min(limit, behind.size()) - 1).sequence();
      assertThat(found.getLast().sequence()).as("no more than needed").isEqualTo(wanted);
    }
  }

  /** One life of the store, in which the repository comes and goes, and its sequence goes on. */
  @Test
  void allThatCanBeAskedOfTagsIsWhatTheChangesMadeOfThem() {
    var model = new TagModel();
    Law.forAll(8, RandomGenerator::nextLong, seed -> {
      var random = new SplittableRandom(seed);
      anew(model);
      for (int i = 0; i < 40; i++) {
        if (random.nextInt(30) == 0) {
          anew(model);
        }
        step(model, random);
        if (i % 4 == 3) {
          look(tx -> compare(tx, model, random));
          write(tx -> compare(tx, model, random));
        }
      }
    });
  }

  private void anew(TagModel model) {
    write(tx -> tx.deleteRepository(APP, LATER));
    model.delete();
    look(tx -> assertThat(tx.progress(APP)).isEqualTo(Progress.NONE));
    look(tx -> assertThat(tx.changes(APP, 0, 10)).isEmpty());
    write(tx -> tx.linkBlob(APP, TARGETS.getFirst(), 2, NOW, LATER));
  }

  @Test
  void whatIsSaidOfATagIsKeptToTheByte() {
    byte[] document = new byte[64 << 10];
    new SplittableRandom(7).nextBytes(document);
    var said = new TagContent(new Descriptor(MediaType.DOCKER_LIST, TARGETS.getFirst(), 1L << 40, null),
        "\u00e4\ud83d\ude00 ".repeat(400) + "'\"%",
        "{\"a\" :  1.0e0,\n\"\\u00e4\":\"\u00e4\"" + " ".repeat(16_000) + "}", new SignedTag(SignedTag.Form.PRETTYJWS, document));
    write(tx -> {
      tx.linkBlob(APP, TARGETS.getFirst(), 2, NOW, LATER);
      tx.moveTags(APP, List.of(new TagMove(tag("v1"), null, said, null, Cause.REQUEST)), AUTHOR, NOW);
    });
    reopen();

    look(tx -> assertThat(tx.tagged(APP, tag("v1")).orElseThrow().content()).isEqualTo(said));
    look(tx -> assertThat(tx.taggedAt(APP, tag("v1"), 1).orElseThrow().content()).isEqualTo(said));
  }

  @Test
  void theSequenceAndTimeGoOnWhenARepositoryComesAgain() {
    write(tx -> tx.linkBlob(APP, TARGETS.getFirst(), 2, NOW, LATER));
    change(APP, "v1", TARGETS.get(0), NOW.plusSeconds(1_000));
    TagEvent last = change(APP, "v1", TARGETS.get(1), NOW.plusSeconds(1_000));
    for (int life = 0; life < 2; life++) {
      write(tx -> tx.deleteRepository(APP, LATER));
      write(tx -> tx.linkBlob(APP, TARGETS.getFirst(), 2, NOW, LATER));
    }
    TagEvent next = change(APP, "v1", TARGETS.get(0), NOW);

    assertThat(next.sequence()).isEqualTo(3);
    assertThat(next.at()).isAfter(last.at());
    assertThat(next.total()).isEqualTo(1);
    look(tx -> assertThat(tx.history(APP, tag("v1"), 10)).containsExactly(next));
    look(tx -> assertThat(tx.taggedAt(APP, tag("v1"), 2)).isEmpty());
  }

  @Test
  void whatATransactionThatFailedHasChangedIsNoChange() {
    write(tx -> tx.linkBlob(APP, TARGETS.getFirst(), 2, NOW, LATER));
    assertThatThrownBy(() -> write(tx -> {
      move(tx, APP, "v1", TARGETS.get(0), NOW);
      throw new IllegalStateException("changed my mind");
    })).isInstanceOf(IllegalStateException.class);

    look(tx -> assertThat(tx.progress(APP).sequence()).isZero());
    assertThat(change(APP, "v2", TARGETS.get(0), NOW).sequence()).isEqualTo(1);
    look(tx -> assertThat(tx.changes(APP, 0, 10)).hasSize(1));
  }

  @Test
  void aBlobIsReleasedUntilThenAndNeverEarlier() {
    Digest blob = TARGETS.getFirst();
    write(tx -> tx.linkBlob(APP, blob, 2, NOW, LATER));
    write(tx -> tx.endLease(APP, blob));
    look(tx -> assertThat(tx.dueLinks(LATER.plusSeconds(10), 10)).isEmpty());
    write(tx -> tx.releaseBlob(APP, blob, LATER.plusSeconds(5)));
    write(tx -> tx.releaseBlob(APP, blob, LATER));
    write(tx -> tx.releaseBlob(LIB, blob, LATER));
    write(tx -> tx.releaseBlob(APP, TARGETS.get(1), LATER));

    look(tx -> assertThat(tx.dueLinks(LATER.plusSeconds(4), 10)).isEmpty());
    look(tx -> assertThat(tx.dueLinks(LATER.plusSeconds(5), 10)).hasSize(1));
  }

  @Test
  void whatNeedsSomethingAndWhatAManifestIsAreKnown() {
    String image = Documents.image("config", "layer");
    Digest first = put(APP, image);
    Digest index = put(APP, Documents.index(image));
    Digest other = put(APP, Documents.image("config"));
    put(APP, Documents.about(image, "application/vnd.example", "{}"));
    put(LIB, Documents.image("config", "elsewhere"));

    look(tx -> assertThat(tx.holders(APP, Documents.digest("config"), 10)).containsExactlyInAnyOrder(first, other));
    look(tx -> assertThat(tx.holders(APP, Documents.digest("config"), 1)).hasSize(1));
    look(tx -> assertThat(tx.holders(APP, first, 10)).as("a referrer does not hold its subject").containsExactly(index));
    look(tx -> assertThat(tx.holders(APP, index, 10)).isEmpty());
    look(tx -> assertThat(tx.descriptor(APP, first))
        .contains(new Descriptor(MediaType.OCI_MANIFEST, first, Documents.bytes(image).length, null)));
    look(tx -> assertThat(tx.descriptor(LIB, first)).isEmpty());
    look(tx -> assertThat(tx.descriptor(APP, Documents.digest("config"))).isEmpty());
  }
}
