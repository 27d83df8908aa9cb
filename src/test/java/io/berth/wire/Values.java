package io.berth.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** The names of a transcript and what they stand for, and the expressions in double braces. All in Latin-1, one character a byte. */
final class Values {

  private static final Pattern EXPRESSION = Pattern.compile("(?s)\\{\\{(.+?)}}");
  private static final Pattern NAME = Pattern.compile("(\\w+)(?:\\.(\\w+)|\\[(\\d+)\\.\\.(\\d*)])?");
  private static final Pattern FUNCTION = Pattern.compile("(repeat|fill|random|hex|base64|file) ((?s).+)");
  private static final Pattern COUNTED = Pattern.compile("(?s)(\\d+) \"(.*)\"");
  private static final Pattern SEEDED = Pattern.compile("(\\d+) seed (\\d+)");

  private static final Path FILES = Path.of("src/test/resources/wire");

  private final Map<String, String> named = new HashMap<>();

  void define(String name, String value) {
    named.put(name, value);
  }

  /** The text with every expression replaced by what it stands for. */
  String expand(String text) {
    var out = new StringBuilder();
    int fillAt = -1;
    int last = 0;
    String fill = "";
    Matcher expression = EXPRESSION.matcher(text);
    while (expression.find()) {
      out.append(text, last, expression.start());
      last = expression.end();
      if (expression.group(1).startsWith("new ")) {
        out.append(expression.group()); // an expectation keeps something under this name
      } else if (expression.group(1).startsWith("fill ")) {
        fillAt = out.length();
        fill = expression.group(1).substring("fill ".length());
      } else {
        out.append(value(expression.group(1)));
      }
    }
    out.append(text, last, text.length());
    if (fillAt >= 0) {
      Matcher counted = matched(COUNTED, fill);
      out.insert(fillAt, counted.group(2).repeat(Integer.parseInt(counted.group(1)) - out.length()));
    }
    return out.toString();
  }

  private String value(String expression) {
    Matcher function = FUNCTION.matcher(expression);
    if (!function.matches()) {
      return named(matched(NAME, expression));
    }
    String argument = function.group(2);
    return switch (function.group(1)) {
      case "repeat" -> {
        Matcher counted = matched(COUNTED, argument);
        yield IntStream.rangeClosed(1, Integer.parseInt(counted.group(1))).mapToObj(i -> counted.group(2).replace("#", Integer.toString(i)))
            .collect(Collectors.joining());
      }
      case "random" -> {
        Matcher seeded = matched(SEEDED, argument);
        byte[] bytes = new byte[Integer.parseInt(seeded.group(1))];
        new Random(Long.parseLong(seeded.group(2))).nextBytes(bytes);
        yield new String(bytes, ISO_8859_1);
      }
      case "file" -> file(argument);
      case "hex" -> new String(HexFormat.of().parseHex(argument), ISO_8859_1);
      default -> base64(matched(Pattern.compile("\"(.*)\""), argument).group(1));
    };
  }

  private String named(Matcher name) {
    String value = named.get(name.group(1));
    if (value == null) {
      throw new IllegalArgumentException("nothing is called " + name.group(1) + " so far");
    }
    if (name.group(3) != null) {
      int first = Integer.parseInt(name.group(3));
      return name.group(4).isEmpty() ? value.substring(first) : value.substring(first, Integer.parseInt(name.group(4)) + 1);
    }
    return switch (name.group(2)) {
      case null -> value;
      case "sha256" -> "sha256:" + hash("SHA-256", value);
      case "sha512" -> "sha512:" + hash("SHA-512", value);
      case "hex" -> hash("SHA-256", value);
      case "size" -> Integer.toString(value.length());
      case "base64" -> base64(value);
      case "base64url" -> base64(value).replace('+', '-').replace('/', '_').replace("=", "");
      case "json" -> JsonMapper.shared().writeValueAsString(value);
      default -> throw new IllegalArgumentException("bytes have no " + name.group(2));
    };
  }

  private static String file(String name) {
    try {
      return Files.readString(FILES.resolve(name), ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Matcher matched(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not an expression: " + text);
    }
    return matcher;
  }

  private static String base64(String value) {
    return Base64.getEncoder().encodeToString(value.getBytes(ISO_8859_1));
  }

  private static String hash(String algorithm, String value) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(value.getBytes(ISO_8859_1)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
