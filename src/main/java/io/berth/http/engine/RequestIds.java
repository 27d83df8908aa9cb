package io.berth.http.engine;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** Random identifiers of requests, 128 bits each: unique, not secret. For one event loop. */
final class RequestIds {

  private static final HexFormat HEX = HexFormat.of();

  private final SplittableRandom high;
  private final SplittableRandom low;

  RequestIds() {
    SecureRandom seed = new SecureRandom();
    this.high = new SplittableRandom(seed.nextLong());
    this.low = new SplittableRandom(seed.nextLong());
  }

  long nextHigh() {
    return high.nextLong();
  }

  long nextLow() {
    return low.nextLong();
  }

  /** The text of an identifier, 32 hexadecimal digits. */
  static String text(long high, long low) {
    return HEX.toHexDigits(high) + HEX.toHexDigits(low);
  }
}
