package io.berth.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.client.EventStream.Event;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EventStreamTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private static List<Event> events(String text) throws InterruptedException {
    var events = new ArrayList<Event>();
    try (var stream = new EventStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), LONG)) {
      for (Optional<Event> event = stream.next(); event.isPresent(); event = stream.next()) {
        events.add(event.get());
      }
      assertThat(stream.next()).as("what has ended stays so").isEmpty();
    }
    return events;
  }

  @Test
  void anEventHasItsFieldsAndEndsWithAnEmptyLine() throws InterruptedException {
    assertThat(events(": hello\n\nid: 18\nevent: change\ndata: {\"a\":\ndata: 1}\n\nid:19\r\ndata:x\r\n\r\ndata\n\n"))
        .containsExactly(new Event("18", "change", "{\"a\":\n1}"), new Event("19", "message", "x"), new Event("19", "message", ""));
  }

  @Test
  void anEventThatWasCutOffIsNone() throws InterruptedException {
    assertThat(events("id: 1\ndata: a\n\nid: 2\ndata: b\n")).containsExactly(new Event("1", "message", "a"));
    assertThat(events("")).isEmpty();
  }

  @Test
  void aSilentStreamHasEndedAndItsReaderIsLetGo() throws IOException, InterruptedException {
    try (var far = new PipedOutputStream(); var stream = new EventStream(new PipedInputStream(far), Duration.ofMillis(50))) {
      assertThat(stream.next()).isEmpty();
    }
  }
}
