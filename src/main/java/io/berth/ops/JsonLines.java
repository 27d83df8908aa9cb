package io.berth.ops;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** Lines that are JSON objects each, with {@code "logger": "access"} to tell them from those of the application's log. */
final class JsonLines implements AccessLines {

  /** The one control character that JSON lets pass. */
  private static final CharacterEscapes DELETE_TOO = new CharacterEscapes() {

    private static final long serialVersionUID = 1;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes[0x7f] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return null;
    }
  };

  private final Seconds times = new Seconds("yyyy-MM-dd'T'HH:mm:ss");
  private final Map<String, String> fields;
  private final JsonGenerator json;

  JsonLines(ByteArrayOutputStream out, Map<String, String> fields) {
    this.fields = fields;
    this.json = JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).characterEscapes(DELETE_TOO).rootValueSeparator("").build()
        .createGenerator(ObjectWriteContext.empty(), out);
  }

  @Override
  public void write(AccessEntry entry) {
    json.writeStartObject();
    int millis = (int) Math.floorMod(entry.millis(), 1000L);
    json.writeStringProperty("time",
        times.text(entry.millis()) + '.' + millis / 100 + millis / 10 % 10 + millis % 10 + 'Z');
    json.writeStringProperty("logger", "access");
    json.writeStringProperty("id", entry.id());
    json.writeStringProperty("client", AccessLines.client(entry.client()));
    json.writeStringProperty("identity", AccessLines.cut(entry.identity(), LONG));
    json.writeStringProperty("method", AccessLines.cut(entry.method(), SHORT));
    json.writeStringProperty("target", AccessLines.target(entry));
    json.writeStringProperty("protocol", AccessLines.cut(entry.protocol(), SHORT));
    json.writeStringProperty("route", entry.route());
    json.writeNumberProperty("status", entry.status());
    json.writeNumberProperty("bytes_in", entry.received());
    json.writeNumberProperty("bytes_out", entry.sent());
    json.writeNumberProperty("ms", TimeUnit.NANOSECONDS.toMicros(Math.max(entry.nanos(), 0)) / 1000.0);
    json.writeStringProperty("user_agent", AccessLines.cut(entry.userAgent(), LONG));
    json.writeStringProperty("referer", AccessLines.cut(entry.referer(), LONG));
    if (!entry.whole()) {
      json.writeBooleanProperty("unfinished", true);
    }
    if (!entry.trace().isEmpty()) {
      json.writeStringProperty("trace", entry.trace());
    }
    fields.forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeRaw('\n');
    json.flush();
  }
}
