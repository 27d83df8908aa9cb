package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.engine.Http2Client.Frame;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that make a server work, and themselves hardly: what they may, and where it ends. */
@Timeout(120)
class Http2FloodsTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true);
  private static final int PROTOCOL_ERROR = 1;
  private static final int REFUSED = 7;
  private static final int CANCEL = 8;
  private static final int CALM = 11;

  private final Answering telling = Answering.with(r -> Answering.text(200, "" + Answering.readAll(r.body()).length));

  @Test
  void refusesMoreStreamsAtATimeThanItSaid() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Answering waiting = Answering.with(r -> {
      go.await();
      return new Reply.Empty(204, new Headers());
    });
    try (HttpServer server = HttpServer.start(OPTIONS, waiting); Http2Client client = Http2Client.greet(server)) {
      for (int i = 0; i < 101; i++) {
        client.request(2 * i + 1, true);
      }
      assertThat(client.reset(201)).isEqualTo(REFUSED);
      go.countDown();
      assertThat(client.answer(199).status()).isEqualTo("204");
    }
  }

  @Test
  void endsConnectionsThatReset() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, telling); Http2Client client = Http2Client.greet(server)) {
      assertThat(calm(client, () -> {
        for (int i = 0; i < 1000; i++) {
          client.request(2 * i + 1, true).frame(Http2Client.RESET, 0, 2 * i + 1, new byte[] {0, 0, 0, CANCEL});
        }
      })).isTrue();
      assertThat(telling.asked()).hasSizeLessThan(600);
    }
  }

  @Test
  void endsConnectionsThatHaveItReset() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, telling); Http2Client client = Http2Client.greet(server)) {
      assertThat(calm(client, () -> {
        for (int i = 0; i < 1000; i++) {
          client.request(2 * i + 1, true, "connection: close");
        }
      })).isTrue();
    }
  }

  @Test
  void endsConnectionsThatSendHeadsInCrumbs() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, telling); Http2Client client = Http2Client.greet(server)) {
      assertThat(calm(client, () -> {
        client.frame(Http2Client.HEADERS, 0, 1, Http2Client.usual());
        for (int i = 0; i < 1000; i++) {
          client.frame(Http2Client.CONTINUATION, 0, 1);
        }
      })).isTrue();
    }
  }

  @Test
  void endsConnectionsThatSendEmptyFrames() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, telling); Http2Client client = Http2Client.greet(server)) {
      assertThat(calm(client, () -> {
        client.request(1, false, ":method: PUT");
        for (int i = 0; i < 1000; i++) {
          client.frame(Http2Client.DATA, 0, 1);
        }
      })).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Http2Client.PING, Http2Client.SETTINGS})
  void endsConnectionsThatAskForAnswersAndDoNotReadThem(int type) throws Exception {
    byte[] one = Http2Client.bytes(type, 0, 0, type == Http2Client.PING ? new byte[8] : new byte[] {0, 4, 0, 0, -1, -1});
    byte[] many = new byte[one.length * 1000];
    for (int i = 0; i < 1000; i++) {
      System.arraycopy(one, 0, many, i * one.length, one.length);
    }
    try (HttpServer server = HttpServer.start(OPTIONS, telling); Http2Client client = Http2Client.greet(server)) {
      assertThatThrownBy(() -> {
        for (int i = 0; i < 5000; i++) {
          client.send(many);
        }
      }).isInstanceOf(IOException.class);
    }
  }

  /** Does something that goes too far, and tells whether the server says so, or just hangs up. */
  private static boolean calm(Http2Client client, Misdeed misdeed) throws IOException {
    try {
      misdeed.commit();
    } catch (IOException hungUp) {
      // but what it said before may still be read
    }
    try {
      Frame last = client.next(Http2Client.GOAWAY);
      return last.error() == CALM || last.error() == PROTOCOL_ERROR;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException hungUp) {
      return true;
    }
  }

  private interface Misdeed {
    void commit() throws IOException;
  }
}
