package io.berth.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.StoreUnderTest;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.registry.Completeness.Came;
import io.berth.registry.Completeness.Holder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who follows what comes and goes, over every metadata store. */
@Timeout(120)
public abstract class CompletionsContract extends StoreUnderTest {

  private static final Duration NEVER = Duration.ofHours(10);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int WRITERS = 4;
  private static final int INDEXES = 60;

  private final List<String> images = IntStream.range(0, INDEXES).mapToObj(i -> Documents.image("config", "layer " + i)).toList();

  /** Nobody looks by himself, so that who is not told waits in vain. */
  private Feed<Came> feed() {
    return new Feed<>(new Completeness(store)::came, NEVER, NEVER, System::nanoTime);
  }

  private List<Digest> indexes() {
    return images.stream().map(image -> Documents.digest(Documents.index(image))).toList();
  }

  /** Indexes of one image each, which is all that they lack. */
  private void begin() {
    write(tx -> {
      tx.linkBlob(APP, digest("config"), 6, NOW, LATER);
      for (int i = 0; i < INDEXES; i++) {
        tx.linkBlob(APP, digest("layer " + i), 7, NOW, LATER);
        put(tx, APP, Documents.index(images.get(i)));
      }
    });
  }

  @Test
  void whoFollowsHearsOfEachCompletionOnceHoweverOftenHeComesAgain() throws Exception {
    begin();
    Feed<Came> feed = feed();
    var telling = new TellingMetadataStore(store, feed::changed);
    inThreads(WRITERS + 3, number -> {
      if (number < WRITERS) {
        for (int i = number; i < INDEXES; i += WRITERS) {
          complete(telling, images.get(i), i % 5 == 0);
        }
      } else {
        assertThat(completions(feed, new Random(number))).containsExactlyInAnyOrderElementsOf(indexes());
      }
    });
    assertThat(completions(feed, new Random(0))).as("from the beginning, when all is over").containsExactlyInAnyOrderElementsOf(indexes());
    assertThat(feed.followers()).isZero();
  }

  private static void complete(TellingMetadataStore telling, String image, boolean failsFirst) {
    if (failsFirst) {
      assertThatThrownBy(() -> telling.write(tx -> {
        put(tx, APP, image);
        throw new IllegalStateException("on purpose");
      })).hasMessage("on purpose");
    }
    telling.write(tx -> put(tx, APP, image));
  }

  private List<Digest> completions(Feed<Came> feed, Random random) throws InterruptedException {
    var completeness = new Completeness(store);
    var completed = new ArrayList<Digest>();
    while (completed.size() < INDEXES) {
      try (Feed<Came>.Follower follower = feed.follow(APP, completed.size())) {
        for (int left = 1 + random.nextInt(8); left > 0 && completed.size() < INDEXES; left--) {
          Came came = Objects.requireNonNull(follower.next(PATIENCE), "told in time");
          assertThat(came.sequence()).isEqualTo(completed.size() + 1L);
          assertThat(completeness.news(House.ALICE, APP, came).orElseThrow().holders()).singleElement()
              .satisfies(holder -> assertThat(holder.whole()).isTrue()).extracting(Holder::digest).satisfies(completed::add);
        }
      }
    }
    return completed;
  }

  @Test
  void whatIsWrittenElsewhereWakesNobody() throws Exception {
    begin();
    var told = new ArrayList<>();
    var telling = new TellingMetadataStore(store, told::add);
    telling.write(tx -> put(tx, LIB, images.getFirst()));
    telling.write(tx -> put(tx, APP, Documents.image("config", "another")));
    assertThat(told).isEmpty();
    telling.write(tx -> put(tx, APP, images.getFirst()));
    telling.write(tx -> put(tx, APP, images.getFirst()));
    assertThat(told).containsExactly(APP);
  }
}
