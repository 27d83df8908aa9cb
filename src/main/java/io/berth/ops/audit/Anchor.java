package io.berth.ops.audit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of the audit that somebody has noted down elsewhere: by its hash, all lines up to it are as they were then.
 *
 * @param number of the line
 * @param hash of the line
 */
public record Anchor(long number, String hash) {

  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,17}):([0-9a-f]{64})");

  /** Reads {@code NUMBER:HASH}; nothing if it is not of that form. */
  public static Optional<Anchor> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches() ? Optional.of(new Anchor(Long.parseLong(matcher.group(1)), matcher.group(2))) : Optional.empty();
  }

  @Override
  public String toString() {
    return number + ":" + hash;
  }
}
