package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.http.engine.RawClient.Answer;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpServerTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0);

  @Test
  void saysInWordsWhyItCannotListen() throws Exception {
    try (HttpServer first = HttpServer.start(OPTIONS, Answering.with(r -> Answering.text(200, "")))) {
      int port = first.address().getPort();
      assertThatThrownBy(() -> HttpServer.start(EngineOptions.defaults("127.0.0.1", port), Answering.with(r -> Answering.text(200, ""))))
          .isInstanceOf(BindException.class).hasMessage("address already in use: 127.0.0.1:" + port);
    }
    assertThatThrownBy(
        () -> HttpServer.start(EngineOptions.defaults("no.such.host.invalid", 0), Answering.with(r -> Answering.text(200, ""))))
        .isInstanceOf(IOException.class).hasMessage("unknown host: no.such.host.invalid");
  }

  @Test
  void listensWithAllItsEventLoopsOnOnePort() throws Exception {
    Answering naming = Answering.immediately(r -> Answering.text(200, Thread.currentThread().getName()));
    try (HttpServer server = HttpServer.start(OPTIONS.withEventLoops(3), naming)) {
      assertThat(server.address().getPort()).isPositive();
      var loops = new java.util.TreeSet<String>();
      for (int i = 0; i < 9; i++) {
        try (RawClient client = new RawClient(server)) {
          loops.add(client.get("/").text());
        }
      }
      assertThat(loops).hasSize(3);
    }
  }

  @Test
  void letsActiveRequestsFinishWhenItCloses() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Answering slow = Answering.with(r -> {
      asked.countDown();
      finish.await();
      return Answering.text(200, "done");
    });
    HttpServer server = HttpServer.start(OPTIONS, slow);
    try (RawClient busy = new RawClient(server); RawClient idle = new RawClient(server)) {
      busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      asked.await();
      Thread closing = Thread.startVirtualThread(server::close);
      assertThat(idle.isEnded()).isTrue();
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> isRefused(server));
      finish.countDown();
      Answer answer = busy.read();
      assertThat(answer.text()).isEqualTo("done");
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(busy.isEnded()).isTrue();
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
      server.close();
    }
  }

  private static boolean isRefused(HttpServer server) throws IOException {
    try {
      new RawClient(server).close();
      return false;
    } catch (ConnectException refused) {
      return true;
    }
  }

  @Test
  void cutsOffWhatDoesNotFinishInTime() throws Exception {
    CountDownLatch asked = new CountDownLatch(2);
    Answering stuck = Answering.with(r -> {
      asked.countDown();
      if (r.rawPath().equals("/upload")) {
        return Answering.text(200, "" + Answering.readAll(r.body()).length);
      }
      new CountDownLatch(1).await();
      return Answering.text(200, "never");
    });
    HttpServer server = HttpServer.start(OPTIONS.withDrainTimeout(Duration.ofMillis(300)), stuck);
    try (RawClient waiting = new RawClient(server); RawClient uploading = new RawClient(server)) {
      waiting.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      uploading.send("PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
      assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
      server.close();
      assertThat(waiting.isEnded()).isTrue();
      assertThat(uploading.isEnded()).isTrue();
      // the reader of the upload hears of it on a thread of its own; the other one waits on, and nobody for it
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !stuck.failures().isEmpty());
      assertThat(stuck.failures()).singleElement().isInstanceOf(IOException.class);
    }
  }

  @Test
  void hangsUpOnPeersThatDoNothing() throws Exception {
    try (
        HttpServer server = HttpServer.start(OPTIONS.withIdleTimeout(Duration.ofMillis(300)), Answering.with(r -> Answering.text(200, "")));
        RawClient silent = new RawClient(server);
        RawClient once = new RawClient(server);
        RawClient slowHead = new RawClient(server)) {
      assertThat(once.get("/").status()).isEqualTo(200);
      Thread trickle = Thread.startVirtualThread(() -> {
        try {
          slowHead.send("GET / HTTP/1.1\r\n");
          for (int i = 0; i < 1000; i++) {
            slowHead.send("X: y\r\n");
            Thread.sleep(20);
          }
        } catch (IOException | InterruptedException expected) {
          // cut
        }
      });
      assertThat(silent.isEnded()).isTrue();
      assertThat(once.isEnded()).isTrue();
      assertThat(slowHead.isEnded()).isTrue();
      trickle.interrupt();
      trickle.join();
    }
  }

  @Test
  void doesNotCountItsOwnWorkAsIdleness() throws Exception {
    Answering slow = Answering.with(r -> {
      Thread.sleep(1000);
      return Answering.text(200, "worth waiting for");
    });
    try (HttpServer server = HttpServer.start(OPTIONS.withIdleTimeout(Duration.ofMillis(200)), slow);
        RawClient client = new RawClient(server)) {
      assertThat(client.get("/").text()).isEqualTo("worth waiting for");
    }
  }
}
