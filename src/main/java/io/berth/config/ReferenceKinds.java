package io.berth.config;

import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kinds of values that settings of references have. */
final class ReferenceKinds {

  private static final String REFERRERS = "referrers";
  private static final String GRACE = "grace";

  /** Whether referrers go with their subject. */
  static final Kind<Boolean> LIFE = Kinds.word(words(), Map.of());

  static final Kind<Duration> TIME = Quantities.time(Duration.ZERO, Expiry.LONGEST);

  static final Kind<List<ReferrerRuleText>> RULES =
      Fields.list("a rule", keys(), List.of("name", "repositories"), ReferenceKinds::rule, ReferrerRuleText::name, ReferenceKinds::plain);

  private ReferenceKinds() {}

  private static Map<String, Boolean> words() {
    var words = new LinkedHashMap<String, Boolean>();
    words.put("with-subject", true);
    words.put("keep", false);
    return words;
  }

  private static Map<String, Kind<?>> keys() {
    var keys = new LinkedHashMap<String, Kind<?>>();
    keys.put("name", TagKinds.NAME);
    keys.put("repositories", TagKinds.REPOSITORIES);
    keys.put(REFERRERS, LIFE);
    keys.put(GRACE, TIME);
    return keys;
  }

  private static Optional<ReferrerRuleText> rule(Fields fields) {
    Optional<String> name = fields.require("name", TagKinds.NAME);
    Optional<Glob> repositories = fields.require("repositories", TagKinds.REPOSITORIES);
    boolean withSubject = fields.read(REFERRERS, LIFE).orElse(true);
    Optional<Duration> grace = fields.read(GRACE, TIME);
    if (!withSubject && fields.has(GRACE)) {
      fields.refuse(GRACE, "what is kept has no grace: remove 'grace', or say 'referrers: with-subject'");
    }
    if (!fields.has(REFERRERS) && !fields.has(GRACE)) {
      fields.refuse("name", "the rule says nothing: say what becomes of referrers there, with referrers or grace, or remove it");
    }
    return name.isPresent() && repositories.isPresent()
        ? Optional.of(new ReferrerRuleText(name.get(), repositories.get(), withSubject, grace))
        : Optional.empty();
  }

  private static Map<String, Object> plain(ReferrerRuleText rule) {
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", rule.name());
    plain.put("repositories", rule.repositories().pattern());
    plain.put(REFERRERS, LIFE.plain().apply(rule.withSubject()));
    rule.grace().ifPresent(grace -> plain.put(GRACE, TIME.plain().apply(grace)));
    return plain;
  }
}
