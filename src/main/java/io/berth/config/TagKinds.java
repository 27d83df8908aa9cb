package io.berth.config;

import io.berth.config.Kind.Shape;
import io.berth.config.TagRuleText.Signer;
import io.berth.config.TagsConfig.KeyFile;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The kinds of values that settings of tags have. */
final class TagKinds {

  private static final String USER = "user:";
  private static final String LABEL = "label";
  private static final Pattern HOST = Pattern.compile("((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
      + "|\\[[0-9a-f:.]{2,45}])(?::([0-9]{1,5}))?");
  private static final int LONGEST_HOST = 255;

  /** What rules and keys are called. */
  static final Kind<String> NAME = Kinds.text("a name of letters, digits, '.', '-' and '_'", "[A-Za-z0-9._-]{1,64}");

  static final Kind<Glob> REPOSITORIES =
      Kinds.one("pattern", "a pattern such as team/* or team/**", text -> glob(text, Glob::ofRepositories), Glob::pattern);
  static final Kind<Glob> TAGS = Kinds.one("pattern", "a pattern such as v*", text -> glob(text, Glob::ofTags), Glob::pattern);
  private static final Kind<List<String>> PRINCIPALS =
      Kinds.list(Kinds.one("principal", "user: and a name of the password file", TagKinds::principal, name -> name));
  private static final Kind<Expiry> EXPIRY = expiry();
  private static final Kind<List<Signer>> SIGNERS = Kinds.list(new Kind<>("the name of a key in tags.keys", Shape.ONE, false,
      node -> new Signer(NAME.read().read(node), node.origin()), Signer::name, NAME.schema()));

  /** A host, with or without a port. */
  static final Kind<String> ALIAS = Kinds.one("host", "HOST or HOST:PORT, as in registry.example.com", TagKinds::alias, host -> host);

  static final Kind<List<KeyFile>> KEYS = Fields.list("a key", keys("name", NAME, "file", Kinds.FILE), List.of("name", "file"),
      TagKinds::key, KeyFile::name, TagKinds::plain);

  static final Kind<List<TagRuleText>> RULES =
      Fields.list("a rule", keys("name", NAME, "repositories", REPOSITORIES, "tags", TAGS, "immutable", Kinds.YES_OR_NO, "protected",
          PRINCIPALS, "expires", EXPIRY, "signed", SIGNERS), List.of("name"), TagKinds::rule, text -> text.rule().name(), TagKinds::plain);

  private TagKinds() {}

  static Map<String, Kind<?>> keys(Object... namesAndKinds) {
    var keys = new LinkedHashMap<String, Kind<?>>();
    for (int i = 0; i < namesAndKinds.length; i += 2) {
      keys.put((String) namesAndKinds[i], (Kind<?>) namesAndKinds[i + 1]);
    }
    return keys;
  }

  private static Glob glob(String text, Function<String, Glob> parse) {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + Words.shown(text) + "' is no pattern: " + e.getMessage(), e);
    }
  }

  private static String principal(String text) {
    int colon = text.indexOf(':');
    if (!text.startsWith(USER)) {
      throw new IllegalArgumentException(colon > 0
          ? "no kind of principal is called '" + Words.shown(text.substring(0, colon)) + "': write a user as user:NAME"
          : "a principal has its kind before its name: write user:" + Words.shown(text));
    }
    String login = text.substring(USER.length());
    if (login.isBlank() || login.indexOf(':') >= 0 || login.length() > 255) {
      throw new IllegalArgumentException("'" + Words.shown(text) + "' names no user that the password file can have: write user:NAME");
    }
    return text;
  }

  private static Kind<Expiry> expiry() {
    String words = "a time such as 12h or 720h, or " + LABEL;
    Kind<Duration> time = Quantities.time(words, Duration.ofSeconds(1), Expiry.LONGEST);
    return new Kind<>(words, Shape.ONE, false, node -> {
      String text = Kinds.scalar(node, words);
      return text.equalsIgnoreCase(LABEL) ? new Expiry.ByLabel() : new Expiry.After(time.read().read(node));
    }, value -> switch (value) {
      case Expiry.Never _ -> "";
      case Expiry.After(Duration after) -> Quantities.shown(after);
      case Expiry.ByLabel _ -> LABEL;
    }, Map.of("anyOf", List.of(time.schema(), Map.of("const", LABEL))));
  }

  private static String alias(String text) {
    String host = text.toLowerCase(Locale.ROOT);
    var parts = HOST.matcher(host);
    if (host.length() > LONGEST_HOST || !parts.matches() || !isAddressIfBracketed(parts.group(1))
        || parts.group(2) != null && Integer.parseInt(parts.group(2)) > 65_535) {
      throw new IllegalArgumentException(
          "expected HOST or HOST:PORT, as in registry.example.com, without https:// and path, not '" + Words.shown(text) + "'");
    }
    return host;
  }

  private static boolean isAddressIfBracketed(String host) {
    try {
      return !host.startsWith("[") || InetAddress.ofLiteral(host.substring(1, host.length() - 1)).getAddress().length > 4;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static Optional<KeyFile> key(Fields fields) {
    Optional<String> name = fields.require("name", NAME);
    Optional<Path> file = fields.require("file", Kinds.FILE);
    return name.isPresent() && file.isPresent() ? Optional.of(new KeyFile(name.get(), file.get())) : Optional.empty();
  }

  private static Optional<TagRuleText> rule(Fields fields) {
    Optional<String> name = fields.require("name", NAME);
    Glob repositories = fields.read("repositories", REPOSITORIES).orElse(new Glob("**"));
    Glob tags = fields.read("tags", TAGS).orElse(new Glob("*"));
    boolean immutable = fields.read("immutable", Kinds.YES_OR_NO).orElse(false);
    List<String> principals = fields.read("protected", PRINCIPALS).orElse(List.of());
    Expiry expiry = fields.read("expires", EXPIRY).orElse(new Expiry.Never());
    List<Signer> signers = fields.read("signed", SIGNERS).orElse(List.of());
    if (immutable && fields.has("expires")) {
      fields.refuse("expires", "what is immutable never expires: remove 'expires' or 'immutable'");
    }
    if (!immutable && !fields.areBad() && !fields.has("protected") && !fields.has("expires") && !fields.has("signed")) {
      fields.refuse("name", "the rule demands nothing: say what, with immutable, protected, expires or signed, or remove it");
    }
    var names = new LinkedHashSet<String>();
    signers.forEach(signer -> names.add(signer.name()));
    return name.map(word -> new TagRuleText(
        new TagRule(word, repositories, tags, immutable, new LinkedHashSet<>(principals), expiry, names), fields.origin("name"), signers));
  }

  private static Map<String, Object> plain(KeyFile key) {
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", key.name());
    plain.put("file", Kinds.FILE.plain().apply(key.file()));
    return plain;
  }

  private static Map<String, Object> plain(TagRuleText text) {
    TagRule rule = text.rule();
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", rule.name());
    plain.put("repositories", rule.repositories().pattern());
    plain.put("tags", rule.tags().pattern());
    if (rule.immutable()) {
      plain.put("immutable", true);
    }
    if (!rule.principals().isEmpty()) {
      plain.put("protected", List.copyOf(rule.principals()));
    }
    if (!(rule.expiry() instanceof Expiry.Never)) {
      plain.put("expires", EXPIRY.plain().apply(rule.expiry()));
    }
    if (!rule.signers().isEmpty()) {
      plain.put("signed", List.copyOf(rule.signers()));
    }
    return plain;
  }
}
