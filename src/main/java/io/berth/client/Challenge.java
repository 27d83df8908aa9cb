package io.berth.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A demand for credentials: one challenge of {@code WWW-Authenticate} (RFC 9110, section 11.6.1).
 *
 * @param scheme in lower case
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {

  private static final int LONGEST = 4 << 10;
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";
  private static final Pattern SCHEME = Pattern.compile("(" + TOKEN + ")(?: +|$)");
  private static final Pattern PARAMETER =
      Pattern.compile("(" + TOKEN + ") *= *(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|(" + TOKEN + ")) *(?:,[ ,]*|$)");

  /** The challenge of a scheme among the values of the header; nothing if there is none that can be read. */
  static Optional<Challenge> find(List<String> headers, String scheme) {
    return headers.stream().filter(header -> header.length() <= LONGEST).flatMap(header -> parse(header).stream())
        .filter(challenge -> challenge.scheme.equals(scheme)).findFirst();
  }

  /** All challenges of one value of the header, as far as it can be read. */
  static List<Challenge> parse(String header) {
    var challenges = new ArrayList<Challenge>();
    var scheme = SCHEME.matcher(header);
    var parameter = PARAMETER.matcher(header);
    int at = 0;
    while (at < header.length() && scheme.region(at, header.length()).lookingAt()) {
      var parameters = new LinkedHashMap<String, String>();
      at = scheme.end();
      while (at < header.length() && parameter.region(at, header.length()).lookingAt()) {
        String quoted = parameter.group(2);
        String value = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
        if (parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value) != null) {
          return challenges;
        }
        at = parameter.end();
      }
      challenges.add(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
    }
    return challenges;
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
