package io.berth.ops;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.berth.config.LogConfig;
import io.berth.oci.Json;
import io.berth.oci.Text;
import java.util.Map;
import net.logstash.logback.decorate.json.CharacterEscapesDecorator;
import net.logstash.logback.decorate.json.JsonWriteFeatureDecorator;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The application's log, to standard error, since standard output belongs to the line that says the server is ready. Before it is configured,
 * what {@code logback.xml} says holds.
 */
public final class Logging {

  private static final String IGNORED = "[ignore]";
  private static final int FIELD_LENGTH = 500;

  /** Control characters, and those that turn the direction of text, do nothing to a terminal. Stack traces keep their lines. */
  private static final String ACTING = "\\p{Cntrl}\\x80-\\x9f\\u2028-\\u202e\\u2066-\\u2069";

  private Logging() {}

  /** Takes over a configuration. Levels that {@code logback.xml} gives to libraries stay. */
  public static void configure(LogConfig config) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      throw new IllegalStateException("the log is Logback's");
    }
    var console = new ConsoleAppender<ILoggingEvent>();
    console.setContext(context);
    console.setName("STDERR");
    console.setTarget("System.err");
    console.setEncoder(encoder(config, context));
    console.start();
    LogLevel.set(config.level().name());
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(console);
    if (!SLF4JBridgeHandler.isInstalled()) {
      SLF4JBridgeHandler.removeHandlersForRootLogger();
      SLF4JBridgeHandler.install();
    }
  }

  private static Encoder<ILoggingEvent> encoder(LogConfig config, LoggerContext context) {
    return switch (config.format()) {
      case TEXT -> {
        context.putProperty("fields", shown(config.fields())); // in the pattern itself some of its characters would have a meaning
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSX,UTC} %-5level %logger{0} %replace(%msg){'[" + ACTING + "]', '?'}"
            + "%property{fields}%n%replace(%ex){'[" + ACTING + "&&[^\\n\\t]]', '?'}%nopex");
        encoder.start();
        yield encoder;
      }
      case JSON -> json(config, context, names());
      case LOGSTASH -> json(config, context, new LogstashFieldNames());
    };
  }

  private static String shown(Map<String, String> fields) {
    var text = new StringBuilder();
    fields.forEach(
        (name, value) -> text.append(' ').append(Text.visible(name, FIELD_LENGTH)).append('=').append(Text.visible(value, FIELD_LENGTH)));
    return text.toString();
  }

  private static LogstashFieldNames names() {
    var names = new LogstashFieldNames();
    names.setTimestamp("time");
    names.setVersion(IGNORED);
    names.setLevelValue(IGNORED);
    names.setLogger("logger");
    names.setThread("thread");
    names.setStackTrace("stack");
    return names;
  }

  private static Encoder<ILoggingEvent> json(LogConfig config, LoggerContext context, LogstashFieldNames names) {
    var encoder = new LogstashEncoder();
    encoder.setContext(context);
    encoder.setFieldNames(names);
    encoder.setTimeZone("UTC");
    if (!config.fields().isEmpty()) {
      encoder.setCustomFields(Json.write(config.fields()));
    }
    var escapes = new JsonWriteFeatureDecorator();
    escapes.addEnable("ESCAPE_NON_ASCII");
    encoder.addDecorator(escapes);
    var delete = new CharacterEscapesDecorator.Escape(); // the one control character that JSON lets pass
    delete.setTargetCharacterCode(0x7f);
    delete.setEscapeSequence("\\u007f");
    var more = new CharacterEscapesDecorator();
    more.addEscape(delete);
    encoder.addDecorator(more);
    encoder.start();
    return encoder;
  }
}
