package io.berth.ops.audit;

import io.berth.oci.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One file of the audit, read from its beginning to its end. What is no line, or none any more, is a fault, unless the next line that is one says
 * how many bytes broke off there, and their hash. For one thread.
 */
final class Scan {

  /** What stands behind bytes that broke off. */
  static final String CLOSE = "CloseTornLine";

  /** As many bytes as may break off: more is never written at a time. */
  static final int LONGEST_TEAR = 512 << 10;

  private static final int MOST_FINDINGS = 1_000;

  private final Path file;
  private final Consumer<Link> lines;
  private final List<Finding> findings = new ArrayList<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ByteArrayOutputStream torn = new ByteArrayOutputStream();
  private @Nullable Link last;
  private byte @Nullable [] first;
  private boolean overlong;
  private boolean endless;
  private long at = 1;
  private long tornAt;
  private long tornBytes;

  private Scan(Path file, @Nullable Link before, Consumer<Link> lines) {
    this.file = file;
    this.last = before;
    this.lines = lines;
  }

  /**
   * Reads a file.
   *
   * @param before the line before its first; {@code null} if that is not known
   * @param lines is told of each line
   */
  static Scan of(Path file, @Nullable Link before, Consumer<Link> lines) throws IOException {
    var scan = new Scan(file, before, lines);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[64 << 10];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        scan.take(buffer, n);
      }
    }
    scan.end();
    return scan;
  }

  /** The last line that is whole; the one before the file if it has none. */
  @Nullable Link last() {
    return last;
  }

  /** The first line that is whole. */
  byte @Nullable [] first() {
    return first;
  }

  /** The bytes behind the last line that is whole. */
  long tornBytes() {
    return tornBytes;
  }

  /** Whether the last line is whole but for its end. */
  boolean isEndless() {
    return endless;
  }

  /** Their hash. */
  String tornHash() {
    return Link.hash(torn.toByteArray());
  }

  /** Whether they end a line. */
  boolean isTornPartOver() {
    byte[] bytes = torn.toByteArray();
    return bytes.length > 0 && bytes[bytes.length - 1] == '\n';
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }

  private void take(byte[] buffer, int length) {
    int from = 0;
    for (int i = 0; i < length; i++) {
      if (buffer[i] == '\n') {
        line.write(buffer, from, i - from);
        lineEnds();
        from = i + 1;
      }
    }
    line.write(buffer, from, length - from);
    if (line.size() > Link.LONGEST) {
      overlong = true;
      tear(line.toByteArray());
      line.reset();
    }
  }

  private void lineEnds() {
    byte[] bytes = line.toByteArray();
    line.reset();
    Optional<Link> link = overlong ? Optional.empty() : Link.read(bytes);
    overlong = false;
    if (link.isPresent()) {
      judge(link.get(), bytes);
      last = link.get();
      first = first == null ? bytes : first;
      lines.accept(last);
    } else {
      byte[] ended = Arrays.copyOf(bytes, bytes.length + 1);
      ended[bytes.length] = '\n';
      tear(ended);
    }
    at++;
  }

  private void tear(byte[] bytes) {
    tornAt = tornAt == 0 ? at : tornAt;
    tornBytes += bytes.length;
    if (torn.size() <= LONGEST_TEAR) {
      torn.write(bytes, 0, bytes.length);
    }
  }

  private void judge(Link link, byte[] bytes) {
    boolean follows = last == null || link.follows(last);
    if (tornAt > 0) {
      boolean isSaid = follows && closes(bytes);
      find(isSaid ? Finding.Kind.TORN : Finding.Kind.BROKEN, tornAt,
          isSaid ? tornBytes + " bytes broke off here, as line " + link.number() + " says"
              : "this is no line of the audit, or not as it was written");
    } else if (!follows && last != null) {
      find(Finding.Kind.BROKEN, at, words(link, last));
    }
    torn.reset();
    tornAt = 0;
    tornBytes = 0;
  }

  private static String words(Link link, Link before) {
    if (link.number() == before.number() + 1) {
      return "line " + link.number() + " was not written behind the line " + before.number() + " that is here";
    }
    return link.number() > before.number() + 1
        ? "behind line " + before.number() + " comes line " + link.number() + ": what was between them is missing"
        : "behind line " + before.number() + " comes line " + link.number();
  }

  /** Whether the line says what broke off before it; an end of line was written behind that if it had none. */
  private boolean closes(byte[] bytes) {
    JsonNode closing;
    try {
      closing = Json.parse(bytes);
    } catch (Json.InvalidJson _) {
      return false;
    }
    long length = closing.path("bytes").asLong(-1);
    boolean fits = tornBytes <= LONGEST_TEAR && (length == tornBytes || length == tornBytes - 1) && length >= 0;
    return fits && closing.path("action").asString("").equals(CLOSE)
        && closing.path("sha256").asString("").equals(Link.hash(Arrays.copyOf(torn.toByteArray(), (int) length)));
  }

  private void end() {
    byte[] rest = line.toByteArray();
    if (!overlong && Link.read(rest).isPresent()) {
      lineEnds();
      endless = true;
    } else if (rest.length > 0) {
      tear(rest);
    }
    if (tornAt > 0) {
      boolean isWritten = tornBytes <= LONGEST_TEAR && !isTornPartOver();
      find(isWritten ? Finding.Kind.UNFINISHED : Finding.Kind.BROKEN, tornAt,
          isWritten ? "the last line is not whole: it is being written, or broke off and the registry has not been started since"
              : "this is no line of the audit, or not as it was written");
    }
  }

  private void find(Finding.Kind kind, long where, String words) {
    if (findings.size() < MOST_FINDINGS) {
      findings.add(new Finding(kind, file, where, words));
    }
  }
}
