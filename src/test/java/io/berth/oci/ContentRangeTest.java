package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import java.math.BigInteger;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentRangeTest {

  /** The specification's form, and that of RFC 9110; up to 18 digits, which no upload exceeds. */
  private static final Pattern GRAMMAR = Pattern.compile("(?:bytes )?([0-9]{1,18})-([0-9]{1,18})(?:/(?:[0-9]+|\\*))?");

  private static String valid(RandomGenerator random) {
    long first = random.nextLong(1L << random.nextInt(1, 50));
    long last = first + random.nextLong(1L << random.nextInt(1, 50));
    return switch (random.nextInt(4)) {
      case 0 -> "bytes " + first + "-" + last + "/" + (last + 1);
      case 1 -> "bytes " + first + "-" + last + "/*";
      default -> first + "-" + last;
    };
  }

  private static boolean allowed(String text) {
    Matcher range = GRAMMAR.matcher(text);
    return range.matches() && new BigInteger(range.group(1)).compareTo(new BigInteger(range.group(2))) <= 0;
  }

  @Test
  void exactlyWhatTheGrammarAllowsIsAccepted() {
    Law.forAll(10_000, Strings.around(ContentRangeTest::valid), text -> {
      if (allowed(text)) {
        Matcher range = GRAMMAR.matcher(text);
        assertThat(range.matches()).isTrue();
        assertThat(ContentRange.parse(text)).isEqualTo(new ContentRange(Long.parseLong(range.group(1)), Long.parseLong(range.group(2))));
      } else {
        assertThatThrownBy(() -> ContentRange.parse(text)).isInstanceOfSatisfying(RegistryException.class,
            e -> assertThat(e.problems().getFirst().code()).isEqualTo(ErrorCode.BLOB_UPLOAD_INVALID));
      }
    });
  }

  @Test
  void bothEndsAreInclusive() {
    assertThat(ContentRange.parse("0-0").length()).isEqualTo(1);
    assertThat(ContentRange.parse("10-19")).isEqualTo(new ContentRange(10, 19));
    assertThat(ContentRange.parse("10-19").length()).isEqualTo(10);
    assertThat(ContentRange.parse("bytes 10-19/20")).isEqualTo(new ContentRange(10, 19));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-", "1-", "-1", "5-4", "a-b", "0-1-2", "+0-1", "0--1", "0 - 1", " 0-1", "0-1 ", "bytes=0-1", "0-9223372036854775808",
        "99999999999999999999-99999999999999999999", "0-1/", "0-1/x", "bytes */10", "\u0660-\u0661", "0-1,2-3"})
  void whatIsNoRangeIsRefused(String text) {
    assertThatThrownBy(() -> ContentRange.parse(text)).isInstanceOf(RegistryException.class);
  }

  @Test
  void aRangeThatEndsBeforeItBeginsCannotBeConstructed() {
    assertThatThrownBy(() -> new ContentRange(2, 1)).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> new ContentRange(-1, 1)).isInstanceOf(RegistryException.class);
  }
}
