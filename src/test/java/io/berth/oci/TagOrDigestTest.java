package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import org.junit.jupiter.api.Test;

final class TagOrDigestTest {

  private static final String DIGEST = "sha256:" + "0".repeat(64);

  @Test
  void aColonDecidesWhichOfTheTwoItIs() {
    assertThat(TagOrDigest.parse("latest")).isEqualTo(new Tag("latest"));
    assertThat(TagOrDigest.parse(DIGEST)).isEqualTo(Digest.parse(DIGEST));
    assertThat(TagOrDigest.parse("sha256-" + "0".repeat(64))).isInstanceOf(Tag.class);
  }

  @Test
  void noTextIsBothATagAndADigest() {
    Law.forAll(Strings.around(random -> random.nextBoolean() ? TagTest.valid(random) : DIGEST),
        text -> assertThat(Tag.isValid(text) && Digest.parseOrNull(text) != null).isFalse());
  }

  @Test
  void whatIsAcceptedIsGivenBackAndTheRestIsRefusedInWords() {
    Law.forAll(Strings.around(random -> random.nextBoolean() ? TagTest.valid(random) : DIGEST), text -> {
      if (Tag.isValid(text) || Digest.parseOrNull(text) != null) {
        assertThat(TagOrDigest.parse(text)).hasToString(text);
      } else {
        assertThatThrownBy(() -> TagOrDigest.parse(text)).isInstanceOf(RegistryException.class);
      }
    });
  }
}
