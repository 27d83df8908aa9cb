package io.berth.http.engine;

import io.vertx.core.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The names of reply fields in the form that is quickest to write. Immutable. */
final class FieldNames {

  private static final Map<String, CharSequence> KNOWN = known(List.of("Accept-Ranges", "Allow", "Cache-Control", "Content-Disposition",
      "Content-Range", "Content-Security-Policy", "Content-Type", "Docker-Content-Digest", "Docker-Distribution-Api-Version",
      "Docker-Upload-UUID", "ETag", "Last-Modified", "Link", "Location", "OCI-Chunk-Min-Length", "OCI-Filters-Applied", "OCI-Subject",
      "OCI-Tag", "Range", "Retry-After", "Server", "Vary", "Warning", "WWW-Authenticate", "X-Content-Type-Options", "X-Request-Id"));

  private FieldNames() {}

  /** The name, as it was given. */
  static CharSequence of(String name) {
    CharSequence known = KNOWN.get(name);
    return known == null ? name : known;
  }

  private static Map<String, CharSequence> known(List<String> names) {
    Map<String, CharSequence> known = new HashMap<>();
    for (String name : names) {
      String small = name.toLowerCase(Locale.ROOT);
      known.put(name, HttpHeaders.createOptimized(name));
      known.put(small, HttpHeaders.createOptimized(small));
    }
    return Map.copyOf(known);
  }
}
