package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DigestTest {

  private static final Pattern GRAMMAR = Pattern.compile("sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}");
  private static final String HEX_64 = "0123456789abcdef".repeat(4);

  private static String valid(RandomGenerator random) {
    return random.nextBoolean() ? "sha256:" + Strings.of(random, Strings.HEX, 64, 64)
        : "sha512:" + Strings.of(random, Strings.HEX, 128, 128);
  }

  @Test
  void whatParseAcceptsToStringGivesBack() {
    Law.forAll(DigestTest::valid, text -> assertThat(Digest.parse(text)).hasToString(text).isEqualTo(Digest.parseOrNull(text)));
  }

  @Test
  void exactlyWhatTheGrammarAllowsIsAccepted() {
    Law.forAll(Strings.around(DigestTest::valid), text -> {
      if (GRAMMAR.matcher(text).matches()) {
        assertThat(Digest.parse(text)).hasToString(text);
      } else {
        assertThat(Digest.parseOrNull(text)).isNull();
        assertThatThrownBy(() -> Digest.parse(text)).isInstanceOfSatisfying(RegistryException.class, e -> {
          assertThat(e.status()).isEqualTo(400);
          assertThat(e.problems()).extracting(RegistryException.Problem::code).containsExactly(ErrorCode.DIGEST_INVALID);
        });
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "sha256", "sha256:", "sha256", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256+b64u:" + "a", "sha384:00",
    "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "blake3:" + "00"})
  void otherAlgorithmsAndHalvesAreRefused(String text) {
    assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(RegistryException.class);
  }

  @Test
  void theAlgorithmAndTheLengthCannotBeConfused() {
    for (String text : new String[] {"sha256:" + HEX_64.substring(1), "sha256:" + HEX_64 + "0", "sha256:" + HEX_64 + HEX_64,
      "sha512:" + HEX_64,
      "SHA256:" + HEX_64, "Sha256:" + HEX_64, "sha256:" + HEX_64.toUpperCase(Locale.ROOT), " sha256:" + HEX_64,
      "sha256:" + HEX_64 + "\n", "sha256::" + HEX_64, "md5:" + HEX_64, "sha-256:" + HEX_64, "sha256%3a" + HEX_64,
      "sha256:../" + HEX_64.substring(3)}) {
      assertThat(Digest.parseOrNull(text)).as(text).isNull();
      assertThatThrownBy(() -> Digest.parse(text)).as(text).isInstanceOf(RegistryException.class);
    }
  }

  @Test
  void theEmptyJsonObjectHasTheDigestThatTheSpecificationNames() {
    assertThat(Digest.Algorithm.SHA256.of("{}".getBytes(StandardCharsets.UTF_8)))
        .hasToString("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  }

  @Test
  void computedDigestsAreValidOnes() {
    Law.forAll(200, random -> Strings.any(random), text -> {
      for (var algorithm : Digest.Algorithm.values()) {
        Digest digest = algorithm.of(text.getBytes(StandardCharsets.UTF_8));
        assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
        assertThat(digest.algorithm()).isEqualTo(algorithm);
        assertThat(Digest.Algorithm.parse(algorithm.toString())).isEqualTo(algorithm);
      }
    });
  }

  @Test
  void theOrderIsThatOfTheText() {
    Law.forAll(50, random -> {
      var texts = new ArrayList<String>();
      for (int i = 0; i < 20; i++) {
        texts.add(valid(random));
      }
      return texts;
    }, texts -> assertThat(texts.stream().map(Digest::parse).sorted().map(Digest::toString))
        .containsExactlyElementsOf(texts.stream().sorted(Comparator.naturalOrder()).toList()));
  }

  @Test
  void anInvalidDigestCannotBeConstructed() {
    assertThatThrownBy(() -> new Digest(Digest.Algorithm.SHA512, HEX_64)).isInstanceOf(RegistryException.class);
  }
}
