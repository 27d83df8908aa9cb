package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every metadata store writes down of content that comes or goes when something that needs it is there. */
public abstract class PresenceContract extends StoreUnderTest {

  private static final String IMAGE = Documents.image("config", "layer");
  private static final String INDEX = Documents.index(IMAGE, "absent");

  private List<PresenceReads.Change> changes(RepositoryName repository, long after, int limit) {
    return store.read(tx -> tx.presence().changes(repository, after, limit));
  }

  private void link(RepositoryName repository, String blob, Instant now) {
    write(tx -> tx.linkBlob(repository, digest(blob), blob.length(), now, LATER));
  }

  @Test
  void whatComesAfterSomethingThatNeedsItIsWrittenDown() {
    put(APP, INDEX);
    put(APP, IMAGE);
    link(APP, "layer", NOW);
    link(APP, "config", LATER);

    assertThat(changes(APP, 0, 10)).extracting(PresenceReads.Change::content, PresenceReads.Change::present, PresenceReads.Change::at)
        .containsExactly(
            tuple(digest(IMAGE), true, NOW), tuple(digest("layer"), true, NOW), tuple(digest("config"), true, LATER));
  }

  @Test
  void whatComesFirstOrAgainOrElsewhereIsNot() {
    link(APP, "layer", NOW);
    link(APP, "config", NOW);
    put(APP, IMAGE);
    put(APP, INDEX);
    put(APP, IMAGE);
    put(APP, INDEX);
    link(APP, "layer", NOW);
    link(APP, "nothing needs this", NOW);
    link(LIB, "layer", NOW);
    put(LIB, IMAGE);

    assertThat(changes(APP, 0, 10)).isEmpty();
    assertThat(changes(LIB, 0, 10)).isEmpty();
  }

  @Test
  void whatIsOnlySpokenOfIsNot() {
    put(APP, Documents.about(IMAGE, "application/x.signature", "config"));
    put(APP, IMAGE);

    assertThat(changes(APP, 0, 10)).isEmpty();
  }

  @Test
  void whatGoesIsWrittenDownWhereSomethingNeedsIt() {
    put(APP, IMAGE);
    put(APP, INDEX);
    write(tx -> {
      tx.deleteManifest(APP, digest(IMAGE), LATER);
      tx.presence().went(APP, digest(IMAGE), NOW);
      tx.deleteManifest(APP, digest(INDEX), LATER);
      tx.presence().went(APP, digest(INDEX), NOW);
    });

    assertThat(changes(APP, 0, 10)).extracting(PresenceReads.Change::content, PresenceReads.Change::present)
        .containsExactly(tuple(digest(IMAGE), false));
  }

  @Test
  void changesComeInPagesAndGoWithTheirRepository() {
    put(APP, Documents.image("config", "a", "b", "c"));
    for (String blob : List.of("a", "b", "c")) {
      link(APP, blob, NOW);
    }
    List<PresenceReads.Change> all = changes(APP, 0, 10);

    assertThat(changes(APP, 0, 2)).isEqualTo(all.subList(0, 2));
    assertThat(changes(APP, all.get(1).sequence(), 2)).isEqualTo(all.subList(2, 3));
    assertThat(changes(APP, all.get(2).sequence(), 2)).isEmpty();
    reopen();
    assertThat(changes(APP, 0, 10)).isEqualTo(all);
    write(tx -> tx.deleteRepository(APP, NOW));
    assertThat(changes(APP, 0, 10)).isEmpty();
    put(APP, Documents.image("config", "d"));
    link(APP, "d", NOW);
    assertThat(changes(APP, all.get(2).sequence(), 10)).as("numbers go on")
        .extracting(PresenceReads.Change::sequence, PresenceReads.Change::content).containsExactly(tuple(4L, digest("d")));
  }

  @Test
  void eachRepositoryCountsForItself() {
    for (RepositoryName repository : List.of(APP, LIB)) {
      put(repository, Documents.image("config", "a", "b", "c"));
    }
    link(APP, "a", NOW);
    link(LIB, "a", NOW);
    link(LIB, "b", NOW);
    link(APP, "b", NOW);
    write(tx -> {
      tx.linkBlob(LIB, digest("c"), 1, NOW, LATER);
      tx.linkBlob(LIB, digest("config"), 6, NOW, LATER);
    });
    link(APP, "c", NOW);

    assertThat(changes(APP, 0, 10)).extracting(PresenceReads.Change::sequence, PresenceReads.Change::content)
        .containsExactly(tuple(1L, digest("a")), tuple(2L, digest("b")), tuple(3L, digest("c")));
    assertThat(changes(LIB, 0, 10)).extracting(PresenceReads.Change::sequence, PresenceReads.Change::content)
        .containsExactly(tuple(1L, digest("a")), tuple(2L, digest("b")), tuple(3L, digest("c")), tuple(4L, digest("config")));
  }

  @Test
  void whatDoesNotTakePlaceTakesNoNumber() {
    put(APP, Documents.image("config", "a", "b"));
    assertThatThrownBy(() -> write(tx -> {
      tx.linkBlob(APP, digest("a"), 1, NOW, LATER);
      throw new IllegalStateException("on purpose");
    })).hasMessage("on purpose");
    link(APP, "b", NOW);

    assertThat(changes(APP, 0, 10)).extracting(PresenceReads.Change::sequence, PresenceReads.Change::content)
        .containsExactly(tuple(1L, digest("b")));
  }

  @Test
  void aTransactionKnowsWhereSomethingCameOrWent() {
    put(APP, Documents.image("config", "a"));
    store.write(tx -> {
      tx.linkBlob(LIB, digest("a"), 1, NOW, LATER);
      assertThat(tx.presence().changed()).isEmpty();
      tx.linkBlob(APP, digest("a"), 1, NOW, LATER);
      return assertThat(tx.presence().changed()).containsExactly(APP);
    });
    assertThat(changes(APP, 0, 10)).hasSize(1);
    assertThat(store.<Set<RepositoryName>>write(tx -> tx.presence().changed())).isEmpty();
  }

  @Test
  void whatIsOlderThanAMonthIsForgottenWhenMoreComes() {
    put(APP, Documents.image("config", "a", "b"));
    link(APP, "a", NOW);
    link(APP, "b", NOW.plus(Duration.ofDays(31)));

    assertThat(changes(APP, 0, 10)).extracting(PresenceReads.Change::content).containsExactly(digest("b"));
  }

  /** Who reads on from the last number that he has seen misses nothing, whoever else is about to commit. */
  @Test
  void noNumberAppearsBehindALaterOne() throws Exception {
    int blobs = 40;
    String[] names = IntStream.range(0, blobs).mapToObj(i -> "blob " + i).toArray(String[]::new);
    put(APP, Documents.image("config", names));
    var seen = new HashSet<Digest>();
    var writing = new AtomicInteger(4);
    inThreads(5, number -> {
      if (number > 0) {
        for (int i = number - 1; i < blobs; i += 4) {
          link(APP, names[i], NOW);
        }
        writing.decrementAndGet();
        return;
      }
      long last = 0;
      boolean more = true;
      while (more) {
        boolean isOver = writing.get() == 0;
        List<PresenceReads.Change> page = changes(APP, last, 7);
        page.forEach(change -> seen.add(change.content()));
        last = page.isEmpty() ? last : page.getLast().sequence();
        more = !isOver || !page.isEmpty();
      }
    });
    assertThat(seen).hasSize(blobs);
  }
}
