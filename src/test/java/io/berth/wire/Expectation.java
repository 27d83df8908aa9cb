package io.berth.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.berth.wire.Story.Expected;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds an answer against what a transcript expects of it, and against what is true of every answer of a registry. */
final class Expectation {

  /** Distribution specification, "Error Codes". */
  private static final Set<String> CODES = Set.of("BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID",
      "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED",
      "DENIED",
      "UNSUPPORTED", "TOOMANYREQUESTS");

  /** What an answer may never tell: how the server looks inside. */
  private static final Pattern INSIDE = Pattern.compile("io\\.berth|java\\.|Exception|\\bat [a-z]+\\.|/tmp/|metadata\\.db");

  private static final Pattern CAPTURE = Pattern.compile("\\{\\{new (\\w+)}}");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Values values;

  Expectation(Values values) {
    this.values = values;
  }

  /** What differs, in words; an empty list means that all is well. What the expectation captures is defined afterwards. */
  List<String> differences(Expected expected, Response response) {
    var differences = new ArrayList<String>();
    if (response.status() != expected.status()) {
      differences.add("the status is " + response.status());
    }
    expected.headers().forEach(header -> header(header, response, differences));
    body(expected.body(), response, differences);
    if (response.status() >= 400 && !response.body().isEmpty()) {
      error(expected.codes(), response, differences);
    } else if (!expected.codes().isEmpty()) {
      differences.add("there is no error in the body");
    }
    return differences;
  }

  private void header(String line, Response response, List<String> differences) {
    if (line.startsWith("-")) {
      response.values(line.substring(1)).forEach(value -> differences.add("there is a header " + line.substring(1) + ": " + value));
      return;
    }
    String name = line.substring(0, line.indexOf(':'));
    String stated = line.substring(line.indexOf(':') + 1).strip();
    if (response.values(name).noneMatch(value -> matches(stated, value))) {
      differences.add("no header is " + line + ", but " + response.values(name).toList());
    }
  }

  /** Whether it is what is stated; what is to be kept of it is kept. */
  private boolean matches(String stated, String actual) {
    var captures = new ArrayList<String>();
    Matcher found = pattern(stated, captures).matcher(actual);
    if (!found.matches()) {
      return false;
    }
    for (int i = 0; i < captures.size(); i++) {
      values.define(captures.get(i), found.group(i + 1));
    }
    return true;
  }

  /** A text as a pattern: {@code *} is anything, {@code {{new name}}} too, and then keeps the name for it. */
  private Pattern pattern(String text, List<String> captures) {
    var pattern = new StringBuilder();
    Matcher capture = CAPTURE.matcher(text);
    int last = 0;
    while (capture.find()) {
      pattern.append(glob(values.expand(text.substring(last, capture.start())))).append("(.+)");
      captures.add(capture.group(1));
      last = capture.end();
    }
    return Pattern.compile(pattern.append(glob(values.expand(text.substring(last)))).toString(), Pattern.DOTALL);
  }

  private static String glob(String text) {
    return "\\Q" + text.replace("*", "\\E.*\\Q") + "\\E";
  }

  private void body(String stated, Response response, List<String> differences) {
    String body = values.expand(stated.startsWith("= ") ? stated.substring(2) : stated);
    boolean isPattern = !stated.startsWith("{{") && (stated.startsWith("{") || stated.startsWith("["));
    if (isPattern) {
      JsonNode actual = json(response.isStream() ? events(response.body()) : response.body());
      if (actual == null) {
        differences.add("the body is not JSON");
      } else {
        compare("", JSON.readTree(body.getBytes(ISO_8859_1)), actual, differences);
      }
    } else if (!stated.isEmpty() && !body.equals(response.body())) {
      differences.add("the body is another one, of " + response.body().length() + " bytes rather than " + body.length());
    }
  }

  /** A stream of events as JSON: an array of objects, of which {@code data} is JSON too. */
  private static String events(String body) {
    return Stream.of(body.split("\n\n", -1)).filter(message -> !message.isEmpty() && !message.startsWith(":"))
        .map(message -> "{" + message.lines().map(line -> line.split(": ", 2))
            .map(field -> '"' + field[0] + "\":" + (field[0].equals("event") ? '"' + field[1] + '"' : field[1]))
            .collect(Collectors.joining(",")) + "}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static JsonNode json(String body) {
    try {
      return JSON.readTree(body.getBytes(ISO_8859_1));
    } catch (JacksonException e) {
      return null;
    }
  }

  /** Objects may have further members; arrays may not. Where an object is expected of a text, that is JSON in base64url, as in a JWS. */
  private void compare(String pointer, JsonNode expected, JsonNode actual, List<String> differences) {
    if (expected.isObject() && actual.isString() && actual.asString().matches("[A-Za-z0-9_-]+")) {
      compare(pointer, expected, json(new String(Base64.getUrlDecoder().decode(actual.asString()), ISO_8859_1)), differences);
    } else if (expected.isObject() && actual.isObject()) {
      for (var member : expected.properties()) {
        compare(pointer + "/" + member.getKey(), member.getValue(), actual.path(member.getKey()), differences);
      }
    } else if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
      for (int i = 0; i < expected.size(); i++) {
        compare(pointer + "/" + i, expected.get(i), actual.get(i), differences);
      }
    } else if (expected.isString() && actual.isString() ? !matches(expected.asString(), actual.asString())
        : !expected.equals(actual)) {
      differences.add("the body has at " + pointer + ": " + actual);
    }
  }

  /** Every error body, whoever asks: distribution specification, "Error Codes"; nothing of the inside. */
  private static void error(List<String> codes, Response response, List<String> differences) {
    if (INSIDE.matcher(response.body()).find()) {
      differences.add("the error tells of the inside");
    }
    JsonNode errors = response.values("Content-Type").anyMatch("application/json"::equals) ? json(response.body()) : null;
    if (errors == null || !errors.path("errors").isArray() || errors.path("errors").isEmpty()) {
      differences.add("the error is not the specification's JSON");
      return;
    }
    var actual = new ArrayList<String>();
    for (JsonNode error : errors.path("errors")) {
      actual.add(error.path("code").asString(""));
      if (!CODES.contains(actual.getLast()) || !error.path("message").isString()
          || error.has("detail") && !error.path("detail").isString()) {
        differences.add("not an error of the specification: " + error);
      }
    }
    if (!codes.isEmpty() && !codes.equals(actual)) {
      differences.add("the error codes are " + actual);
    }
  }
}
