package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.ByteRange.Part;
import io.berth.oci.ByteRange.Unsatisfiable;
import io.berth.oci.ByteRange.Whole;
import java.math.BigInteger;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteRangeTest {

  private static final Pattern RANGE = Pattern.compile("(?i:bytes)=\\s*([0-9]*)-([0-9]*)\\s*");

  private record Asked(String header, int size) {}

  private static Asked asked(RandomGenerator random) {
    return new Asked("bytes=" + number(random) + "-" + number(random), random.nextInt(12));
  }

  private static String number(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> "";
      case 2 -> Strings.of(random, Strings.DIGITS, 17, 40);
      default -> Integer.toString(random.nextInt(14));
    };
  }

  /** Which bytes the header asks for, one by one; {@code null} where it is no single range. */
  private static List<Long> oracle(Asked asked) {
    Matcher range = RANGE.matcher(asked.header);
    if (!range.matches() || range.group(1).isEmpty() && range.group(2).isEmpty()) {
      return null;
    }
    BigInteger size = BigInteger.valueOf(asked.size);
    BigInteger first;
    BigInteger last;
    if (range.group(1).isEmpty()) {
      first = size.subtract(new BigInteger(range.group(2)));
      last = size;
    } else {
      first = new BigInteger(range.group(1));
      last = range.group(2).isEmpty() ? size : new BigInteger(range.group(2));
    }
    return LongStream.range(0, asked.size).boxed()
        .filter(at -> BigInteger.valueOf(at).compareTo(first) >= 0 && BigInteger.valueOf(at).compareTo(last) <= 0).toList();
  }

  @Test
  void aRangeSelectsExactlyTheBytesItNames() {
    Law.forAll(20_000, ByteRangeTest::asked, asked -> {
      List<Long> expected = oracle(asked);
      switch (ByteRange.of(asked.header, asked.size)) {
        case Whole _ -> assertThat(expected).isNull();
        case Unsatisfiable _ -> assertThat(expected).isEmpty();
        case Part part -> {
          assertThat(LongStream.rangeClosed(part.first(), part.last()).boxed()).containsExactlyElementsOf(expected);
          assertThat(part.length()).isEqualTo(expected.size());
        }
      }
    });
  }

  @Test
  void anyTextGivesARangeInsideTheContent() {
    Law.forAll(Strings.around(random -> asked(random).header), header -> {
      long size = header.length() * 1_000L;
      if (ByteRange.of(header, size) instanceof Part part) {
        assertThat(part.first()).isBetween(0L, part.last());
        assertThat(part.last()).isLessThan(size);
      }
    });
  }

  @Test
  void noHeaderMeansEverything() {
    assertThat(ByteRange.of(null, 10)).isEqualTo(new Whole());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "bytes", "bytes=", "bytes=-", "items=0-1", "bytes=0-1,3-4", "bytes=a-b", "bytes=0", "bytes=--5",
    "bytes=0-1-2", "bytes=1 - 2",
    "bytes=+1-2", "bytes=0x1-2", "bytes=\u0660-\u0661", "bytes=1.0-2"})
  void severalRangesOtherUnitsAndNonsenseMeanEverything(String header) {
    assertThat(ByteRange.of(header, 10)).isEqualTo(new Whole());
  }

  @Test
  void tenThousandRangesCostNothing() {
    assertThat(ByteRange.of("bytes=" + "0-,".repeat(10_000) + "0-", 10)).isEqualTo(new Whole());
  }

  @Test
  void numbersBeyondALongStayNumbers() {
    String huge = "9".repeat(60);
    assertThat(ByteRange.of("bytes=0-" + huge, 10)).isEqualTo(new Part(0, 9));
    assertThat(ByteRange.of("bytes=-" + huge, 10)).isEqualTo(new Part(0, 9));
    assertThat(ByteRange.of("bytes=" + huge + "-", 10)).isEqualTo(new Unsatisfiable());
    assertThat(ByteRange.of("bytes=" + huge + "-" + huge, Long.MAX_VALUE)).isEqualTo(new Unsatisfiable());
    assertThat(ByteRange.of("bytes=9223372036854775806-9223372036854775807", Long.MAX_VALUE))
        .isEqualTo(new Part(Long.MAX_VALUE - 1, Long.MAX_VALUE - 1));
  }

  @Test
  void aSuffixOfNothingAndARangeOfAnEmptyBlobCannotBeSatisfied() {
    assertThat(ByteRange.of("bytes=-0", 10)).isEqualTo(new Unsatisfiable());
    assertThat(ByteRange.of("bytes=-5", 0)).isEqualTo(new Unsatisfiable());
    assertThat(ByteRange.of("bytes=0-", 0)).isEqualTo(new Unsatisfiable());
    assertThat(ByteRange.of("bytes=10-", 10)).isEqualTo(new Unsatisfiable());
    assertThat(ByteRange.of("bytes=5-4", 10)).isEqualTo(new Unsatisfiable());
  }
}
