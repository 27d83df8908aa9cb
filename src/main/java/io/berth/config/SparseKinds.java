package io.berth.config;

import io.berth.config.Kind.BadValue;
import io.berth.config.Kind.Shape;
import io.berth.policy.Glob;
import io.berth.policy.PlatformPattern;
import io.berth.policy.SparseTerms.Children;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kinds of values that settings have which say what must be there before a manifest is accepted. */
final class SparseKinds {

  private static final String ALL = "all";
  private static final String NONE = "none";
  private static final String INDEXES = "indexes";
  private static final String IMAGES = "images";
  private static final int MOST_PLATFORMS = 1_000;
  private static final String PLATFORM_WORDS = "a platform, as in linux/amd64 or linux/arm/v7";

  /** Which entries of an index. */
  enum Extent {
    ALL, NONE, LIST
  }

  static final Kind<Extent> EXTENT = Kinds.word(extents(), Map.of());

  /** Whether the configuration and the layers of images. */
  static final Kind<Boolean> WHOLE = Kinds.word(Kinds.words(ALL, true, NONE, false), Map.of());

  private static final Kind<PlatformPattern> TEXT =
      Kinds.one("platform", PLATFORM_WORDS, PlatformPattern::parse, PlatformPattern::toString);

  /** A platform as a text or, as CNCF Distribution has it, as a section. */
  private static final Kind<PlatformPattern> PLATFORM = new Kind<>(PLATFORM_WORDS, Shape.ONE, false,
      node -> node instanceof Node.Section section ? platform(section) : TEXT.read().read(node), TEXT.plain(),
      Map.of("anyOf", List.of(TEXT.schema(), Map.of("type", "object", "properties", Map.of("os", Map.of("type", "string"),
          "architecture", Map.of("type", "string"), "variant", Map.of("type", "string")), "required", List.of("os", "architecture"),
          "additionalProperties", false))));

  static final Kind<List<PlatformPattern>> PLATFORMS = new Kind<>("a list, each entry " + PLATFORM_WORDS, Shape.SECTIONS, false,
      SparseKinds::platforms, platforms -> platforms.stream().map(PLATFORM.plain()).toList(),
      Map.of("type", "array", "maxItems", MOST_PLATFORMS, "items", PLATFORM.schema()));

  private static final Kind<Children> CHILDREN = new Kind<>("all, none, or a list of platforms", Shape.ONE, false, SparseKinds::children,
      SparseKinds::plain, Map.of("anyOf", List.of(Map.of("enum", List.of(ALL, NONE)), PLATFORMS.schema())));

  static final Kind<List<SparseRuleText>> RULES = Fields.list("a rule",
      TagKinds.keys("name", TagKinds.NAME, "repositories", TagKinds.REPOSITORIES, INDEXES, CHILDREN, IMAGES, WHOLE),
      List.of("name", "repositories"), SparseKinds::rule, SparseRuleText::name, SparseKinds::plain);

  private SparseKinds() {}

  private static Map<String, Extent> extents() {
    var extents = new LinkedHashMap<String, Extent>();
    extents.put(ALL, Extent.ALL);
    extents.put(NONE, Extent.NONE);
    extents.put("list", Extent.LIST);
    return extents;
  }

  private static PlatformPattern platform(Node.Section section) throws BadValue {
    var parts = new LinkedHashMap<String, String>();
    for (String name : List.of("os", "architecture", "variant")) {
      Node.Entry entry = section.entries().get(name);
      if (entry != null && !Node.saysNothing(entry.value())) {
        parts.put(name, Kinds.scalar(entry.value(), "a text"));
      } else if (!name.equals("variant")) {
        throw new BadValue(section.origin(), "a platform has an os and an architecture: write them, or linux/amd64 instead");
      }
    }
    for (var entry : section.entries().entrySet()) {
      if (!List.of("os", "architecture", "variant").contains(entry.getKey())) {
        throw new BadValue(entry.getValue().key(), "a platform has no key '" + Words.shown(entry.getKey())
            + "'; known here are os, architecture and variant");
      }
    }
    return TEXT.read().read(new Node.Scalar(String.join("/", parts.values()), section.origin()));
  }

  private static List<PlatformPattern> platforms(Node node) throws BadValue {
    if (!(node instanceof Node.Listing(List<Node> items, Origin place))) {
      throw Kinds.bad(node, "expected a list of platforms, as in [linux/amd64, linux/arm/v7]",
          node instanceof Node.Scalar(String text, Origin _) ? text : "");
    }
    if (items.size() > MOST_PLATFORMS) {
      throw new BadValue(place, "a list of more than " + MOST_PLATFORMS + " platforms");
    }
    var platforms = new ArrayList<PlatformPattern>();
    for (Node item : items) {
      platforms.add(PLATFORM.read().read(item));
    }
    return List.copyOf(platforms);
  }

  private static Children children(Node node) throws BadValue {
    if (!(node instanceof Node.Scalar)) {
      return new Children.Of(new LinkedHashSet<>(platforms(node)));
    }
    return switch (Kinds.word(Kinds.words(ALL, Extent.ALL, NONE, Extent.NONE), Map.of("list", "write the platforms themselves"))
        .read().read(node)) {
      case ALL -> new Children.All();
      case NONE, LIST -> new Children.None();
    };
  }

  private static Object plain(Children children) {
    return switch (children) {
      case Children.All _ -> ALL;
      case Children.None _ -> NONE;
      case Children.Of(var platforms) -> platforms.stream().map(PlatformPattern::toString).sorted().toList();
    };
  }

  private static Optional<SparseRuleText> rule(Fields fields) {
    Optional<String> name = fields.require("name", TagKinds.NAME);
    Optional<Glob> repositories = fields.require("repositories", TagKinds.REPOSITORIES);
    Optional<Children> indexes = fields.read(INDEXES, CHILDREN);
    Optional<Boolean> images = fields.read(IMAGES, WHOLE);
    if (!fields.has(INDEXES) && !fields.has(IMAGES)) {
      fields.refuse("name", "the rule says nothing: say what has to be there, with indexes or images, or remove it");
    }
    return name.isPresent() && repositories.isPresent()
        ? Optional.of(new SparseRuleText(name.get(), repositories.get(), indexes, images))
        : Optional.empty();
  }

  private static Map<String, Object> plain(SparseRuleText rule) {
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", rule.name());
    plain.put("repositories", rule.repositories().pattern());
    rule.indexes().ifPresent(indexes -> plain.put(INDEXES, plain(indexes)));
    rule.images().ifPresent(images -> plain.put(IMAGES, WHOLE.plain().apply(images)));
    return plain;
  }
}
