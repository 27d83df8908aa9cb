package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.engine.Http2Client.Frame;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

  /** One field of 4,000 bytes, and the table's word for it a thousand times: four million bytes in a head of five thousand. */
  @Test
  void unpacksNoMoreOfAHeadThanItMayHave() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.writeBytes(Http2Client.usual());
    bomb.write(0x40); // a literal that is put into the table
    bomb.write(1);
    bomb.write('x');
    bomb.writeBytes(new byte[] {127, (byte) 0xa1, 0x1e}); // 4,000 bytes follow
    bomb.writeBytes("y".repeat(4000).getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 1000; i++) {
      bomb.write(0x80 | 62); // the newest of the table
    }
    try (HttpServer server = HttpServer.start(OPTIONS, telling); Http2Client client = Http2Client.greet(server)) {
      client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, 1, bomb.toByteArray());
      String end;
      try {
        end = client.answer(1).status();
      } catch (EOFException hungUp) {
        end = "hung up";
      }
      assertThat(end).isIn("431", "hung up");
      assertThat(telling.asked()).isEmpty();
    }
  }

  /** The peer offers to remember four gigabytes of what the server says, so that the server would have to remember them as well. */
  @Test
  void remembersNoMoreOfItsAnswersThanIsUsual() throws Exception {
    String often = "a".repeat(1000);
    Answering naming = Answering.with(r -> new Reply.Empty(204,
        new Headers().add("X-Name", r.rawPath().equals("/often") ? often : (r.rawPath() + "-").repeat(500).substring(0, 1000))));
    try (HttpServer server = HttpServer.start(OPTIONS, naming); Http2Client client = Http2Client.greet(server, 1, Integer.MAX_VALUE)) {
      int[] sizes = new int[12];
      for (int i = 0; i < sizes.length; i++) {
        client.request(2 * i + 1, true, ":path: " + (i == 0 || i == sizes.length - 1 ? "/often" : "/" + i));
        Frame head = client.next(Http2Client.HEADERS);
        assertThat(client.head(head).status()).hasToString("204");
        sizes[i] = head.payload().length;
      }
      assertThat(sizes[0]).isGreaterThan(500);
      assertThat(sizes[sizes.length - 1]).as("said in full again, since it was forgotten").isGreaterThan(500);
    }
  }

  @Test
  void saysHowManyStreamsThereMayBeAndEndsAConnectionSoonerIfItIsToldTo() throws Exception {
    EngineOptions strict = OPTIONS.withCapacity(new EngineOptions.Capacity(10, 10, 10, 3, 5, 10));
    try (HttpServer server = HttpServer.start(strict, telling); Http2Client client = Http2Client.greet(server)) {
      Frame settings = client.next(Http2Client.SETTINGS);
      assertThat(settings.payload()).containsSequence(0, 3, 0, 0, 0, 3);
      assertThat(calm(client, () -> {
        for (int i = 0; i < 10; i++) {
          client.request(2 * i + 1, true).frame(Http2Client.RESET, 0, 2 * i + 1, new byte[] {0, 0, 0, CANCEL});
        }
      })).isTrue();
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
