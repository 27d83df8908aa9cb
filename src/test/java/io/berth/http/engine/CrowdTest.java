package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.engine.EngineOptions.Capacity;
import io.berth.http.engine.RawClient.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many peers and many requests: how many there may be, and what becomes of the others. */
@Timeout(60)
class CrowdTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true);

  private final Answering hello = Answering.with(r -> Answering.text(200, "hello"));

  private static Capacity room(int connections, int perAddress, int requests) {
    return new Capacity(connections, perAddress, requests, 100, 400, 100);
  }

  private static void open(HttpServer server, int connections) {
    Awaitility.await().until(() -> server.connections() == connections);
  }

  /** Whether a new connection is of use. */
  private static boolean isWelcome(HttpServer server) {
    try (RawClient client = new RawClient(server)) {
      return client.get("/").status() == 200;
    } catch (IOException closed) {
      return false;
    }
  }

  @Test
  void closesConnectionsBeyondTheMostThereMayBe() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withCapacity(room(3, 100, 100)), hello)) {
      List<RawClient> idle = List.of(new RawClient(server), new RawClient(server), new RawClient(server));
      open(server, 3);

      assertThat(isWelcome(server)).isFalse();
      assertThat(idle.getLast().get("/").text()).isEqualTo("hello");
      assertThat(server.refusedConnections()).isEqualTo(1);

      idle.getFirst().leave();
      open(server, 2);
      assertThat(isWelcome(server)).isTrue();
      for (RawClient client : idle) {
        client.close();
      }
    }
  }

  @Test
  void closesConnectionsOfOneClientBeyondItsShare() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withCapacity(room(100, 2, 100)), hello);
        RawClient first = new RawClient(server);
        RawClient second = new RawClient(server)) {
      open(server, 2);

      assertThat(isWelcome(server)).isFalse();
      try (RawClient other = RawClient.from(InetAddress.ofLiteral("127.0.0.2"), server.address())) {
        assertThat(other.get("/").text()).isEqualTo("hello");
      }
      second.leave();
      Awaitility.await().until(() -> isWelcome(server));
      assertThat(first.get("/").text()).isEqualTo("hello");
    }
  }

  @Test
  void countsAConnectionThatHasBecomeHttp2AsLongAsItLasts() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withCapacity(room(100, 1, 100)), hello)) {
      try (Http2Client client = Http2Client.greet(server)) {
        client.request(1, true);
        assertThat(client.answer(1).text()).isEqualTo("hello");
        assertThat(isWelcome(server)).isFalse();
      }
      Awaitility.await().until(() -> isWelcome(server));
    }
  }

  @Test
  void doesNotCountATrustedProxyAsOneClient() throws Exception {
    EngineOptions options = OPTIONS.withCapacity(room(3, 1, 100)).withProxies(InetAddress::isLoopbackAddress);
    try (HttpServer server = HttpServer.start(options, hello);
        RawClient first = new RawClient(server);
        RawClient second = new RawClient(server);
        RawClient third = new RawClient(server)) {
      open(server, 3);
      assertThat(third.get("/").status()).isEqualTo(200);
      assertThat(isWelcome(server)).isFalse(); // but it counts towards the whole
      assertThat(first.get("/").status()).isEqualTo(200);
      assertThat(second.get("/").status()).isEqualTo(200);
    }
  }

  @Test
  void countsTheNetworksOfIpv6() {
    Crowd crowd = new Crowd(room(100, 2, 100), _ -> false);
    assertThat(crowd.enter(peer("2001:db8::1"))).isTrue();
    assertThat(crowd.enter(peer("2001:db8::ffff:1"))).isTrue();
    assertThat(crowd.enter(peer("2001:db8:0:0:ffff::1"))).isFalse();
    assertThat(crowd.enter(peer("2001:db8:0:1::1"))).isTrue();
    crowd.leave(peer("2001:db8::1"));
    assertThat(crowd.enter(peer("2001:db8:0:0:ffff::1"))).isTrue();
  }

  private static InetSocketAddress peer(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 1);
  }

  @Test
  void takesOtherLimitsWhileItRuns() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withCapacity(room(1, 100, 100)), hello); RawClient client = new RawClient(server)) {
      open(server, 1);
      assertThat(isWelcome(server)).isFalse();
      server.capacity(room(2, 100, 100));
      assertThat(isWelcome(server)).isTrue();
      server.capacity(room(1, 100, 100));
      assertThat(client.get("/").text()).isEqualTo("hello");
    }
  }

  @Test
  void answersRequestsBeyondTheMostThereMayBeAtOnce() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Answering waiting = Answering.with(r -> {
      go.await();
      return Answering.text(200, "worth waiting for");
    });
    try (HttpServer server = HttpServer.start(OPTIONS.withCapacity(room(100, 100, 2)), waiting);
        RawClient first = new RawClient(server);
        Http2Client second = Http2Client.greet(server);
        RawClient third = new RawClient(server)) {
      first.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
      second.request(1, true);
      Awaitility.await().until(() -> waiting.asked().size() == 2);

      Answer refused = third.send("PUT /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello").read();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.text()).startsWith("{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"too many requests at once");
      second.request(3, true);
      assertThat(second.answer(3).status()).isEqualTo("503");
      assertThat(server.refusedRequests()).isEqualTo(2);

      go.countDown();
      assertThat(first.read().text()).isEqualTo("worth waiting for");
      assertThat(second.answer(1).text()).isEqualTo("worth waiting for");
      Awaitility.await().until(() -> server.requests() == 0);
      assertThat(third.get("/3").text()).isEqualTo("worth waiting for");
    }
  }

  @Test
  void forgetsRequestsHoweverTheyEnd() throws Exception {
    Answering breaking = Answering.with(r -> switch (r.rawPath()) {
      case "/error" -> throw new AssertionError("on purpose");
      case "/body" -> Answering.text(200, "" + Answering.readAll(r.body()).length);
      default -> new Reply.Empty(204, new Headers());
    });
    try (HttpServer server = HttpServer.start(OPTIONS, breaking)) {
      try (RawClient client = new RawClient(server); Http2Client streams = Http2Client.greet(server)) {
        assertThat(client.get("/error").status()).isEqualTo(500);
        assertThat(client.get("/").status()).isEqualTo(204);
        client.send("PUT /body HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell");
        streams.request(1, false, ":path: /body", ":method: PUT");
        streams.frame(Http2Client.RESET, 0, 1, new byte[] {0, 0, 0, 8});
        Awaitility.await().until(() -> breaking.asked().size() == 4);
      }
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> server.requests() == 0);
    }
  }

  /** Thousands of connections that say nothing, or half a word: everyone else is answered, and in the end they are gone. */
  @Test
  void servesOthersWhileThousandsDoNothing() throws Exception {
    EngineOptions options = OPTIONS.withCapacity(room(10_000, 10_000, 100)).withIdleTimeout(Duration.ofSeconds(5));
    List<RawClient> idle = new ArrayList<>();
    try (HttpServer server = HttpServer.start(options, hello)) {
      for (int i = 0; i < 2000; i++) {
        RawClient client = new RawClient(server);
        idle.add(client);
        if (i % 2 == 0) {
          client.send("GET / HTTP/1.1\r\nHost:");
        }
      }
      for (int i = 0; i < 100; i++) {
        assertThat(isWelcome(server)).isTrue();
      }
      Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> server.connections() == 0);
    } finally {
      for (RawClient client : idle) {
        client.close();
      }
    }
  }

  @Test
  void countsPeersOnAUnixSocketTowardsTheWholeOnly() {
    Crowd crowd = new Crowd(room(3, 1, 100), _ -> false);
    var nobody = UnixDomainSocketAddress.of("");
    assertThat(crowd.enter(nobody)).isTrue();
    assertThat(crowd.enter(nobody)).isTrue();
    assertThat(crowd.enter(nobody)).isTrue();
    assertThat(crowd.enter(nobody)).isFalse();
    crowd.leave(nobody);
    assertThat(crowd.enter(nobody)).isTrue();
  }
}
