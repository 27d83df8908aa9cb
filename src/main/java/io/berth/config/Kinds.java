package io.berth.config;

import io.berth.config.Kind.BadValue;
import io.berth.config.Kind.Shape;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The kinds of values that settings have, but for {@linkplain Quantities quantities}. */
final class Kinds {

  private static final Set<String> YES = Set.of("true", "yes", "on");
  private static final Set<String> NO = Set.of("false", "no", "off");

  static final Kind<String> TEXT = one("text", "a text", Function.identity(), text -> text);

  static final Kind<Secret> SECRET =
      new Kind<>("a text", Shape.ONE, true, node -> new Secret(scalar(node, "a text")), _ -> Secret.MASK, Map.of("type", "string"));

  static final Kind<Boolean> YES_OR_NO = new Kind<>("true or false", Shape.ONE, false, node -> {
    String word = scalar(node, "true or false").toLowerCase(Locale.ROOT);
    if (!YES.contains(word) && !NO.contains(word)) {
      throw bad(node, "expected true or false", word);
    }
    return YES.contains(word);
  }, value -> value, Map.of("type", "boolean"));

  static final Kind<Path> FILE = one("path", "a path", text -> {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("no path has this form", e);
    }
  }, Path::toString);

  static final Kind<ListenAddress> ADDRESS =
      one("address", "HOST:PORT, as in 127.0.0.1:5000, or unix:PATH", ListenAddress::parse, ListenAddress::toString);

  static final Kind<Cidr> CIDR = one("block", "an address or a block of addresses, as in 10.0.0.0/8", Cidr::parse, Cidr::toString);

  static final Kind<URI> URL =
      one("URL", "a URL, as in https://registry.example.com", text -> url(text, Set.of("http", "https")), URI::toString);

  private Kinds() {}

  /** One value that a parser makes of a text. The parser's exception says what is wrong, without repeating all of the text. */
  static <T> Kind<T> one(String format, String words, Function<String, T> parse, Function<T, Object> plain) {
    Map<String, Object> schema =
        format.equals("text") ? Map.of("type", List.of("string", "number", "boolean")) : Map.of("type", "string", "minLength", 1);
    return new Kind<>(words, Shape.ONE, false, node -> {
      String text = scalar(node, words);
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new BadValue(node.origin(), String.valueOf(e.getMessage()));
      }
    }, plain, schema);
  }

  /** A text that has to match. */
  static Kind<String> text(String words, String pattern) {
    Kind<String> kind = one("text", words, text -> {
      if (!text.matches(pattern)) {
        throw new IllegalArgumentException("expected " + words + ", not '" + Words.shown(text) + "'");
      }
      return text;
    }, text -> text);
    return new Kind<>(words, Shape.ONE, false, kind.read(), kind.plain(), Map.of("type", "string", "pattern", "^" + pattern + "$"));
  }

  /** One of some words; case does not matter. {@code refused} holds words that others know, with the reason why Berth does not. */
  static <T> Kind<T> word(Map<String, T> known, Map<String, String> refused) {
    String words = Words.either(known.keySet());
    return new Kind<>(words, Shape.ONE, false, node -> {
      String text = scalar(node, words);
      T value = known.get(key(known, text));
      if (value == null) {
        String reason = refused.get(key(refused, text));
        if (reason != null) {
          throw new BadValue(node.origin(), "'" + key(refused, text) + "' is refused: " + reason);
        }
        String hint = Words.nearest(text, known.keySet()).map(near -> "; did you mean '" + near + "'?").orElse("");
        throw new BadValue(node.origin(), "expected " + words + ", not '" + Words.shown(text) + "'" + hint);
      }
      return value;
    }, value -> wordOf(known, value), Map.of("enum", List.copyOf(known.keySet())));
  }

  /** A word that other readers of YAML, editors for one, take for a number. */
  static Kind<String> number(String word) {
    Kind<String> kind = word(Map.of(word, word), Map.of());
    return new Kind<>(kind.words(), kind.shape(), false, kind.read(), kind.plain(), Map.of("enum", List.of(word, new BigDecimal(word))));
  }

  private static String key(Map<String, ?> words, String text) {
    return words.keySet().stream().filter(text::equalsIgnoreCase).findFirst().orElse("");
  }

  private static <T> String wordOf(Map<String, T> known, T value) {
    return known.entrySet().stream().filter(entry -> entry.getValue().equals(value)).map(Map.Entry::getKey).findFirst().orElseThrow();
  }

  /** Words in the order given: {@code words("a", 1, "b", 2)}. */
  static <T> Map<String, T> words(String first, T firstValue, String second, T secondValue) {
    var words = new LinkedHashMap<String, T>();
    words.put(first, firstValue);
    words.put(second, secondValue);
    return words;
  }

  /** Several values; a single one may stand without brackets. */
  static <T> Kind<List<T>> list(Kind<T> element) {
    return new Kind<>("a list, each entry " + element.words(), Shape.LIST, element.secret(), node -> {
      List<Node> items = switch (node) {
        case Node.Listing listing -> listing.items();
        case Node.Scalar scalar -> List.of(scalar);
        case Node.Empty _ -> List.of();
        case Node.Section _ -> throw bad(node, "expected a list", "");
      };
      var values = new ArrayList<T>();
      for (Node item : items) {
        values.add(element.read().read(item));
      }
      return List.copyOf(values);
    }, values -> values.stream().map(element.plain()).toList(), Map.of("type", "array", "items", element.schema()));
  }

  /** Values by name. Names are checked by their own kind. */
  static <T> Kind<Map<String, T>> map(Kind<String> name, Kind<T> element) {
    return new Kind<>("names (" + name.words() + ") with values, each " + element.words(), Shape.MAP, element.secret(), node -> {
      if (!(node instanceof Node.Section section)) {
        throw bad(node, "expected names with values", node instanceof Node.Scalar(String text, Origin _) ? text : "");
      }
      var values = new LinkedHashMap<String, T>();
      for (var entry : section.entries().entrySet()) {
        String key = name.read().read(new Node.Scalar(entry.getKey(), entry.getValue().key()));
        values.put(key, element.read().read(entry.getValue().value()));
      }
      return values;
    }, values -> {
      var plain = new LinkedHashMap<String, Object>();
      values.forEach((key, value) -> plain.put(key, element.plain().apply(value)));
      return plain;
    }, Map.of("type", "object", "additionalProperties", element.schema()));
  }

  static URI url(String text, Set<String> schemes) {
    try {
      URI url = new URI(text);
      if (url.getScheme() == null || !schemes.contains(url.getScheme().toLowerCase(Locale.ROOT)) || url.getHost() == null) {
        throw new IllegalArgumentException("expected a URL with " + Words.either(schemes.stream().sorted().toList()) + " and a host");
      }
      if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
        throw new IllegalArgumentException("a URL here has no user and no fragment");
      }
      return url;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("expected a URL, as in https://registry.example.com", e);
    }
  }

  /** The text of a single value. */
  static String scalar(Node node, String words) throws BadValue {
    if (node instanceof Node.Scalar(String text, Origin _)) {
      return text;
    }
    throw bad(node, "expected " + words, "");
  }

  /** What was written is cut, and left out where it was not one value. */
  static BadValue bad(Node node, String expected, String written) {
    String found = switch (node) {
      case Node.Scalar _ -> "'" + Words.shown(written) + "'";
      case Node.Listing _ -> "a list";
      case Node.Section _ -> "a section with keys";
      case Node.Empty _ -> "nothing";
    };
    return new BadValue(node.origin(), expected + ", not " + found);
  }
}
