package io.berth;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.RegistryException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What fuzz tests share. Whatever strangers send, there are two ends: a value, or a refusal that a person can act on. */
public final class Fuzz {

  private Fuzz() {}

  /** The bytes as text; what is no UTF-8 becomes a character that nothing takes. */
  public static String text(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  /** What was made of the bytes; {@code null} if they were refused as they should be. Any other exception is a finding. */
  public static <T> @Nullable T orRefusal(Supplier<T> parse) {
    try {
      return parse.get();
    } catch (RegistryException e) {
      assertThat(e.status()).isBetween(400, 499);
      assertThat(e.problems()).isNotEmpty().allSatisfy(problem -> assertThat(problem.message()).isNotBlank());
      return null;
    }
  }
}
