package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.berth.oci.StoreFailure;
import io.berth.registry.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class FailureLogTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("failures of a test");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private long now = Long.MAX_VALUE; // nanoTime may be anything, and overflow
  private final FailureLog log = new FailureLog(logger, () -> now);

  @BeforeEach
  void listen() {
    logger.setAdditive(false);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  private void fail(StoreFailure.Kind kind) {
    log.failed(kind, new StorageException("a blob can't be opened", new IOException("the cause")), new ProblemsTest.Asked());
  }

  private List<String> told() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void aThousandFailuresThatPassAreOneLineAndACount() {
    for (int i = 0; i < 1_000; i++) {
      fail(StoreFailure.Kind.PASSING);
    }
    now += Duration.ofSeconds(11).toNanos();
    fail(StoreFailure.Kind.PASSING);

    assertThat(told()).hasSize(2).allMatch(line -> line.contains("the cause"));
    assertThat(told().getLast()).contains("and 999 more before it");
  }

  @Test
  void whatLastsHasALineForEachRequestAndItsTraceOnce() {
    fail(StoreFailure.Kind.LASTING);
    fail(StoreFailure.Kind.LASTING);
    fail(StoreFailure.Kind.LASTING);

    assertThat(told()).hasSize(3).allMatch(line -> line.contains("request 1 PUT"));
    assertThat(lines.list).filteredOn(line -> line.getThrowableProxy() != null).hasSize(1);
  }

  @Test
  void oneKindDoesNotHideAnother() {
    fail(StoreFailure.Kind.PASSING);
    fail(StoreFailure.Kind.FULL);

    assertThat(told()).hasSize(2);
  }
}
