package io.berth.ops.audit;

import io.berth.oci.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes lines of the audit, one behind the other: into files of which another is begun each day, and when one has become large. What was written is
 * never written anew: where something broke off, by whatever, the next line says so. For one thread.
 */
final class AuditWriter implements AutoCloseable {

  /** As much as is written at a time. */
  private static final int PIECE = 256 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(AuditWriter.class);

  private final AuditFolder folder;
  private final InstantSource clock;
  private final AppendFile.Opening opening;
  private volatile AuditTerms terms;
  private @Nullable AppendFile file;
  private Link last = Link.NONE;
  private long size;
  private LocalDate day = LocalDate.EPOCH;
  /** The last line that was found after writing had failed. */
  private long found;
  private boolean failed;

  /** A line that is to be written. */
  static final class Item {

    private final ObjectNode content;
    /** That of the line that was to be written of it, and may have been; 0 before. */
    private long number;

    Item(ObjectNode content) {
      this.content = content;
    }
  }

  AuditWriter(AuditFolder folder, AuditTerms terms, InstantSource clock, AppendFile.Opening opening) {
    this.folder = folder;
    this.terms = terms;
    this.clock = clock;
    this.opening = opening;
  }

  void terms(AuditTerms other) {
    terms = other;
  }

  /** The last line that was written. */
  Anchor head() {
    return new Anchor(last.number(), last.hash());
  }

  /** Goes on behind the last whole line of the last file, having closed off what broke off behind it. */
  void open() throws IOException {
    release();
    List<Path> files = folder.files();
    if (files.isEmpty()) {
      last = Link.NONE;
      found = 0;
      begin(files);
      return;
    }
    Path newest = files.getLast();
    Link former = former(files);
    Scan scan = Scan.of(newest, former, _ -> {
    });
    Link end = scan.last();
    last = end == null ? Link.NONE : end;
    if (failed) { // not again where this itself fails, whose lines are none of the items
      found = last.number();
      failed = false;
    }
    size = Files.size(newest);
    day = scan.first() == null ? day(clock.instant()) : day(scan.first());
    AppendFile opened = opening.open(newest);
    file = opened;
    if (scan.tornBytes() > 0) {
      LOG.warn("{} bytes broke off at the end of the audit in {}: a line behind them says so", scan.tornBytes(), newest);
      ObjectNode content = event(Scan.CLOSE).put("bytes", scan.tornBytes()).put("sha256", scan.tornHash());
      Link.Line line = last.then(content);
      opened.write(scan.isTornPartOver() ? line.bytes()
          : ("\n" + new String(line.bytes(), StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
      advance(line, line.bytes().length + 1L);
    } else if (scan.isEndless()) {
      opened.write(new byte[] {'\n'});
    } else if (scan.first() == null) {
      beginning(opened, newest, files.size() < 2 ? null : files.get(files.size() - 2));
    }
    opened.sync();
  }

  /** The last line before the newest file, as far as it is needed: where that has none of its own. */
  private static @Nullable Link former(List<Path> files) throws IOException {
    if (files.size() < 2) {
      return Files.size(files.getLast()) == 0 ? Link.NONE : null;
    }
    if (Files.size(files.getLast()) > Link.LONGEST) {
      return null;
    }
    return Scan.of(files.get(files.size() - 2), null, _ -> {
    }).last();
  }

  private static LocalDate day(byte[] line) {
    try {
      return day(Instant.parse(Json.parse(line).path("time").asString("")));
    } catch (Json.InvalidJson | DateTimeParseException _) {
      return LocalDate.EPOCH;
    }
  }

  private static LocalDate day(Instant time) {
    return LocalDate.ofInstant(time, ZoneOffset.UTC);
  }

  /**
   * Writes lines, and syncs them. If it fails, {@link #open} has to be called; what was written all the same is not written again when the same items
   * are given again.
   */
  void append(List<Item> items) throws IOException {
    for (Item item : items) {
      item.number = item.number <= found ? item.number : 0;
    }
    failed = true;
    var piece = new ByteArrayOutputStream();
    for (Item item : items) {
      if (item.number > 0) {
        continue;
      }
      if (size >= terms.fileBytes() || !day.equals(day(clock.instant()))) {
        write(piece);
        begin(folder.files());
      }
      Link.Line line = last.then(item.content);
      item.number = line.link().number();
      piece.writeBytes(line.bytes());
      advance(line, line.bytes().length);
      if (piece.size() >= PIECE) {
        write(piece);
      }
    }
    write(piece);
    failed = false;
  }

  private void write(ByteArrayOutputStream piece) throws IOException {
    if (piece.size() > 0) {
      AppendFile open = opened();
      open.write(piece.toByteArray());
      open.sync();
      piece.reset();
    }
  }

  private AppendFile opened() throws IOException {
    AppendFile open = file;
    if (open == null) {
      throw new IOException("the file of the audit is not open");
    }
    return open;
  }

  /** Begins another file, and removes those that are too many or too old, which a line says before. */
  private void begin(List<Path> files) throws IOException {
    release();
    Path next = folder.next(files);
    AppendFile opened = opening.open(next);
    file = opened;
    size = 0;
    beginning(opened, next, files.isEmpty() ? null : files.getLast());
    while (!files.isEmpty() && isTooMuch(files)) {
      Path oldest = files.removeFirst();
      say(opened, event("RemoveAuditFile").put("file", name(oldest)));
      opened.sync();
      Files.deleteIfExists(oldest);
    }
    opened.sync();
    folder.sync();
    LOG.info("the audit goes on in {}, behind line {} with the hash {}", name(next), last.number() - 1, last.previous());
  }

  private boolean isTooMuch(List<Path> files) throws IOException {
    AuditTerms now = terms;
    return now.files() > 0 && files.size() >= now.files() || !now.age().isZero()
        && Files.getLastModifiedTime(files.getFirst()).toInstant().isBefore(clock.instant().minus(now.age()));
  }

  private void beginning(AppendFile opened, Path path, @Nullable Path former) throws IOException {
    day = day(clock.instant());
    ObjectNode content = event("BeginAuditFile").put("file", name(path));
    if (former != null) {
      content.put("former", name(former));
    }
    say(opened, content);
  }

  private void say(AppendFile opened, ObjectNode content) throws IOException {
    Link.Line line = last.then(content);
    opened.write(line.bytes());
    advance(line, line.bytes().length);
  }

  private void advance(Link.Line line, long bytes) {
    last = line.link();
    size += bytes;
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /** What the audit says of itself. */
  private ObjectNode event(String action) {
    return Json.MAPPER.createObjectNode().put("time", clock.instant().toString()).put("identity", "registry").put("action", action);
  }

  private void release() {
    AppendFile former = file;
    file = null;
    if (former != null) {
      try {
        former.close();
      } catch (IOException e) {
        LOG.warn("a file of the audit can't be closed: {}", e.toString());
      }
    }
  }

  @Override
  public void close() {
    release();
  }
}
