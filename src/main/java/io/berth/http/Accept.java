package io.berth.http;

import io.berth.oci.MediaType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The media types that a client takes (RFC 9110 section 12.5.1), the best first. What can't be read is passed over, since the field is a wish.
 */
final class Accept {

  /** Ranges that are looked at; a client that sends more means none of the rest. */
  private static final int RANGES = 50;

  private record Range(String type, double quality) {}

  private final List<Range> ranges;

  private Accept(List<Range> ranges) {
    this.ranges = ranges;
  }

  static Accept of(Request request) {
    var ranges = new ArrayList<Range>();
    for (String header : request.headers("Accept")) {
      for (String range : header.split(",", -1)) {
        String[] parts = range.split(";", -1);
        String type = parts[0].strip().toLowerCase(Locale.ROOT);
        if (!type.isEmpty() && ranges.size() < RANGES) {
          ranges.add(new Range(type, quality(parts)));
        }
      }
    }
    ranges.sort(Comparator.comparingDouble(Range::quality).reversed());
    return new Accept(ranges);
  }

  private static double quality(String[] parts) {
    for (String parameter : List.of(parts).subList(1, parts.length)) {
      String text = parameter.strip().toLowerCase(Locale.ROOT);
      if (text.matches("q=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")) {
        return Double.parseDouble(text.substring(2));
      }
    }
    return 1;
  }

  /** Whether the type is named as it is, not by a star. */
  boolean names(MediaType type) {
    return ranges.stream().anyMatch(range -> range.quality > 0 && range.type.equals(type.value()));
  }

  /** Whether the first is named and the second is not, or later: who takes anything is content with the second. */
  boolean prefers(MediaType type, MediaType usual) {
    for (Range range : ranges) {
      if (range.quality > 0 && (range.type.equals(type.value()) || range.type.equals(usual.value()))) {
        return range.type.equals(type.value());
      }
    }
    return false;
  }

  /**
   * Those of the types on offer that the client takes, the best first. Who says nothing takes all.
   *
   * @param offered in our order of preference, which decides where the client has none
   */
  List<MediaType> choose(List<MediaType> offered) {
    if (ranges.isEmpty()) {
      return offered;
    }
    var chosen = new ArrayList<MediaType>();
    for (Range range : ranges) {
      for (MediaType type : offered) {
        if (range.quality > 0 && !chosen.contains(type) && matches(range.type, type) && !isRefused(type)) {
          chosen.add(type);
        }
      }
    }
    return chosen;
  }

  private boolean isRefused(MediaType type) {
    return ranges.stream().anyMatch(range -> range.quality == 0 && range.type.equals(type.value()));
  }

  private static boolean matches(String range, MediaType type) {
    String value = type.value();
    return range.equals("*/*") || range.equals(value) || range.equals("application/json") && value.endsWith("+json")
        || range.endsWith("/*") && value.startsWith(range.substring(0, range.length() - 1));
  }
}
