package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.berth.Fuzz;
import io.berth.oci.RepositoryName;
import io.berth.policy.Scope;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Strangers' requests, once their lines are told apart: the first line is method and target, the others are header fields. */
final class RequestsFuzzTest {

  private static final CallParser PARSER =
      new CallParser(new Namespaces(Map.of("docker.io", RepositoryName.parse("mirror/docker"))), Locations.PLAIN);

  @FuzzTest
  void calls(byte[] input) {
    var request = new LinesRequest(Fuzz.text(input).lines().toList());
    try {
      Call call = Fuzz.orRefusal(() -> PARSER.parse(request));
      if (call != null && call.scope() instanceof Scope.Repository(RepositoryName name, var _)) {
        assertThat(RepositoryName.parse(name.value())).isEqualTo(name);
      }
    } catch (MethodNotAllowed e) {
      assertThat(e.allowed()).isNotBlank();
    }
  }

  @FuzzTest
  void origins(byte[] input) {
    var request = new LinesRequest(Fuzz.text(input).lines().toList());
    Origin origin = Origin.of(request, "http", _ -> true);
    for (String part : List.of(origin.client(), origin.scheme(), String.valueOf(origin.host()), origin.prefix())) {
      assertThat(part).hasSizeLessThan(1024).matches("[\\x21-\\x7e]*");
    }
    assertThat(origin.scheme()).isIn("http", "https");
    assertThat(origin.prefix()).doesNotStartWith("//").doesNotContain("\\");
    Conditions.isKnown(request, "\"x\"");
    Conditions.rangeApplies(request, "\"x\"");
  }

  /** A request without a body, made of lines. */
  private record LinesRequest(List<String> lines) implements Request {

    private String[] start() {
      return (lines.isEmpty() ? "GET /v2/" : lines.getFirst()).split(" ", 2);
    }

    private String target() {
      return start().length < 2 ? "" : start()[1];
    }

    @Override
    public String id() {
      return "fuzz";
    }

    @Override
    public String method() {
      return start()[0];
    }

    @Override
    public String rawPath() {
      return target().split("\\?", 2)[0];
    }

    @Override
    public String rawQuery() {
      String[] parts = target().split("\\?", 2);
      return parts.length < 2 ? "" : parts[1];
    }

    @Override
    public Optional<String> header(String name) {
      return headers(name).stream().findFirst();
    }

    @Override
    public List<String> headers(String name) {
      return lines.stream().skip(1).filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
          .map(line -> line.substring(name.length() + 1).strip()).toList();
    }

    @Override
    public String protocol() {
      return "HTTP/1.1";
    }

    @Override
    public SocketAddress remote() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public Origin origin() {
      return new Origin("127.0.0.1", "http", null, "");
    }

    @Override
    public RequestBody body() {
      throw new AssertionError("nobody asked for a body");
    }

    @Override
    public Trail trail() {
      return new Trail();
    }
  }
}
