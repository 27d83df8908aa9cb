package io.berth.policy;

import io.berth.oci.Platform;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The platforms that an operator means by {@code linux/arm64} or {@code linux/arm/v7}. Without a variant, every variant; with one, that one, where
 * {@code arm64} says the same as {@code arm64/v8}, {@code arm} as {@code arm/v7} and {@code amd64} as {@code amd64/v1}, as container runtimes have it. The version of an operating system and
 * its features are not looked at. Immutable.
 */
public record PlatformPattern(String os, String architecture, @Nullable String variant) {

  private static final String PART = "[a-z0-9][a-z0-9._-]{0,63}";
  private static final Pattern TEXT = Pattern.compile("(" + PART + ")/(" + PART + ")(?:/(" + PART + "))?");

  /** What an entry means that names no variant. */
  private static final Map<String, String> USUAL = Map.of("arm64", "v8", "arm", "v7", "amd64", "v1");

  /** What others call architectures, and what the image specification calls them. */
  private static final Map<String, String> NAMES = Map.of("x86_64", "amd64", "x86-64", "amd64", "i386", "386", "i686", "386", "aarch64",
      "arm64", "armhf", "arm/v7", "armel", "arm/v6");

  /**
   * Parses {@code os/architecture} or {@code os/architecture/variant}.
   *
   * @throws IllegalArgumentException in words
   */
  public static PlatformPattern parse(String text) {
    var parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("a platform is os/architecture or os/architecture/variant, as in linux/amd64 or linux/arm/v7");
    }
    return new PlatformPattern(parts.group(1), parts.group(2), parts.group(3));
  }

  public PlatformPattern {
    String known = NAMES.get(architecture);
    if (known != null) {
      throw new IllegalArgumentException("images do not call an architecture '" + architecture + "': write " + os + "/" + known);
    }
  }

  /** Whether it is one of these. */
  public boolean matches(Platform platform) {
    return os.equals(platform.os()) && architecture.equals(platform.architecture())
        && (variant == null || variant.equals(variant(platform)));
  }

  private static @Nullable String variant(Platform platform) {
    return platform.variant() == null ? USUAL.get(platform.architecture()) : platform.variant();
  }

  @Override
  public String toString() {
    return new Platform(os, architecture, variant).toString();
  }
}
