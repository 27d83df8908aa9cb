package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.engine.AnswerBudget.Share;
import io.berth.oci.BlobContent;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The memory that answers take on their way out. */
@Timeout(60)
class AnswerBudgetTest {

  private static final int KIB = 1024;
  private static final long LONG = Duration.ofHours(1).toNanos();

  @TempDir Path folder;

  private static void never() {
    throw new AssertionError("given up");
  }

  @Test
  void givesSmallerPiecesTheMoreFilesThereAre() {
    AnswerBudget budget = new AnswerBudget(256 * KIB, LONG);
    Share first = budget.file(AnswerBudgetTest::never);
    assertThat(first.take(128 * KIB)).isEqualTo(128 * KIB);
    first.taken(128 * KIB);
    List<Share> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(budget.file(AnswerBudgetTest::never));
    }
    assertThat(first.take(128 * KIB)).isEqualTo(64 * KIB);
    assertThat(first.take(1000)).isEqualTo(1000);
    for (int i = 0; i < 100; i++) {
      others.add(budget.file(AnswerBudgetTest::never));
    }
    assertThat(first.take(128 * KIB)).isEqualTo(16 * KIB);
    others.forEach(Share::leave);
    first.taken(16 * KIB + 1000 + 64 * KIB);
    assertThat(budget.held()).isZero();
    assertThat(first.take(128 * KIB)).isEqualTo(128 * KIB);
  }

  @Test
  void letsThoseInLineWaitForTheirTurn() throws Exception {
    AnswerBudget budget = new AnswerBudget(128 * KIB, LONG);
    Share holder = budget.file(AnswerBudgetTest::never);
    Share waiter = budget.file(AnswerBudgetTest::never);
    assertThat(holder.take(128 * KIB)).isEqualTo(64 * KIB);
    assertThat(holder.take(128 * KIB)).isEqualTo(64 * KIB);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting = threads.submit(() -> waiter.take(100));
      assertThat(budget.held()).isEqualTo(128 * KIB);
      holder.taken(64 * KIB);
      assertThat(waiting.get()).isEqualTo(100);
      var leaving = threads.submit(() -> holder.take(128 * KIB));
      holder.leave();
      assertThat(leaving.get()).isZero();
    }
    holder.taken(64 * KIB);
    waiter.taken(100);
    assertThat(budget.held()).isZero();
  }

  @Test
  void takesTheAnswerFromWhoTakesNothingButOnlyForAnother() throws Exception {
    AnswerBudget budget = new AnswerBudget(16 * KIB, 1);
    CompletableFuture<String> lost = new CompletableFuture<>();
    Share stale = budget.file(() -> lost.complete("stale"));
    assertThat(stale.take(16 * KIB)).isEqualTo(16 * KIB);
    assertThat(lost).isNotDone();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var next = threads.submit(() -> budget.file(AnswerBudgetTest::never).take(16 * KIB));
      assertThat(lost.get()).isEqualTo("stale");
      stale.taken(16 * KIB);
      assertThat(next.get()).isEqualTo(16 * KIB);
    }
  }

  @Test
  void countsAnArrayOnceHoweverManySendIt() {
    AnswerBudget budget = new AnswerBudget(100, LONG);
    byte[] shared = new byte[80];
    Share first = budget.memory(shared, AnswerBudgetTest::never);
    Share second = budget.memory(shared, AnswerBudgetTest::never);
    assertThat(first).isNotNull();
    assertThat(second).isNotNull();
    assertThat(budget.held()).isEqualTo(80);
    assertThat(budget.memory(new byte[80], AnswerBudgetTest::never)).isNull();
    first.leave();
    first.leave();
    assertThat(budget.memory(new byte[80], AnswerBudgetTest::never)).isNull();
    second.leave();
    assertThat(budget.held()).isZero();
    assertThat(budget.memory(new byte[800], AnswerBudgetTest::never)).as("one that is larger than all there is, when there is nothing else")
        .isNotNull();
  }

  /** Forty peers that let their windows shut, and one who wants the same file. */
  @Test
  void servesWhoReadsWhileManyDoNot() throws Exception {
    byte[] noise = new byte[3_000_000];
    new Random(1).nextBytes(noise);
    Path file = Files.write(folder.resolve("blob"), noise);
    Answering sending = Answering.with(r -> {
      FileChannel channel = FileChannel.open(file);
      return new Reply.Blob(200, new Headers(), new BlobContent.InFile(channel, channel.size()), 0, channel.size());
    });
    EngineOptions options = EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true).withAnswers(20 * 16 * KIB)
        .withIdleTimeout(Duration.ofSeconds(3));
    List<Http2Client> shut = new ArrayList<>();
    try (HttpServer server = HttpServer.start(options, sending)) {
      for (int i = 0; i < 40; i++) {
        Http2Client client = Http2Client.greet(server, 4, 0);
        client.request(1, true);
        shut.add(client);
      }
      Awaitility.await().until(() -> server.answerBytes() > 15 * 16 * KIB);
      try (Http2Client reader = Http2Client.greet(server, 4, 10_000_000)) {
        reader.frame(Http2Client.WINDOW_UPDATE, 0, 0, new byte[] {0, 0x7f, 0, 0});
        reader.request(1, true);
        assertThat(reader.answer(1).body()).isEqualTo(noise);
      }
      assertThat(server.answerBytes()).isLessThanOrEqualTo(20L * 16 * KIB);
    } finally {
      for (Http2Client client : shut) {
        client.close();
      }
    }
  }

  /** Peers that ask for lists and read nothing: a bounded number of them is in memory, others are told to come again. */
  @Test
  void makesNoMoreAnswersInMemoryThanThereIsRoomFor() throws Exception {
    Answering listing = Answering.with(r -> Answering.text(200, "x".repeat(100_000)));
    EngineOptions options = EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true).withAnswers(1_000_000);
    try (HttpServer server = HttpServer.start(options, listing);
        Http2Client greedy = Http2Client.greet(server, 4, 0);
        RawClient other = new RawClient(server)) {
      for (int i = 0; i < 50; i++) {
        greedy.request(2 * i + 1, true);
      }
      int refused = 0;
      for (int i = 0; i < 50; i++) {
        refused += greedy.head(greedy.next(Http2Client.HEADERS)).status().toString().equals("503") ? 1 : 0;
      }
      assertThat(refused).isEqualTo(40);
      assertThat(server.answerBytes()).isEqualTo(1_000_000);
      assertThat(other.get("/").status()).isEqualTo(503);

      for (int i = 0; i < 50; i++) {
        greedy.frame(Http2Client.RESET, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
      }
      Awaitility.await().until(() -> server.answerBytes() == 0);
      assertThat(other.get("/").body()).hasSize(100_000);
    }
  }
}
