package io.berth.ops;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
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

  private static final SerializedString TIME = new SerializedString("time");
  private static final SerializedString LOGGER = new SerializedString("logger");
  private static final SerializedString ID = new SerializedString("id");
  private static final SerializedString CLIENT = new SerializedString("client");
  private static final SerializedString IDENTITY = new SerializedString("identity");
  private static final SerializedString METHOD = new SerializedString("method");
  private static final SerializedString TARGET = new SerializedString("target");
  private static final SerializedString PROTOCOL = new SerializedString("protocol");
  private static final SerializedString ROUTE = new SerializedString("route");
  private static final SerializedString STATUS = new SerializedString("status");
  private static final SerializedString BYTES_IN = new SerializedString("bytes_in");
  private static final SerializedString BYTES_OUT = new SerializedString("bytes_out");
  private static final SerializedString MS = new SerializedString("ms");
  private static final SerializedString USER_AGENT = new SerializedString("user_agent");
  private static final SerializedString REFERER = new SerializedString("referer");
  private static final SerializedString UNFINISHED = new SerializedString("unfinished");
  private static final SerializedString TRACE = new SerializedString("trace");
  private static final SerializedString REFERENCE = new SerializedString("reference");

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
    json.writeName(TIME).writeString(times.text(entry.millis()) + '.' + millis / 100 + millis / 10 % 10 + millis % 10 + 'Z');
    json.writeName(LOGGER).writeString("access");
    json.writeName(ID).writeString(entry.id());
    json.writeName(CLIENT).writeString(AccessLines.cut(entry.client(), LONG));
    json.writeName(IDENTITY).writeString(AccessLines.cut(entry.identity(), LONG));
    json.writeName(METHOD).writeString(AccessLines.cut(entry.method(), SHORT));
    json.writeName(TARGET).writeString(AccessLines.target(entry));
    json.writeName(PROTOCOL).writeString(AccessLines.cut(entry.protocol(), SHORT));
    json.writeName(ROUTE).writeString(entry.route());
    json.writeName(STATUS).writeNumber(entry.status());
    json.writeName(BYTES_IN).writeNumber(entry.received());
    json.writeName(BYTES_OUT).writeNumber(entry.sent());
    json.writeName(MS).writeNumber(TimeUnit.NANOSECONDS.toMicros(Math.max(entry.nanos(), 0)) / 1000.0);
    json.writeName(USER_AGENT).writeString(AccessLines.cut(entry.userAgent(), LONG));
    json.writeName(REFERER).writeString(AccessLines.cut(entry.referer(), LONG));
    if (!entry.whole()) {
      json.writeName(UNFINISHED).writeBoolean(true);
    }
    if (!entry.trace().isEmpty()) {
      json.writeName(TRACE).writeString(entry.trace());
    }
    if (!entry.reference().isEmpty()) {
      json.writeName(REFERENCE).writeString(AccessLines.cut(entry.reference(), LONG));
    }
    fields.forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeRaw('\n');
    json.flush();
  }
}
