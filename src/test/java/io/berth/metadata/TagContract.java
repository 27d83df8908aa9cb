package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Digest;
import io.berth.oci.Strings;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.TagEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: tags and their history. */
public abstract class TagContract extends StoreUnderTest {

  private static final Digest ONE = digest("one");
  private static final Digest TWO = digest("two");

  @BeforeEach
  void createRepositories() {
    write(tx -> {
      tx.linkBlob(APP, ONE, 3, NOW, LATER);
      tx.linkBlob(LIB, ONE, 3, NOW, LATER);
    });
  }

  private List<TagEvent> history(String tag) {
    return store.read(tx -> tx.history(APP, tag(tag), 1000));
  }

  @Test
  void aTagIsCreatedMovedAndDeletedWithOneEventEach() {
    TagEvent created = change(APP, "v1", ONE, NOW);
    TagEvent moved = change(APP, "v1", TWO, NOW.plusSeconds(1));
    TagEvent deleted = change(APP, "v1", null, NOW.plusSeconds(2));

    assertThat(created).isEqualTo(new TagEvent(1, tag("v1"), Kind.CREATED, null, content(ONE).target(), NOW, AUTHOR, 1));
    assertThat(moved).isEqualTo(new TagEvent(2, tag("v1"), Kind.MOVED, ONE, content(TWO).target(), NOW.plusSeconds(1), AUTHOR, 1));
    assertThat(deleted).isEqualTo(new TagEvent(3, tag("v1"), Kind.DELETED, TWO, content(TWO).target(), NOW.plusSeconds(2), AUTHOR, 0));
    assertThat(history("v1")).containsExactly(deleted, moved, created);
    look(tx -> assertThat(tx.history(APP, tag("v1"), 2)).containsExactly(deleted, moved));
    look(tx -> assertThat(tx.tag(APP, tag("v1"))).isEmpty());
  }

  @Test
  void whatIsSoAlreadyIsNoChange() {
    assertThat(change(APP, "v1", null, NOW)).isNull();
    assertThat(change(APP, "v1", ONE, NOW)).isNotNull();
    TagState before = store.read(tx -> tx.tag(APP, tag("v1"))).orElseThrow();
    assertThat(change(APP, "v1", ONE, NOW.plusSeconds(1))).isNull();

    look(tx -> assertThat(tx.tag(APP, tag("v1"))).contains(before));
    assertThat(history("v1")).hasSize(1);
    assertThat(change(APP, "v2", ONE, NOW).sequence()).isEqualTo(2);
  }

  @Test
  void theSequenceCountsPerRepository() {
    assertThat(change(APP, "a", ONE, NOW).sequence()).isEqualTo(1);
    assertThat(change(LIB, "a", ONE, NOW).sequence()).isEqualTo(1);
    assertThat(change(APP, "b", ONE, NOW).sequence()).isEqualTo(2);
    look(tx -> assertThat(tx.history(LIB, tag("b"), 10)).isEmpty());
  }

  @Test
  void timesStrictlyIncreaseThoughTheClockGoesBackOrStands() {
    change(APP, "v1", ONE, NOW);
    change(APP, "v1", TWO, NOW);
    change(APP, "v1", ONE, NOW.minus(Duration.ofDays(400)));
    change(APP, "v1", null, NOW.plusNanos(500));
    change(APP, "v1", ONE, NOW.plusSeconds(5));

    List<Instant> times = history("v1").reversed().stream().map(TagEvent::at).toList();
    for (int i = 1; i < times.size(); i++) {
      assertThat(times.get(i)).isAfter(times.get(i - 1));
    }
    assertThat(times.getFirst()).isEqualTo(NOW);
    assertThat(times.getLast()).isEqualTo(NOW.plusSeconds(5));
  }

  @Test
  void aVersionNeverComesAgain() {
    var versions = new ArrayList<Long>();
    for (int i = 0; i < 5; i++) {
      change(APP, "v1", ONE, NOW);
      versions.add(store.read(tx -> tx.tag(APP, tag("v1"))).orElseThrow().version());
      change(APP, "v1", TWO, NOW);
      versions.add(store.read(tx -> tx.tag(APP, tag("v1"))).orElseThrow().version());
      change(APP, "v1", null, NOW);
    }
    assertThat(versions).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void aTagCannotBeCreatedWhereThereIsNoRepository() {
    write(tx -> tx.deleteRepository(LIB, LATER));

    assertThatThrownBy(() -> change(LIB, "v1", ONE, NOW)).isInstanceOf(RuntimeException.class);
    assertThat(change(LIB, "v1", null, NOW)).isNull();
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(LIB))).isFalse();
  }

  @Test
  void tagsOfAManifestAreListedInOrder() {
    for (String tag : List.of("b", "B", "_", "a", "1")) {
      change(APP, tag, ONE, NOW);
    }
    change(APP, "other", TWO, NOW);
    change(LIB, "elsewhere", ONE, NOW);

    look(tx -> assertThat(tx.tagsOf(APP, ONE)).extracting(Tag::value).containsExactly("1", "B", "_", "a", "b"));
    change(APP, "a", TWO, NOW);
    change(APP, "B", null, NOW);
    look(tx -> assertThat(tx.tagsOf(APP, ONE)).extracting(Tag::value).containsExactly("1", "_", "b"));
    look(tx -> assertThat(tx.tagsOf(APP, digest("nothing"))).isEmpty());
  }

  @Test
  void aPageOfTagsBeginsBehindAnyTextInByteOrder() {
    var tags = new TreeSet<String>();
    var random = RandomGenerator.getDefault();
    write(tx -> {
      for (int i = 0; i < 150; i++) {
        String text = Strings.of(random, Strings.WORD, 1, 1) + Strings.of(random, Strings.WORD + ".-", 0, 5);
        tags.add(text);
        move(tx, APP, text, ONE, NOW);
      }
    });
    List<String> all = List.copyOf(tags);

    record Page(String after, int limit) {}
    Law.forAll(300, generator -> new Page(switch (generator.nextInt(3)) {
      case 0 -> all.get(generator.nextInt(all.size()));
      case 1 -> Strings.nearly(generator, all.get(generator.nextInt(all.size()))).replaceAll("[\ud800-\udfff]", "");
      default -> Strings.any(generator).replaceAll("[\ud800-\udfff]", "");
    }, generator.nextInt(200)), page -> look(tx -> assertThat(tx.tags(APP, page.after, page.limit)).extracting(Tag::value)
        .containsExactlyElementsOf(all.stream().filter(tag -> tag.compareTo(page.after) > 0).limit(page.limit).toList())));
  }

  private record Step(String tag, String target, int seconds) {}

  private static List<Step> steps(RandomGenerator random) {
    var steps = new ArrayList<Step>();
    for (int i = 0; i < 25; i++) {
      steps.add(new Step("t" + random.nextInt(3), random.nextInt(4) == 0 ? null : "d" + random.nextInt(3), random.nextInt(-100, 100)));
    }
    return steps;
  }

  /** Against a map and a list: tags, events, sequence and times. */
  @Test
  void tagsAndHistoryAreWhatTheChangesMadeOfThem() {
    Law.forAll(20, TagContract::steps, steps -> {
      write(tx -> {
        tx.deleteRepository(APP, LATER);
        tx.linkBlob(APP, ONE, 3, NOW, LATER);
      });
      var targets = new HashMap<String, Digest>();
      var events = new ArrayList<TagEvent>();
      long start = store.read(tx -> tx.progress(APP)).sequence();
      for (Step step : steps) {
        Digest to = step.target == null ? null : digest(step.target);
        Digest from = to == null ? targets.remove(step.tag) : targets.put(step.tag, to);
        TagEvent event = change(APP, step.tag, to, NOW.plusSeconds(step.seconds));
        if (Objects.equals(from, to)) {
          assertThat(event).isNull();
        } else {
          events.add(event);
          assertThat(event).extracting(TagEvent::sequence, TagEvent::from, TagEvent::to).containsExactly(start + events.size(), from, to);
        }
      }
      for (Map.Entry<String, Digest> tag : targets.entrySet()) {
        look(tx -> assertThat(tx.tag(APP, tag(tag.getKey())).orElseThrow().target()).isEqualTo(tag.getValue()));
      }
      look(tx -> assertThat(tx.tags(APP, "", 10)).hasSize(targets.size()));
      for (String tag : List.of("t0", "t1", "t2")) {
        List<TagEvent> own = events.stream().filter(event -> event.tag().value().equals(tag)).toList();
        assertThat(history(tag).reversed()).isEqualTo(own).isSortedAccordingTo(Comparator.comparing(TagEvent::at));
        assertThat(own).extracting(TagEvent::at).doesNotHaveDuplicates();
      }
    });
  }
}
