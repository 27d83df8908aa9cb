package io.berth.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.berth.Law;
import io.berth.oci.Json.InvalidJson;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {

  private static final Duration BOUND = Duration.ofSeconds(20);

  private static void isRefused(byte[] bytes) {
    assertThatThrownBy(() -> Json.parse(bytes)).isInstanceOf(InvalidJson.class);
  }

  private static void isRefused(String text) {
    isRefused(text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1,\"a\":1}", "{\"x\":{\"a\":1,\"a\":2}}", "[[{\"a\":1,\"b\":2,\"a\":3}]]", "{\"a\":1,\"\\u0061\":2}",
    "{\"x\":[{\"y\":{\"mediaType\":\"a/b\",\"mediaTyp\\u0065\":\"c/d\"}}]}", "{\"\":1,\"\":2}"})
  void aNameThatStandsTwiceInOneObjectIsRefused(String text) {
    assertThatThrownBy(() -> Json.parse(text.getBytes(UTF_8))).isInstanceOf(InvalidJson.class).hasMessageContaining("uplicate");
  }

  @Test
  void theSameNameInDifferentObjectsIsFine() throws InvalidJson {
    assertThat(Json.parse("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}".getBytes(UTF_8)).isObject()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "}", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "[1,]", "{\"a\":1,}", "{} {}", "{}x", "{},", "{}\0",
    "\0{}", "01", "+1",
    ".5", "1.", "0x1", "NaN", "Infinity", "-Infinity", "nul", "tru", "\"a", "\"\t\"", "\"\\x\"", "\"\\u12\"", "// c\n{}", "/* c */{}",
    "{\"a\":\"\0\"}",
    "{\"a\":\"\n\"}"})
  void whatIsNotOneJsonValueIsRefused(String text) {
    isRefused(text);
  }

  @Test
  void aByteOrderMarkIsRefused() {
    isRefused("\uFEFF{}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "ISO-8859-1"})
  void otherEncodingsAreRefused(String charset) {
    isRefused("{\"caf\u00e9\":1}".getBytes(Charset.forName(charset)));
  }

  @Test
  void asciiInUtf16IsRefused() {
    isRefused("{}".getBytes(StandardCharsets.UTF_16LE));
    isRefused("{}".getBytes(StandardCharsets.UTF_16BE));
  }

  @Test
  void malformedUtf8IsRefused() {
    isRefused(new byte[] {'"', (byte) 0xc0, (byte) 0xaf, '"'});
    isRefused(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'});
    isRefused(new byte[] {'"', (byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80, '"'});
    isRefused(new byte[] {'"', (byte) 0x80, '"'});
    isRefused(new byte[] {'"', (byte) 0xe2, (byte) 0x82});
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\ud800\"", "\"\\udc00\"", "\"\\udc00\\ud800\"", "{\"a\":[{\"b\":\"x\\uD834\"}]}", "{\"\\ud800\":1}",
    "[[\"\\ud800\\ud800\"]]"})
  void anUnpairedSurrogateIsRefusedWhereverItStands(String text) {
    isRefused(text);
  }

  @Test
  void pairedSurrogatesAreFine() throws InvalidJson {
    assertThat(Json.parse("{\"\\ud83d\\ude00\":\"\\ud83d\\ude00\"}".getBytes(UTF_8)).get("\ud83d\ude00").asString())
        .isEqualTo("\ud83d\ude00");
  }

  @Test
  void depthIsBounded() throws InvalidJson {
    assertThat(Json.parse(nested(100)).isArray()).isTrue();
    isRefused(nested(101));
    assertTimeoutPreemptively(BOUND, () -> {
      isRefused(nested(10_000));
      isRefused("[".repeat(4 << 20));
      isRefused("{\"a\":".repeat(800_000));
    });
  }

  private static byte[] nested(int depth) {
    return ("[".repeat(depth) + "]".repeat(depth)).getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e999", "-1e999", "{\"a\":[1e400]}", "1e2147483648", "1e99999999999999999999"})
  void aNumberBeyondDoublesIsRefused(String text) {
    isRefused(text);
  }

  @Test
  void aNumberOfManyDigitsIsRefused() {
    isRefused("9".repeat(100_000));
    isRefused("0." + "9".repeat(100_000));
  }

  @Test
  void manyKeysAreReadInBoundedTimeAndAMillionValuesAreTooMany() {
    var text = new StringBuilder("{");
    for (int i = 0; i < 200_000; i++) {
      text.append('"').append(Integer.toString(i, 36)).append("\":1,");
    }
    assertTimeoutPreemptively(BOUND,
        () -> assertThat(Json.parse(text.append("\"\":1}").toString().getBytes(UTF_8)).size()).isEqualTo(200_001));
    for (String value : List.of("1", "{}", "[]", "\"\"")) {
      byte[] million = ("[" + (value + ",").repeat(1_000_000) + "1]").getBytes(UTF_8);
      assertTimeoutPreemptively(BOUND,
          () -> assertThatThrownBy(() -> Json.parse(million)).isInstanceOf(Json.InvalidJson.class).hasMessageContaining("500000"));
    }
  }

  @Test
  void keysWithOneHashCodeCostNoMoreThanBoundedTime() {
    assertTimeoutPreemptively(BOUND, () -> {
      var text = new StringBuilder("{");
      for (int i = 0; i < 1 << 16; i++) {
        text.append(i == 0 ? "\"" : ",\"");
        for (int bit = 0; bit < 16; bit++) {
          text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
        }
        text.append("\":1");
      }
      byte[] bytes = text.append('}').toString().getBytes(UTF_8);
      try {
        assertThat(Json.parse(bytes).size()).isEqualTo(1 << 16);
      } catch (InvalidJson refused) {
        assertThat(refused).hasMessageContaining("line");
      }
    });
  }

  @Test
  void whatIsWrittenIsReadBack() {
    Law.forAll(500, random -> value(random, 4),
        text -> assertThat(Json.MAPPER.writeValueAsString(Json.parse(text.getBytes(UTF_8)))).isEqualTo(text));
  }

  @Test
  void anythingIsEitherReadOrInvalid() {
    Law.forAll(Strings.around(random -> value(random, 3)), text -> {
      try {
        assertThat(Json.parse(text.getBytes(UTF_8))).isNotNull();
      } catch (InvalidJson e) {
        assertThat(e.getMessage()).matches("[\\x20-\\x7e]+").hasSizeLessThan(1500);
      }
    });
  }

  @Test
  void anyBytesAreEitherReadOrInvalid() {
    Law.forAll(random -> {
      byte[] bytes = new byte[random.nextInt(20)];
      random.nextBytes(bytes);
      return HexFormat.of().formatHex(bytes);
    }, hex -> {
      try {
        assertThat(Json.parse(HexFormat.of().parseHex(hex))).isNotNull();
      } catch (InvalidJson e) {
        assertThat(e).hasNoCause();
      }
    });
  }

  /** JSON without blanks, as the mapper writes it. */
  private static String value(RandomGenerator random, int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 6)) {
      case 0 -> Integer.toString(random.nextInt());
      case 1 -> random.nextBoolean() ? "true" : "null";
      case 2, 3 -> '"' + Strings.of(random, Strings.WORD + "/ \u00e9\u20ac", 0, 8) + '"';
      case 4 -> random.nextBoolean() ? "[]" : "[" + value(random, depth - 1) + "," + value(random, depth - 1) + "]";
      default -> "{\"a\":" + value(random, depth - 1) + ",\"b\":" + value(random, depth - 1) + "}";
    };
  }
}
