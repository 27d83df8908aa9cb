package io.berth.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** How paths and queries are written. */
final class Paths {

  private Paths() {}

  /** A value in a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The path with a query of those parameters that are not empty. */
  static String with(String path, Map<String, String> parameters) {
    String query = parameters.entrySet().stream().filter(parameter -> !parameter.getValue().isEmpty()).sorted(Map.Entry.comparingByKey())
        .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue())).collect(Collectors.joining("&"));
    return query.isEmpty() ? path : path + "?" + query;
  }
}
