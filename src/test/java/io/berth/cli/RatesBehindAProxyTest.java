package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.Configuration;
import io.berth.config.ListenAddress;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is counted where proxies stand between. */
@Timeout(60)
final class RatesBehindAProxyTest {

  @TempDir private Path folder;

  private Wiring berth;
  private Calls calls;

  private void start(String proxies, String exempt) throws Exception {
    String file = """
        http:
          trustedproxies: [%s]
          limits:
            rates:
              address: {list: 1/h}
              exemptaddresses: [%s]
        """.formatted(proxies, exempt);
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("test.yml", file)), Map.of(), List.of());
    berth =
        Wiring.start(Configuration.read(sources).serve().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0)),
            new ByteArrayOutputStream());
    calls = new Calls(berth.url());
  }

  @AfterEach
  void stop() throws Exception {
    calls.close();
    berth.close();
  }

  private int list(String field) throws Exception {
    return calls.get("/v2/_catalog", field).status();
  }

  @Test
  void aTrustedProxysClientsAreCountedEachForItself() throws Exception {
    start("127.0.0.1", "");
    assertThat(list("X-Forwarded-For: 203.0.113.1")).isEqualTo(200);
    assertThat(list("X-Forwarded-For: 203.0.113.1")).isEqualTo(429);
    assertThat(list("X-Forwarded-For: 203.0.113.2")).isEqualTo(200);
    assertThat(list("X-Forwarded-For: 198.51.100.9, 203.0.113.1")).as("whatever the client claims of itself").isEqualTo(429);
    assertThat(list("X-Forwarded-For: 203.0.113.9, 127.0.0.1")).as("through two proxies").isEqualTo(200);
  }

  @Test
  void aSubscribersNetworkOfIPv6IsOneAddress() throws Exception {
    start("127.0.0.1", "");
    assertThat(list("X-Forwarded-For: 2001:db8:0:1::1")).isEqualTo(200);
    assertThat(list("X-Forwarded-For: 2001:db8:0:1:ffff:ffff:ffff:ffff")).isEqualTo(429);
    assertThat(list("X-Forwarded-For: 2001:db8:0:2::1")).isEqualTo(200);
    assertThat(list("X-Forwarded-For: ::ffff:192.0.2.1")).isEqualTo(200);
    assertThat(list("X-Forwarded-For: 192.0.2.1")).as("the same in IPv4").isEqualTo(429);
  }

  @Test
  void aProxyThatIsNotTrustedIsOneClient() throws Exception {
    start("10.0.0.1", "");
    assertThat(list("X-Forwarded-For: 203.0.113.1")).isEqualTo(200);
    assertThat(list("X-Forwarded-For: 203.0.113.2")).isEqualTo(429);
    assertThat(list("Forwarded: for=203.0.113.3")).isEqualTo(429);
  }

  @Test
  void anAddressThatIsExemptIsNotCounted() throws Exception {
    start("127.0.0.1", "203.0.113.0/24");
    for (int i = 0; i < 5; i++) {
      assertThat(list("X-Forwarded-For: 203.0.113.1")).isEqualTo(200);
    }
    assertThat(list("X-Forwarded-For: 192.0.2.1")).isEqualTo(200);
    assertThat(list("X-Forwarded-For: 192.0.2.1")).isEqualTo(429);
  }
}
