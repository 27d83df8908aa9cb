package io.berth.http.engine;

import io.netty.util.AsciiString;
import io.vertx.core.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The names of reply fields in the form that is quickest to write. Immutable. */
final class FieldNames {

  private static final List<String> NAMES = List.of("Accept-Ranges", "Allow", "Cache-Control", "Content-Disposition",
      "Content-Range", "Content-Security-Policy", "Content-Type", "Docker-Content-Digest", "Docker-Distribution-Api-Version",
      "Docker-Upload-UUID", "ETag", "Last-Modified", "Link", "Location", "OCI-Chunk-Min-Length", "OCI-Filters-Applied", "OCI-Subject",
      "OCI-Tag", "Range", "Retry-After", "Server", "Vary", "Warning", "WWW-Authenticate", "X-Content-Type-Options", "X-Request-Id");
  private static final Map<String, CharSequence> KNOWN = known();
  private static final Map<String, AsciiString> SMALL = small();

  private FieldNames() {}

  /** The name, as it was given. */
  static CharSequence of(String name) {
    CharSequence known = KNOWN.get(name);
    return known == null ? name : known;
  }

  /** The name in small letters, as HTTP/2 has them. */
  static AsciiString small(String name) {
    AsciiString known = SMALL.get(name);
    return known == null ? AsciiString.of(name.toLowerCase(Locale.ROOT)) : known;
  }

  /** Whether it is a field that says how the message is framed: only the engine knows. */
  static boolean isFraming(String name) {
    return switch (name.length()) {
      case 4 -> name.equalsIgnoreCase("Date");
      case 10 -> name.equalsIgnoreCase("Connection");
      case 14 -> name.equalsIgnoreCase("Content-Length");
      case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
      default -> false;
    };
  }

  private static Map<String, AsciiString> small() {
    Map<String, AsciiString> small = new HashMap<>();
    for (String name : NAMES) {
      small.put(name, AsciiString.of(name.toLowerCase(Locale.ROOT)));
    }
    return Map.copyOf(small);
  }

  private static Map<String, CharSequence> known() {
    Map<String, CharSequence> known = new HashMap<>();
    for (String name : NAMES) {
      String small = name.toLowerCase(Locale.ROOT);
      known.put(name, HttpHeaders.createOptimized(name));
      known.put(small, HttpHeaders.createOptimized(small));
    }
    return Map.copyOf(known);
  }
}
