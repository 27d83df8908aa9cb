package io.berth.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream of server-sent events (HTML standard, section 9.2). Events and lines have a bounded size, and a stream that is silent for too long has
 * ended. A thread of its own reads; one other thread takes.
 */
public final class EventStream implements AutoCloseable {

  private static final int BYTES = 16 << 20;
  private static final int AHEAD = 16;

  private final InputStream in;
  private final Duration silence;
  private final BlockingQueue<Sign> signs = new ArrayBlockingQueue<>(AHEAD);
  private final Thread reader;

  /** One event. {@code id} is that of the newest event that had one. */
  public record Event(String id, String type, String data) {}

  /** What the reader hears: an event, or that the other side lives, or its end. */
  private sealed interface Sign {
    record Heard(Event event) implements Sign {}

    record Alive() implements Sign {}

    record Over() implements Sign {}
  }

  /** Reads from now on. */
  public EventStream(InputStream in, Duration silence) {
    this.in = new BufferedInputStream(in);
    this.silence = silence;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /** The next event, waited for; nothing when the stream has ended or is silent. */
  public Optional<Event> next() throws InterruptedException {
    while (true) {
      switch (signs.poll(silence.toMillis(), TimeUnit.MILLISECONDS)) {
        case null -> {
          return Optional.empty();
        }
        case Sign.Over _ -> {
          signs.add(new Sign.Over());
          return Optional.empty();
        }
        case Sign.Heard(Event event) -> {
          return Optional.of(event);
        }
        case Sign.Alive _ -> {
          // goes on
        }
      }
    }
  }

  private void read() {
    try {
      try {
        readEvents();
      } catch (IOException _) {
        // it has ended, by whatever
      }
      signs.put(new Sign.Over());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void readEvents() throws IOException, InterruptedException {
    String id = "";
    String type = "";
    var data = new StringBuilder();
    for (String line = line(); line != null; line = line()) {
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          signs.put(new Sign.Heard(new Event(id, type.isEmpty() ? "message" : type, data.substring(0, data.length() - 1))));
        }
        type = "";
        data.setLength(0);
        continue;
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
      switch (field) {
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" -> data.append(value).append('\n');
        default -> signs.put(new Sign.Alive()); // a comment, or what is not known here
      }
      if (data.length() > BYTES) {
        throw new IOException("an event is too long");
      }
    }
  }

  private @Nullable String line() throws IOException {
    var bytes = new ByteArrayOutputStream();
    int c = in.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = in.read()) {
      if (bytes.size() >= BYTES) {
        throw new IOException("a line is too long");
      }
      bytes.write(c);
    }
    String line = bytes.toString(StandardCharsets.UTF_8);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  @Override
  public void close() {
    reader.interrupt();
    try {
      in.close();
    } catch (IOException _) {
      // it has ended anyway
    }
  }
}
