package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.RegistryException;
import io.berth.oci.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The query of a request, decoded once. A plus sign is a plus sign: no parameter of ours has blanks, and media types have pluses that clients
 * forget to encode.
 */
final class Query {

  private final Map<String, List<String>> parameters = new LinkedHashMap<>();

  /**
   * Reads a raw query.
   *
   * @throws RegistryException (400) where the encoding is broken or a value holds a control character
   */
  Query(String raw) {
    if (raw.isEmpty()) {
      return;
    }
    for (String parameter : raw.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = PercentEncoding.decode(equals < 0 ? parameter : parameter.substring(0, equals));
      String value = equals < 0 ? "" : PercentEncoding.decode(parameter.substring(equals + 1));
      parameters.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }
  }

  /** Reads a form (application/x-www-form-urlencoded), in a query or in a body: here a plus sign is a blank. */
  static Query form(String raw) {
    return new Query(raw.replace("+", "%20"));
  }

  boolean has(String name) {
    return parameters.containsKey(name);
  }

  List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /**
   * The value of a parameter that may stand once.
   *
   * @throws RegistryException (400) if it stands more often
   */
  Optional<String> one(String name) {
    List<String> values = all(name);
    if (values.size() > 1) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED, "the parameter '" + name + "' may be given once only");
    }
    return values.stream().findFirst();
  }

  /**
   * Whether it is only asked what would happen. What is not understood is refused rather than taken for the real thing.
   *
   * @throws RegistryException (400) if it is neither true nor false
   */
  boolean dryRun() {
    return flag("dry-run");
  }

  /**
   * Whether it is asked to tell with each repository what of it is whole.
   *
   * @throws RegistryException (400) if it is neither true nor false
   */
  boolean completeness() {
    return flag("completeness");
  }

  private boolean flag(String name) {
    return switch (one(name).orElse("false")) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw new RegistryException(400, ErrorCode.UNSUPPORTED, name + " is true or false, or stands without a value");
    };
  }

  /**
   * The page size {@code n}; a larger one than this registry gives means as much as it gives.
   *
   * @throws RegistryException (400) if it is no whole number, 0 or more
   */
  int n(int byDefault) {
    Optional<String> text = one("n");
    if (text.isEmpty()) {
      return byDefault;
    }
    String digits = text.get();
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED, "n must be a whole number, 0 or more, not " + Text.quoted(digits));
    }
    return digits.length() > 9 ? Limits.PAGE : Math.min(Limits.PAGE, Integer.parseInt(digits));
  }
}
