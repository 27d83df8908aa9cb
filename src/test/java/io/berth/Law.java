package io.berth;

import io.berth.oci.Text;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A law: something that holds for every value a generator can make, tried with many of them. The values follow from a seed, which is random
 * unless the system property {@code law.seed} says otherwise; a failure names the seed and the value.
 */
public final class Law {

  private static final int CASES = 2_000;
  private static final int SHOWN = 4_000;

  /** What holds; it throws where it does not. */
  public interface Property<T> {
    void check(T value) throws Exception;
  }

  private Law() {}

  /** Checks the property for 2,000 values. */
  public static <T> void forAll(Function<? super RandomGenerator, ? extends T> generator, Property<? super T> property) {
    forAll(CASES, generator, property);
  }

  /** Checks the property for a number of values. */
  public static <T> void forAll(int cases, Function<? super RandomGenerator, ? extends T> generator, Property<? super T> property) {
    long seed = seed();
    var random = new SplittableRandom(seed);
    for (int i = 0; i < cases; i++) {
      T value = generator.apply(random);
      try {
        property.check(value);
      } catch (Throwable thrown) {
        throw new AssertionError(
            "broken by value " + i + " of -Dlaw.seed=" + seed + ": " + Text.visible(String.valueOf(value), SHOWN) + "\n"
                + thrown.getMessage(),
            thrown);
      }
    }
  }

  private static long seed() {
    Long stated = Long.getLong("law.seed");
    return stated == null ? RandomGenerator.getDefault().nextLong() : stated;
  }
}
