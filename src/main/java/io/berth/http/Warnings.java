package io.berth.http;

import io.berth.oci.Limits;
import java.util.List;

/** The {@code Warning} headers of a reply (distribution specification, "Warnings"): {@code 299 - "text"}, bounded in all. */
final class Warnings {

  private Warnings() {}

  /** Adds as many as fit. */
  static void add(Headers headers, List<String> warnings) {
    int left = Limits.WARNING_BYTES;
    for (String warning : warnings) {
      String value = "299 - \"" + warning.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
      left -= "Warning: ".length() + value.length() + 2;
      if (left < 0) {
        return;
      }
      headers.add("Warning", value);
    }
  }
}
