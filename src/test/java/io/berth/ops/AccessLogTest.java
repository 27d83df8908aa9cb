package io.berth.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.config.LogConfig.AccessFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The way of lines from requests to the log. */
final class AccessLogTest {

  private static final String CLIENT = "10.0.0.1";

  private static AccessEntry entry(int number) {
    return new AccessEntry(0, "n" + number, CLIENT, "", "GET", "/", "", "HTTP/1.1", 200, 0, 0, 0, true, "", "", "Ping", "", "");
  }

  /** A reader that can be held up, or break. */
  private static final class Reader extends OutputStream {

    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private final CountDownLatch reads;
    private volatile boolean broken;

    Reader(boolean stopped) {
      this.reads = new CountDownLatch(stopped ? 1 : 0);
    }

    @Override
    public void write(int b) throws IOException {
      throw new IOException("lines are written whole");
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        reads.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (broken) {
        throw new IOException("broken pipe");
      }
      synchronized (read) {
        read.write(bytes, offset, length);
      }
      assertThat(bytes[offset + length - 1]).as("the end of what is written at once").isEqualTo((byte) '\n');
    }

    long lines() {
      synchronized (read) {
        return read.toString(UTF_8).lines().count();
      }
    }
  }

  @Test
  void everyLineIsWrittenOnce() throws InterruptedException {
    var reader = new Reader(false);
    var log = new AccessLog(reader, AccessFormat.COMBINED, Map.of());
    var threads = IntStream.range(0, 4).mapToObj(t -> Thread.startVirtualThread(() -> {
      for (int i = 0; i < 2_000; i++) {
        log.write(entry(t * 2_000 + i));
      }
    })).toList();
    for (Thread thread : threads) {
      thread.join();
    }
    log.close();

    assertThat(reader.read.toString(UTF_8).lines().map(line -> line.replaceAll(".* id=(\\S+) .*", "$1"))).hasSize(8_000)
        .doesNotHaveDuplicates();
    assertThat(log.dropped()).isZero();
  }

  @Test
  void aLineComesSoonWithoutAnother() {
    var reader = new Reader(false);
    try (var log = new AccessLog(reader, AccessFormat.JSON, Map.of())) {
      for (int i = 1; i <= 5; i++) {
        log.write(entry(i));
        int lines = i;
        await().atMost(Duration.ofSeconds(5)).until(() -> reader.lines() == lines);
      }
    }
  }

  @Test
  void aReaderThatStopsHoldsNobodyUp() {
    var reader = new Reader(true);
    try (var log = new AccessLog(reader, AccessFormat.COMBINED, Map.of())) {
      long begun = System.nanoTime();
      for (int i = 0; i < 100_000; i++) {
        log.write(entry(i));
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
      assertThat(log.dropped()).isGreaterThan(80_000);

      reader.reads.countDown();

      await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(reader.lines() + log.dropped()).isEqualTo(100_000));
      log.write(entry(100_000));
      await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(reader.lines() + log.dropped()).isEqualTo(100_001));
    }
  }

  @Test
  void aLineThatCantBeMadeEndsNothing() {
    var reader = new Reader(false);
    var log = new AccessLog(reader, AccessFormat.JSON, Map.of());
    for (int i = 0; i < 10; i++) {
      log.write(entry(i));
      log.write(new AccessEntry(0, "half", CLIENT, "\ud800", "GET", "/\udfff\ud800", "", "", 200, 0, 0, 0, true, "\ud800", "", "Ping", "",
          "\udfff"));
    }
    log.close();

    assertThat(reader.read.toString(UTF_8).lines().filter(line -> line.contains("\"id\":\"n"))).hasSize(10)
        .allMatch(line -> line.startsWith("{\"time\"") && line.endsWith("}"));
    assertThat(reader.lines() + log.dropped()).isEqualTo(20);
  }

  @Test
  void aReaderThatBreaksIsNoFailure() {
    var reader = new Reader(false);
    reader.broken = true;
    try (var log = new AccessLog(reader, AccessFormat.COMBINED, Map.of())) {
      log.write(entry(1));
      await().pollDelay(Duration.ofMillis(200)).until(() -> true);
      reader.broken = false;
      log.write(entry(2));
      await().atMost(Duration.ofSeconds(5)).until(() -> reader.lines() == 1);
    }
  }
}
