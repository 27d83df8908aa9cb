package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.EngineOptions.Capacity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;

/** What one client may have of all requests. */
final class CrowdSharesTest {

  private final Crowd crowd = new Crowd(new Capacity(100, 2, 12, 100, 400, 100), address -> address.getHostAddress().startsWith("10."));

  private static SocketAddress peer(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 4711);
  }

  private int admitted(SocketAddress peer, int asked) {
    int admitted = 0;
    for (int i = 0; i < asked; i++) {
      admitted += crowd.ask(peer) ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void oneClientHasAQuarterOfThem() {
    assertThat(admitted(peer("192.0.2.1"), 10)).isEqualTo(3);
    assertThat(admitted(peer("192.0.2.2"), 10)).isEqualTo(3);
    assertThat(crowd.refusedRequests()).isEqualTo(14);

    crowd.answered(peer("192.0.2.1"));

    assertThat(admitted(peer("192.0.2.1"), 10)).isEqualTo(1);
    assertThat(crowd.requests()).isEqualTo(6);
  }

  @Test
  void whoSpeaksForManyMayHaveThemAll() {
    assertThat(admitted(peer("10.0.0.1"), 10)).isEqualTo(10);
    assertThat(admitted(UnixDomainSocketAddress.of(""), 10)).isEqualTo(2);
  }
}
