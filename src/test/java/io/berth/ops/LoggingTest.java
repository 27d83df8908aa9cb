package io.berth.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import io.berth.config.LogConfig;
import io.berth.config.LogConfig.Format;
import io.berth.config.LogConfig.Level;
import io.berth.oci.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import tools.jackson.databind.JsonNode;

/** The application's log in its formats. */
@Isolated("it exchanges the log of the whole process")
final class LoggingTest {

  private static final Logger LOG = LoggerFactory.getLogger("io.berth.ops.Sample");
  private static final String HOSTILE = "\u001b[2J\r\n2026 forged \u009b\u202e\u2028 \u007f";

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.setErr(new PrintStream(err, true, UTF_8));
  }

  @AfterEach
  void restore() throws Exception {
    System.setErr(before);
    SLF4JBridgeHandler.uninstall();
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
  }

  private static void configure(Level level, Format format) {
    var fields = new LinkedHashMap<String, String>();
    fields.put("zone", "a%b(c){d}\\e");
    fields.put("rack", "7");
    Logging.configure(new LogConfig(level, format, fields, Optional.empty()));
  }

  private List<String> lines() {
    return err.toString(UTF_8).lines().toList();
  }

  @Test
  void text() {
    configure(Level.INFO, Format.TEXT);

    LOG.info("a blob of {} bytes", 5);
    LOG.debug("nobody asked for this");

    assertThat(lines()).singleElement().asString()
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  Sample a blob of 5 bytes zone=a%b\\(c\\)\\{d}\\\\e rack=7");
  }

  @Test
  void whatStrangersSentActsOnNothing() {
    for (Format format : Format.values()) {
      configure(Level.INFO, format);
      err.reset();

      LOG.warn("{}", HOSTILE);

      assertThat(lines()).as("%s", format).singleElement().asString().matches("[\\x20-\\x7e]+");
    }
  }

  @Test
  void stackTraces() throws Exception {
    configure(Level.INFO, Format.TEXT);
    LOG.error("failed", new IllegalStateException("why \u001b[31m"));
    assertThat(lines().get(1)).isEqualTo("java.lang.IllegalStateException: why ?[31m");
    assertThat(lines().get(2)).startsWith("\tat ");
    assertThat(lines()).as("said once").filteredOn(line -> line.contains("IllegalStateException")).hasSize(1);

    configure(Level.INFO, Format.JSON);
    err.reset();
    LOG.error("failed", new IllegalStateException("why"));
    assertThat(only().path("stack").asString()).startsWith("java.lang.IllegalStateException: why\n\tat ");
  }

  @Test
  void json() throws Exception {
    configure(Level.DEBUG, Format.JSON);

    LOG.debug("a {}", "word");

    JsonNode line = only();
    assertThat(line.propertyNames()).containsExactlyInAnyOrder("time", "message", "logger", "thread", "level", "zone", "rack");
    assertThat(line.path("time").asString()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z");
    assertThat(List.of(line.path("message").asString(), line.path("level").asString(), line.path("zone").asString()))
        .containsExactly("a word", "DEBUG", "a%b(c){d}\\e");
  }

  @Test
  void logstash() throws Exception {
    configure(Level.INFO, Format.LOGSTASH);

    LOG.info("a word");

    assertThat(only().propertyNames()).contains("@timestamp", "@version", "message", "logger_name", "level", "zone");
  }

  @Test
  void levels() {
    for (var wanted : Map.of(Level.ERROR, 1, Level.WARN, 2, Level.INFO, 3, Level.DEBUG, 4).entrySet()) {
      configure(wanted.getKey(), Format.TEXT);
      err.reset();

      LOG.error("1");
      LOG.warn("2");
      LOG.info("3");
      LOG.debug("4");

      assertThat(lines()).as("%s", wanted.getKey()).hasSize(wanted.getValue());
    }
  }

  @Test
  void whatLibrariesSayElsewhereIsHeard() {
    configure(Level.INFO, Format.TEXT);

    java.util.logging.Logger.getLogger("io.opentelemetry.Sample").warning("no collector");

    assertThat(lines()).singleElement().asString().contains("WARN  Sample no collector");
  }

  private JsonNode only() throws Exception {
    assertThat(lines()).hasSize(1);
    return Json.parse(lines().getFirst().getBytes(UTF_8));
  }
}
