package io.berth.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A whole answer: its status, its header fields, its body. */
record Answer(int status, Map<String, List<String>> headers, String body) {

  /** What differs between any two answers. */
  private static final Set<String> PASSING = Set.of("date", "x-request-id");
  /** Random identifiers of upload sessions, tokens, keys, and times. */
  private static final Pattern RANDOM =
      Pattern.compile("\\b[0-9a-f]{32}\\b|eyJ[A-Za-z0-9_.-]{100,}|berth_[0-9A-Za-z]{49}|20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z");

  /** What is signed is not to be read without decoding it. */
  private static final Pattern PAYLOAD = Pattern.compile("\"payload\":\"([A-Za-z0-9_-]+)\"");

  static Answer of(int status, Map<String, List<String>> headers, String body) {
    var lower = new TreeMap<String, List<String>>();
    headers.forEach((name, values) -> {
      if (!PASSING.contains(name.toLowerCase(Locale.ROOT))) {
        lower.put(name.toLowerCase(Locale.ROOT), values);
      }
    });
    return new Answer(status, lower, body);
  }

  String header(String name) {
    return String.join(", ", headers.getOrDefault(name, List.of()));
  }

  /** All that it says, with the names that were asked for replaced, so that two answers can be compared. */
  String said(List<String> asked) {
    String text = text();
    for (int i = 0; i < asked.size(); i++) {
      text = text.replace(asked.get(i), "‹" + i + "›");
    }
    return RANDOM.matcher(text).replaceAll("‹random›");
  }

  String text() {
    var text = new StringBuilder().append(status).append('\n');
    headers.forEach((name, values) -> text.append(name).append(": ").append(values).append('\n'));
    text.append('\n').append(body);
    PAYLOAD.matcher(body).results()
        .forEach(signed -> text.append('\n').append(new String(Base64.getUrlDecoder().decode(signed.group(1)), UTF_8)));
    return text.toString();
  }
}
