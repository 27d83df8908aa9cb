package io.berth.ops;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.LogConfig.AccessFormat;
import io.berth.oci.Json;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Lines of the access log: complete, and harmless whatever is in them. */
final class AccessLinesTest {

  private static final String HOSTILE = "\u001b[31m\"\\\r\n127.0.0.1 - - [forged] \u007f\u009b\u202e\u2028\t\0 caf\u00e9";

  private static AccessEntry entry(String text) {
    return new AccessEntry(1_791_763_200_123L, "0e52", "10.0.0.1", text, text.isEmpty() ? "GET" : text,
        "/v2/" + text, "n=" + text, "HTTP/1.1", 200, 5, 1404, 12_345_678, true, text, text, "GetManifest", "", text);
  }

  private static String line(AccessFormat format, AccessEntry entry, Map<String, String> fields) {
    var out = new ByteArrayOutputStream();
    AccessLines.to(out, format, fields).write(entry);
    return out.toString(ISO_8859_1);
  }

  @Test
  void combined() {
    assertThat(line(AccessFormat.COMBINED, entry(""), Map.of("zone", "a b"))).isEqualTo("10.0.0.1 - - [12/Oct/2026:00:00:00 +0000] "
        + "\"GET /v2/?n= HTTP/1.1\" 200 1404 \"-\" \"-\" id=0e52 in=5 ms=12.345 zone=\"a b\"\n");
  }

  @Test
  void json() throws Exception {
    JsonNode line = Json.parse(line(AccessFormat.JSON, entry(""), Map.of("zone", "a b")).getBytes(ISO_8859_1));

    assertThat(line).isEqualTo(Json.parse("""
        {"time": "2026-10-12T00:00:00.123Z", "logger": "access", "id": "0e52", "client": "10.0.0.1", "identity": "", "method": "GET",
         "target": "/v2/?n=", "protocol": "HTTP/1.1", "route": "GetManifest", "status": 200, "bytes_in": 5, "bytes_out": 1404, "ms": 12.345,
         "user_agent": "", "referer": "", "zone": "a b"}""".getBytes(ISO_8859_1)));
  }

  @Test
  void whatOnlySomeHave() throws Exception {
    var entry =
        new AccessEntry(0, "0e52", "0:0:0:0:0:0:0:1", "user:alice", "PUT", "/v2/", "", "HTTP/1.0", 499,
            0, 0, -1, false,
            "docker/28", "http://here/", "none", "4bf92f3577b34da6a3ce929d0e0e4736", "r.example/app:1");

    assertThat(line(AccessFormat.COMBINED, entry, Map.of())).isEqualTo("0:0:0:0:0:0:0:1 - user:alice [01/Jan/1970:00:00:00 +0000] "
        + "\"PUT /v2/ HTTP/1.0\" 499 0 \"http://here/\" \"docker/28\" id=0e52 in=0 ms=0.000 unfinished trace=4bf92f3577b34da6a3ce929d0e0e4736 ref=\"r.example/app:1\"\n");
    assertThat(Json.parse(line(AccessFormat.JSON, entry, Map.of()).getBytes(ISO_8859_1)).toString())
        .contains("\"unfinished\":true", "\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\"", "\"reference\":\"r.example/app:1\"");
  }

  @ParameterizedTest
  @EnumSource
  void nothingEndsALineOrActsOnATerminal(AccessFormat format) {
    assertThat(line(format, entry(HOSTILE), Map.of("zone", HOSTILE))).matches("[\\x20-\\x7e]+\n");
  }

  @ParameterizedTest
  @EnumSource
  void noNoiseDoes(AccessFormat format) throws Exception {
    var random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      var noise = new StringBuilder();
      random.ints(random.nextInt(80), 0, 0x300).forEach(c -> noise.append((char) c));
      String line = line(format, entry(noise.toString()), Map.of());
      assertThat(line).matches("[\\x20-\\x7e]+\n");
      if (format == AccessFormat.JSON) {
        assertThat(Json.parse(line.getBytes(ISO_8859_1)).path("user_agent").asString()).isEqualTo(noise.toString());
      }
    }
  }

  @Test
  void halfASurrogatePairIsNotLost() {
    assertThat(line(AccessFormat.COMBINED, entry("\ud800x"), Map.of())).contains("\\ud800x");
  }

  @Test
  void aQuotedTextCantBeLeft() {
    assertThat(line(AccessFormat.COMBINED, entry("a\" 200 0 \"-\" \"b\\"), Map.of())).contains("\"a\\\" 200 0 \\\"-\\\" \\\"b\\\\\"");
    assertThat(line(AccessFormat.COMBINED, entry("a b"), Map.of())).contains(" - a\\x20b [");
  }

  @ParameterizedTest
  @EnumSource
  void lengthsAreBounded(AccessFormat format) {
    assertThat(line(format, entry("\0".repeat(100_000)), Map.of())).hasSizeLessThan(30_000);
    assertThat(line(format, entry("x".repeat(100_000)), Map.of())).hasSizeLessThan(4_000);
  }
}
