package io.berth.ops.audit;

import io.berth.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a line of the audit is to the next one. A line is a JSON object that begins with its number and ends with two hashes, both SHA-256 in
 * hexadecimal digits: that of the line before and its own, which is over all of the line that stands before {@code ,"hash":}, the former one
 * included. So no line can be changed, left out, put in or moved without another hash in each line behind it. Immutable.
 *
 * @param number the line's, one more than that of the line before
 * @param previous the hash of the line before
 * @param hash the line's own
 */
record Link(long number, String previous, String hash) {

  /** Before the first line of all. */
  static final Link NONE = new Link(0, "", "0".repeat(64));

  /** Bytes of a line without its end. */
  static final int LONGEST = 64 << 10;

  private static final String NUMBER = "{\"line\":";
  private static final String PREVIOUS = ",\"previous\":\"";
  private static final String OWN = "\",\"hash\":\"";
  private static final String END = "\"}";
  private static final int DIGITS = 64;
  private static final int TAIL = PREVIOUS.length() + DIGITS + OWN.length() + DIGITS + END.length();

  /** A line with its end, and what it is to the next. */
  record Line(Link link, byte[] bytes) {}

  /** Writes the line behind this one. */
  Line then(ObjectNode content) {
    long next = number + 1;
    String object = content.toString();
    String body = NUMBER + next + "," + object.substring(1, object.length() - 1) + PREVIOUS + hash + '"';
    String own = hash(body.getBytes(StandardCharsets.UTF_8));
    return new Line(new Link(next, hash, own), (body + OWN.substring(1) + own + END + '\n').getBytes(StandardCharsets.UTF_8));
  }

  /** Reads a line without its end; nothing if it is not one, or is not as it was written. */
  static Optional<Link> read(byte[] line) {
    int tail = line.length - TAIL;
    if (tail <= NUMBER.length() || line.length > LONGEST) {
      return Optional.empty();
    }
    String head = new String(line, 0, Math.min(tail, NUMBER.length() + 19), StandardCharsets.ISO_8859_1);
    String end = new String(line, tail, TAIL, StandardCharsets.ISO_8859_1);
    int comma = head.indexOf(',');
    int own = PREVIOUS.length() + DIGITS;
    boolean isLine = head.startsWith(NUMBER) && comma > NUMBER.length() && head.substring(NUMBER.length(), comma).matches("[1-9][0-9]*")
        && end.startsWith(PREVIOUS) && end.startsWith(OWN, own) && end.endsWith(END);
    if (!isLine) {
      return Optional.empty();
    }
    String hash = end.substring(own + OWN.length(), TAIL - END.length());
    String counted = hash(Arrays.copyOf(line, tail + own + 1));
    return counted.equals(hash)
        ? Optional.of(new Link(Long.parseLong(head.substring(NUMBER.length(), comma)), end.substring(PREVIOUS.length(), own), hash))
        : Optional.empty();
  }

  /** Whether it is the line behind another. */
  boolean follows(Link other) {
    return number == other.number + 1 && previous.equals(other.hash);
  }

  static String hash(byte[] bytes) {
    return Digest.Algorithm.SHA256.of(bytes).encoded();
  }
}
