package io.berth.signing;

import static io.berth.signing.JwsSignature.invalid;

import io.berth.oci.Json;
import io.berth.signing.JwsSignature.Format;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A JSON object with its signatures in a last member, {@code signatures}, readable as it stands. Each protected header says where it was put in:
 * the payload is the document's first {@code formatLength} bytes and then {@code formatTail}. That must be just what is left of the document when
 * the member is cut out, or there would be something in it that nobody has signed.
 */
final class PrettyJws {

  private static final byte[] NAME = "\"signatures\"".getBytes(StandardCharsets.US_ASCII);

  private PrettyJws() {}

  static Jws parse(byte[] document) {
    List<JwsSignature> signatures = Jws.signatures(Jws.object(document));
    Format format = signatures.getFirst().format();
    if (format == null) {
      throw invalid("a protected header does not say formatLength and formatTail, without which the payload is not known");
    }
    if (!signatures.stream().allMatch(signature -> format.equals(signature.format()))) {
      throw invalid("the signatures do not agree on formatLength and formatTail");
    }
    return new Jws(payload(document, format), signatures);
  }

  private static byte[] payload(byte[] document, Format format) {
    Member member = member(document);
    if (!isEndOfObject(document, member.end())) {
      throw invalid("'signatures' must be the last member of the document");
    }
    if (format.length() > member.start() || !isBlank(document, format.length(), member.start())) {
      throw invalid("formatLength does not lead to the signatures: what stands before them must be the beginning of what was signed");
    }
    if (!Arrays.equals(Arrays.copyOfRange(document, member.end(), document.length), format.tail())) {
      throw invalid("formatTail is not what stands behind the signatures");
    }
    return concat(Arrays.copyOf(document, format.length()), format.tail());
  }

  /**
   * The member's place in a document.
   *
   * @param start where the comma before it is
   * @param end behind its value
   */
  private record Member(int start, int end) {}

  /** Where {@code signatures} is in a document that has it, as an array. */
  private static Member member(byte[] document) {
    try (JsonParser parser = Json.MAPPER.createParser(document)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean found = parser.currentName().equals("signatures");
        parser.nextToken();
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        if (found) {
          return new Member(comma(document, from), (int) parser.currentLocation().getByteOffset());
        }
      }
    }
    throw new IllegalStateException("no signatures");
  }

  /** Goes back from the value over colon and name to the comma. */
  private static int comma(byte[] document, int value) {
    int colon = blankBefore(document, value) - 1;
    int name = blankBefore(document, colon) - NAME.length;
    if (name < 0 || !Arrays.equals(Arrays.copyOfRange(document, name, name + NAME.length), NAME)) {
      throw invalid("'signatures' must be written without escapes");
    }
    int comma = blankBefore(document, name) - 1;
    if (document[comma] != ',') {
      throw invalid("'signatures' must be the last member of the document, not the only or the first one");
    }
    return comma;
  }

  private static int blankBefore(byte[] document, int end) {
    int at = end;
    while (at > 0 && isBlank(document[at - 1])) {
      at--;
    }
    return at;
  }

  private static boolean isBlank(byte[] document, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!isBlank(document[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }

  /** Whether from there on, there is a closing brace and nothing else but white space. */
  private static boolean isEndOfObject(byte[] document, int from) {
    int brace = from;
    while (brace < document.length && isBlank(document[brace])) {
      brace++;
    }
    return brace < document.length && document[brace] == '}' && isBlank(document, brace + 1, document.length);
  }

  /** How a JSON object is cut: before the white space and the brace that end it. */
  static Format format(byte[] payload) {
    int brace = blankBefore(payload, payload.length) - 1;
    int length = blankBefore(payload, brace);
    return new Format(length, Arrays.copyOfRange(payload, length, payload.length));
  }

  /** The pretty document, or {@code null} where not all signatures say how it is written, or not so that it is exactly this. */
  static byte @Nullable [] renderOrNull(Jws jws) {
    Format format = jws.signatures().getFirst().format();
    byte[] payload = jws.payload();
    if (format == null || format.length() > payload.length || !jws.signatures().stream().allMatch(s -> format.equals(s.format()))
        || !Arrays.equals(Arrays.copyOfRange(payload, format.length(), payload.length), format.tail())
        || !isEndOfObject(format.tail(), 0)) {
      return null;
    }
    String member = ",\"signatures\":" + Json.write(jws.signatures().stream().map(JwsSignature::render).toList());
    return concat(Arrays.copyOf(payload, format.length()), member.getBytes(StandardCharsets.UTF_8), format.tail());
  }

  private static byte[] concat(byte[]... parts) {
    var whole = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      whole.writeBytes(part);
    }
    return whole.toByteArray();
  }
}
