package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {

  private static boolean isTrusted(InetAddress address) {
    return address.getHostAddress().startsWith("10.");
  }

  /** A request from a peer, with header lines. */
  private record Asked(SocketAddress remote, List<String> lines) implements Request {

    static Asked from(String peer, String... lines) throws Exception {
      return new Asked(peer.equals("unix") ? UnixDomainSocketAddress.of("") : new InetSocketAddress(InetAddress.ofLiteral(peer), 1234),
          List.of(lines));
    }

    @Override
    public Origin origin() {
      return Origin.of(this, "http", OriginTest::isTrusted);
    }

    @Override
    public Optional<String> header(String name) {
      return headers(name).stream().findFirst();
    }

    @Override
    public List<String> headers(String name) {
      List<String> values = new ArrayList<>();
      for (String line : lines) {
        if (line.substring(0, line.indexOf(':')).equalsIgnoreCase(name)) {
          values.add(line.substring(line.indexOf(':') + 1).strip());
        }
      }
      return values;
    }

    @Override
    public String id() {
      return "1";
    }

    @Override
    public String protocol() {
      return "HTTP/1.1";
    }

    @Override
    public Trail trail() {
      return new Trail();
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String rawPath() {
      return "/v2/";
    }

    @Override
    public String rawQuery() {
      return "";
    }

    @Override
    public RequestBody body() {
      throw new UnsupportedOperationException();
    }
  }

  private static Origin origin(String peer, String... lines) throws Exception {
    return Asked.from(peer, lines).origin();
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Forwarded-For: 1.1.1.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Forwarded-Prefix: /evil",
    "Forwarded: for=1.1.1.1;proto=https;host=evil"})
  void strangersChangeNothing(String line) throws Exception {
    assertThat(origin("203.0.113.7", "Host: good", line)).isEqualTo(new Origin("203.0.113.7", "http", null, ""));
    assertThat(origin("127.0.0.1", "Host: good", line)).isEqualTo(new Origin("127.0.0.1", "http", "good", ""));
  }

  @Test
  void proxiesTellWhereARequestCameFrom() throws Exception {
    assertThat(
        origin("10.0.0.1", "Host: inside", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: r.example:8443",
            "X-Forwarded-Prefix: /registry/"))
        .isEqualTo(new Origin("203.0.113.9", "https", "r.example:8443", "/registry"));
    assertThat(origin("10.0.0.1", "Forwarded: for=\"[2001:db8::1]:47011\";proto=https;host=\"r.example:8443\";by=10.0.0.1"))
        .isEqualTo(new Origin("2001:db8:0:0:0:0:0:1", "https", "r.example:8443", ""));
    assertThat(origin("unix", "Host: inside", "X-Forwarded-For: 203.0.113.9")).isEqualTo(new Origin("203.0.113.9", "http", "inside", ""));
    assertThat(origin("unix", "Host: inside")).isEqualTo(new Origin("unix", "http", "inside", ""));
    assertThat(origin("10.0.0.1", "Host: inside")).isEqualTo(new Origin("10.0.0.1", "http", null, ""));
  }

  @Test
  void aChainIsBelievedAsFarAsItsProxiesAre() throws Exception {
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.2").client()).isEqualTo("203.0.113.9");
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 203.0.113.9,10.0.0.2,10.0.0.3").client())
        .isEqualTo("203.0.113.9");
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 10.0.0.4, 10.0.0.2").client()).isEqualTo("10.0.0.4");
    assertThat(origin("10.0.0.1", "Forwarded: for=6.6.6.6;proto=gopher, for=203.0.113.9;proto=https;host=a, For=10.0.0.2;host=b"))
        .isEqualTo(new Origin("203.0.113.9", "https", "a", ""));
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.2", "X-Forwarded-Proto: gopher, https, http",
        "X-Forwarded-Host: evil, good, inner")).isEqualTo(new Origin("203.0.113.9", "https", "good", ""));
  }

  @Test
  void aForwardedOfTheClientsThatAProxyLetsPassIsNotBelieved() throws Exception {
    assertThat(origin("10.0.0.1", "Forwarded: for=6.6.6.6;host=evil", "X-Forwarded-For: 203.0.113.9")).isEqualTo(
        new Origin("203.0.113.9", "http", null, ""));
    assertThat(origin("10.0.0.1", "Forwarded: for=6.6.6.6;host=evil", "X-Forwarded-Proto: https")).isEqualTo(
        new Origin("10.0.0.1", "https", null, ""));
  }

  @Test
  void hiddenClientsHaveTheirPseudonyms() throws Exception {
    assertThat(origin("10.0.0.1", "Forwarded: for=_SEVKISEK").client()).isEqualTo("_SEVKISEK");
    assertThat(origin("10.0.0.1", "Forwarded: for=unknown").client()).isEqualTo("unknown");
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 6.6.6.6, unknown").client()).isEqualTo("unknown");
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 203.0.113.9:5123").client()).isEqualTo("203.0.113.9");
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 2001:DB8::1").client()).isEqualTo("2001:db8:0:0:0:0:0:1");
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 2001:DB8::1").network()).isEqualTo("2001:db8:0:0:0:0:0:0/64");
    assertThat(origin("10.0.0.1", "X-Forwarded-For: 203.0.113.9").network()).isEqualTo("203.0.113.9");
    assertThat(origin("10.0.0.1", "Forwarded: for=_SEVKISEK").network()).isEqualTo("_SEVKISEK");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Forwarded-For: <script>", "X-Forwarded-For: 1.2.3", "X-Forwarded-For: 999.1.1.1", "X-Forwarded-For:",
    "X-Forwarded-For: a.example", "X-Forwarded-For: ::1%eth0", "X-Forwarded-For: [::1", "Forwarded: for", "Forwarded: for=\"1.1.1.1",
    "Forwarded: for=1.1.1.1 proto=https", "Forwarded: ;;;", "Forwarded: =1.1.1.1", "Forwarded:", "X-Forwarded-Proto: gopher",
    "X-Forwarded-Host: a/b", "X-Forwarded-Host: a b", "X-Forwarded-Host: \"a\"", "X-Forwarded-Prefix: evil", "X-Forwarded-Prefix: //evil",
    "X-Forwarded-Prefix: /a/../b", "X-Forwarded-Prefix: /a?b", "X-Forwarded-Prefix: https://evil"})
  void nonsenseSaysNothing(String line) throws Exception {
    assertThat(origin("10.0.0.1", line)).isEqualTo(new Origin("10.0.0.1", "http", null, ""));
  }

  @Test
  void locationsArePathsUnlessTheyAreToBeMore() throws Exception {
    Asked outside = Asked.from("203.0.113.7", "Host: evil", "X-Forwarded-Prefix: /evil");
    Asked inside = Asked.from("127.0.0.1", "Host: localhost:5000");
    Asked proxied = Asked.from("10.0.0.1", "X-Forwarded-Host: r.example", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /x");
    Locations plain = Locations.PLAIN;
    assertThat(plain.to("/v2/a", outside)).isEqualTo("/v2/a");
    assertThat(plain.to("/v2/a", proxied)).isEqualTo("/x/v2/a");
    Locations absolute = new Locations("/registry/", false, Optional.empty());
    assertThat(absolute.to("/v2/a", outside)).isEqualTo("/registry/v2/a");
    assertThat(absolute.to("/v2/a", inside)).isEqualTo("http://localhost:5000/registry/v2/a");
    assertThat(absolute.to("/v2/a", proxied)).isEqualTo("https://r.example/x/registry/v2/a");
    Locations known = new Locations("/", false, Optional.of(URI.create("https://known.example:8443/")));
    assertThat(known.to("/v2/a", outside)).isEqualTo("https://known.example:8443/v2/a");
    assertThat(known.to("/v2/a", proxied)).isEqualTo("https://known.example:8443/v2/a");
    assertThat(absolute.local("/registry/v2/a")).isEqualTo("/v2/a");
    assertThat(absolute.isBelow("/v2/a")).isFalse();
    assertThat(absolute.isBelow("/registryv2/a")).isFalse();
  }
}
