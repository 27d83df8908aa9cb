package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.inThreads;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.TagReads.TagState;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RegistryException;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.TagFilter;
import io.berth.oci.TagObject;
import io.berth.policy.DeletionRules;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.registry.TagLists.Page;
import io.berth.registry.TagLists.Span;
import io.berth.registry.Tags.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many clients change the same tags: all that was accepted is in one order, and nothing is seen in part. */
final class TagRacesTest {

  private static final Tag HOT = tag("hot");

  @Nested
  final class InSqlite extends Races {

    @Override
    MetadataStore open() {
      return SqliteMetadataStore.open(folder.resolve("metadata.db"));
    }
  }

  @Nested
  final class InPostgresql extends Races {

    @Override
    MetadataStore open() {
      return PostgresForTests.openIn(folder);
    }
  }

  @Timeout(120)
  abstract static class Races {

    @TempDir Path folder;

    private House house;
    private final List<Digest> images = new ArrayList<>();

    abstract MetadataStore open();

    @BeforeEach
    void begin() {
      var immutable = new TagRule("once", Glob.ofRepositories("**"), Glob.ofTags("once-*"), true, Set.of(), new Expiry.Never(), Set.of());
      house = new House(open(), new TagTerms(DeletionRules.DEFAULT, new TagRules(List.of(immutable)), Duration.ofDays(14)), House.GRACE);
      for (int i = 0; i < 10; i++) {
        images.add(house.image(APP, Documents.digest(Documents.image("config " + i)), "config " + i));
      }
    }

    @AfterEach
    void end() {
      house.close();
    }

    private Operation put(Tag tag, Digest target, String said, Precondition precondition) {
      return new Operation(tag, new TagProposal.Unsigned(new TagObject(null, said, null, new TagObject.Target(null, null, target))),
          precondition);
    }

    private long versionOf(Tag tag) {
      return house.metadata.read(tx -> tx.tag(APP, tag)).map(TagState::version).orElse(0L);
    }

    @Test
    void ofAHundredClientsThatMoveOneTagEachIsInItsHistoryInOneOrder() throws Exception {
      Queue<Long> accepted = new ConcurrentLinkedQueue<>();
      inThreads(20, number -> {
        for (int i = 0; i < 5; i++) {
          accepted.add(house.tags.change(ALICE, APP, put(HOT, images.get(number % 10), number + "/" + i, Precondition.NONE)).version());
        }
      });

      List<TagEvent> history = house.tagLists.history(ALICE, APP, HOT, new Span(null, null, null, null), 1_000);
      assertThat(history).hasSize(100);
      assertThat(history.reversed()).extracting(TagEvent::sequence).containsExactlyElementsOf(accepted.stream().sorted().toList());
      for (int i = 1; i < history.size(); i++) {
        assertThat(history.get(i - 1).from()).as("each begins where the last one ended").isEqualTo(history.get(i).to());
        assertThat(history.get(i - 1).at()).isAfter(history.get(i).at());
      }
      assertThat(house.manifests.get(ALICE, APP, HOT).digest()).isEqualTo(history.getFirst().to());
    }

    /** Who is accepted knew the version just before; nobody else is. */
    @Test
    void ofThoseWhoSawTheSameVersionOneIsAcceptedAndTheOthersAreTold() throws Exception {
      house.tags.change(ALICE, APP, put(HOT, images.getFirst(), "first", Precondition.NONE));
      for (int round = 0; round < 10; round++) {
        long seen = versionOf(HOT);
        var start = new CyclicBarrier(10);
        var accepted = new AtomicInteger();
        var refused = new AtomicInteger();
        String said = "round " + round;
        inThreads(10, number -> {
          start.await();
          try {
            house.tags.change(ALICE, APP, put(HOT, images.get(number), said + " " + number, (_, version) -> version == seen));
            accepted.incrementAndGet();
          } catch (RegistryException loser) {
            assertThat(loser.status()).isEqualTo(412);
            refused.incrementAndGet();
          }
        });
        assertThat(accepted).hasValue(1);
        assertThat(refused).hasValue(9);
        assertThat(versionOf(HOT)).isEqualTo(seen + 1);
      }
    }

    @Test
    void ofThoseWhoMakeAnImmutableTagByAnyRouteOneSucceeds() throws Exception {
      for (int round = 0; round < 8; round++) {
        Tag once = tag("once-" + round);
        var start = new CyclicBarrier(8);
        Queue<Digest> winners = new ConcurrentLinkedQueue<>();
        inThreads(8, number -> {
          start.await();
          Digest image = images.get(number);
          String document = Documents.image("config " + number);
          try {
            switch (number % 4) {
              case 0 -> house.put(APP, once, document);
              case 1 ->
                  house.manifests.put(ALICE, APP, image, List.of(once, tag("beside")), null, Precondition.NONE, Documents.bytes(document));
              case 2 -> house.tags.change(ALICE, APP, put(once, image, "said", Precondition.NONE));
              default -> house.tags.change(ALICE, APP,
                  List.of(put(tag("beside"), image, "said", Precondition.NONE), put(once, image, "said", Precondition.NONE)));
            }
            winners.add(image);
          } catch (RegistryException loser) {
            assertThat(loser.status()).isEqualTo(409);
          }
        });
        assertThat(winners).hasSize(1);
        assertThat(house.manifests.get(ALICE, APP, once).digest()).isEqualTo(winners.peek());
        assertThat(house.tagLists.history(ALICE, APP, once, new Span(null, null, null, null), 10)).hasSize(1);
      }
    }

    /** The tag is made while its target is removed: either the one or the other. */
    @Test
    void noImmutableTagLosesItsTargetToARemovalAtTheSameTime() throws Exception {
      for (int round = 0; round < 15; round++) {
        Tag once = tag("once-" + round);
        Digest target = house.put(APP, Documents.imageWith(",\"annotations\":{\"n\":\"" + round + "\"}", "config 0"));
        var start = new CyclicBarrier(2);
        var done = new AtomicInteger();
        inThreads(2, number -> {
          start.await();
          try {
            if (number == 0) {
              house.tags.change(ALICE, APP, put(once, target, "said", Precondition.NONE));
            } else {
              house.manifests.delete(ALICE, APP, target, Precondition.NONE);
            }
            done.incrementAndGet();
          } catch (RegistryException refused) {
            assertThat(refused.status()).isEqualTo(number == 0 ? 400 : 409);
          }
        });
        assertThat(done).hasValue(1);
        assertThat(versionOf(once) > 0).isEqualTo(house.metadata.<Boolean>read(tx -> tx.manifestSize(APP, target).isPresent()));
      }
    }

    @Test
    void aBatchOf200IsNeverSeenHalf() throws Exception {
      List<Tag> names = IntStream.range(0, 200).mapToObj(i -> tag("batch-" + (100 + i))).toList();
      var ended = new AtomicBoolean();
      var looks = new AtomicInteger();
      inThreads(3, number -> {
        if (number > 0) {
          while (!ended.get() || looks.get() < 20) {
            look(number);
            looks.incrementAndGet();
          }
          return;
        }
        try {
          for (int i = 0; i < 15; i++) {
            Digest image = images.get(i % 10);
            String said = "n" + i;
            house.tags.change(ALICE, APP, names.stream().map(name -> put(name, image, said, Precondition.NONE)).toList());
          }
        } finally {
          ended.set(true);
        }
      });
    }

    private void look(int number) {
      var filter = new TagFilter("batch-", null);
      Page page = house.tagLists.page(ALICE, APP, filter, "", 500, number == 1 ? null : new Moment.Time(house.now.get().plusSeconds(60)),
          true);
      assertThat(page.tags()).extracting(tagged -> tagged.content().description()).as("what is said of all").satisfiesAnyOf(
          all -> assertThat(all).isEmpty(), all -> assertThat(all).hasSize(200).allMatch(all.getFirst()::equals));
      if (number == 2) {
        List<TagEvent> changes = house.tagLists.changes(APP, Math.max(0, page.sequence() - 1), 1);
        assertThat(changes.size() % 200).isZero();
      }
    }
  }
}
