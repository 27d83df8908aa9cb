package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.http.Ending;
import io.berth.http.Reply;
import io.berth.http.Request;
import io.berth.http.RequestHandler;
import io.berth.http.engine.RawClient.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many may follow events at a time, and what is told of those who did. */
@Timeout(120)
class FollowersTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String LIFE = ": keep-alive\n\n";

  private final List<Told> sources = new CopyOnWriteArrayList<>();
  private final List<Ending> endings = new CopyOnWriteArrayList<>();
  private final List<RawClient> clients = new ArrayList<>();
  private HttpServer server;

  /** A source of its own for each who asks, but for {@code /other}. */
  private final RequestHandler handler = new RequestHandler() {
    @Override
    public Reply immediate(Request request) {
      return null;
    }

    @Override
    public Reply handle(Request request) {
      if (request.rawPath().equals("/other")) {
        return Answering.text(200, "other");
      }
      Told told = new Told();
      sources.add(told);
      return told.reply();
    }

    @Override
    public void ended(Request request, Ending ending) {
      endings.add(ending);
    }
  };

  private void start(EngineOptions options) throws IOException {
    server = HttpServer.start(options, handler);
  }

  private static EngineOptions room(int requests, int followers) {
    return EngineOptions.defaults("127.0.0.1", 0).withHttp2(false, true)
        .withCapacity(new EngineOptions.Capacity(100, 100, requests, 100, 400, followers));
  }

  @AfterEach
  void everythingIsLetGo() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    await().atMost(PATIENCE).until(() -> server.followers() == 0 && sources.stream().allMatch(Told::isClosed));
    server.close();
  }

  private Answer follow(String from, String... fields) throws IOException {
    RawClient client = RawClient.from(InetAddress.ofLiteral(from), server.address());
    clients.add(client);
    client.send("GET /events HTTP/1.1\r\nHost: h\r\n" + String.join("", fields) + "\r\n");
    Answer head = client.readHead();
    return head.status() == 200 ? head : new Answer(head.status(), head.headers(), client.readBody(head));
  }

  @Test
  void refusesOneMoreThanThereMayBe() throws Exception {
    start(room(100, 2));
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);
    assertThat(follow("127.0.0.2").status()).isEqualTo(200);

    Answer refused = follow("127.0.0.3");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isEqualTo("30");
    assertThat(refused.text()).isEqualTo(
        "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"too many streams of events at once: try again later\"}]}");
    await().atMost(PATIENCE).until(() -> sources.getLast().isClosed());
    assertThat(sources.getLast().asked()).isZero();
    assertThat(server.refusedFollowers()).isEqualTo(1);

    sources.getFirst().end();
    await().atMost(PATIENCE).until(() -> server.followers() == 1);
    assertThat(follow("127.0.0.3").status()).isEqualTo(200);
  }

  @Test
  void refusesAClientThatHasAQuarter() throws Exception {
    start(room(100, 8));
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);

    Answer refused = follow("127.0.0.1");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.header("Retry-After")).isEqualTo("30");
    assertThat(refused.text()).contains("TOOMANYREQUESTS", "too many streams of events of yours at once");
    assertThat(follow("127.0.0.2").status()).isEqualTo(200);

    clients.getFirst().leave();
    await().atMost(PATIENCE).until(() -> server.followers() == 2);
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);
  }

  @Test
  void knowsClientsBehindAProxy() throws Exception {
    start(room(100, 4).withProxies(InetAddress::isLoopbackAddress));
    assertThat(follow("127.0.0.1", "X-Forwarded-For: 203.0.113.1\r\n").status()).isEqualTo(200);
    assertThat(follow("127.0.0.1", "X-Forwarded-For: 203.0.113.1\r\n").status()).isEqualTo(429);
    assertThat(follow("127.0.0.1", "X-Forwarded-For: 2001:db8::1\r\n").status()).isEqualTo(200);
    assertThat(follow("127.0.0.1", "X-Forwarded-For: 2001:db8::2\r\n").status()).as("the same network").isEqualTo(429);
    assertThat(follow("127.0.0.1").status()).as("a proxy that does not say for whom").isEqualTo(200);
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);
    assertThat(follow("127.0.0.1").status()).isEqualTo(503);
  }

  @Test
  void takesAnotherLimitWhileItRuns() throws Exception {
    start(room(100, 1));
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);
    assertThat(follow("127.0.0.2").status()).isEqualTo(503);
    server.capacity(room(100, 2).capacity());
    assertThat(follow("127.0.0.2").status()).isEqualTo(200);
  }

  @Test
  void leavesRequestsTheirRoom() throws Exception {
    start(room(1, 100));
    for (int i = 0; i < 5; i++) {
      assertThat(follow("127.0.0.1").status()).isEqualTo(200);
      assertThat(clients.getLast().readChunk()).isEqualTo(LIFE);
    }
    assertThat(server.requests()).isZero();
    try (RawClient other = new RawClient(server)) {
      assertThat(other.get("/other").text()).isEqualTo("other");
    }
    assertThat(server.followers()).isEqualTo(5);
  }

  @Test
  void countsTheStreamsOfOneConnection() throws Exception {
    start(room(100, 8));
    try (Http2Client client = Http2Client.greet(server)) {
      client.request(1, true).request(3, true);
      await().atMost(PATIENCE).until(() -> server.followers() == 2);
      client.request(5, true);
      assertThat(client.answer(5).status()).isEqualTo("429");
    }
    await().atMost(PATIENCE).until(() -> server.followers() == 0);
  }

  @Test
  void tellsAtTheEndHowLongAStreamWas() throws Exception {
    start(room(100, 8));
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);
    sources.getFirst().tell("data: one\n\n").end();
    RawClient client = clients.getFirst();
    assertThat(List.of(client.readChunk(), client.readChunk(), client.readChunk())).containsExactly(LIFE, "data: one\n\n", "");
    assertThat(client.get("/other").status()).isEqualTo(200);

    await().atMost(PATIENCE).until(() -> endings.size() == 2);
    assertThat(endings.getFirst()).matches(e -> e.status() == 200 && e.whole() && e.followed())
        .matches(e -> e.bytesSent() == LIFE.length() + 11 && e.nanos() > 0);
    assertThat(endings.getLast()).matches(e -> !e.followed());
  }

  @Test
  void tellsOfAStreamThatBrokeOff() throws Exception {
    start(room(100, 8));
    assertThat(follow("127.0.0.1").status()).isEqualTo(200);
    assertThat(clients.getFirst().readChunk()).isEqualTo(LIFE);
    assertThat(endings).isEmpty();
    clients.getFirst().vanish();

    await().atMost(PATIENCE).until(() -> endings.size() == 1);
    assertThat(endings.getFirst()).matches(e -> e.status() == 200 && !e.whole() && e.followed() && e.bytesSent() == LIFE.length());
  }
}
