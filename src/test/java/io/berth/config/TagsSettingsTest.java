package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Json;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules for tags, keys and aliases as an operator writes them, and every mistake that can be made in them, with its place and remedy. */
final class TagsSettingsTest {

  private static final Expiry NEVER = new Expiry.Never();

  private static List<TagRule> rules(String... lines) {
    return Reading.file(lines).serve().tags().rules().rules();
  }

  @Test
  void byDefaultNothingIsDemandedAndTheHistoryReachesBackTwoWeeks() {
    assertThat(ServeConfig.defaults().tags()).isEqualTo(new TagsConfig(Duration.ofDays(14), List.of(), List.of(), TagRules.NONE));
    assertThat(Reading.file("tags: {rules: [], keys: , aliases: []}").serve().tags()).isEqualTo(ServeConfig.defaults().tags());
  }

  @Test
  void everyKeyOfARuleReachesTheRule() {
    TagsConfig tags = Reading.file("""
        auth: {htpasswd: {path: /users}}
        tags:
          historywindow: 1h
          aliases: [Registry.Example.com, 'localhost:5000', '[::1]:5000', 10.0.0.1]
          keys:
            - {name: release, file: /etc/berth/release.pem}
            - name: spare
              file: spare.jwks
          rules:
            - name: first
              repositories: team/**
              tags: v?
              protected: [user:alice, user:bob]
              expires: 36h
              signed: [spare, release]
            - {name: second, expires: label}
            - {name: third, immutable: yes, protected: user:alice, signed: release}
        """).serve().tags();

    assertThat(tags).isEqualTo(new TagsConfig(Duration.ofHours(1),
        List.of("registry.example.com", "localhost:5000", "[::1]:5000", "10.0.0.1"),
        List.of(new TagsConfig.KeyFile("release", Path.of("/etc/berth/release.pem")),
            new TagsConfig.KeyFile("spare", Path.of("spare.jwks"))),
        new TagRules(List.of(
            new TagRule("first", Glob.parse("team/**"), Glob.parse("v?"), false, Set.of("user:alice", "user:bob"),
                new Expiry.After(Duration.ofHours(36)), Set.of("release", "spare")),
            new TagRule("second", Glob.parse("**"), Glob.parse("*"), false, Set.of(), new Expiry.ByLabel(), Set.of()),
            new TagRule("third", Glob.parse("**"), Glob.parse("*"), true, Set.of("user:alice"), NEVER, Set.of("release"))))));
  }

  @Test
  void whatIsPrintedReadsBack() {
    String text =
        "auth: {htpasswd: {path: /users}}\ntags: {keys: [{name: k, file: '/a b: c.pem'}], rules: [{name: r, tags: '*', repositories:"
            + " '**/a?', expires: 90m, protected: ['user:a b', 'user:#'], signed: k}, {name: s, immutable: true}]}";

    Configuration again = Reading.file(Reading.file(text).effective());

    assertThat(again.serve()).isEqualTo(Reading.file(text).serve());
    assertThat(again.serve().tags().rules().rules()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "{name: r, imutable: true}                         | 1:26 | a rule has no key 'imutable'; did you mean 'immutable'?",
    "{name: r, immutable: true, x: 1}                  | 1:43 | a rule has no key 'x'; known here are name, repositories, tags, immutable, protected,",
    "{name: r, Immutable: true}                        | 1:26 | a rule has no key 'Immutable'; did you mean 'immutable'?",
    "{name: r}                                         | 1:17 | the rule demands nothing: say what, with immutable, protected, expires or signed,",
    "{name: r, immutable: false}                       | 1:17 | the rule demands nothing",
    "{immutable: true}                                 | 1:16 | a rule has a name: give a name of letters, digits",
    "{name: , immutable: true}                         | 1:17 | 'name' has no value: give a name of letters, digits",
    "{name: a b, immutable: true}                      | 1:23 | expected a name of letters, digits, '.', '-' and '_', not 'a b'",
    "{name: r, immutable: maybe}                       | 1:37 | expected true or false, not 'maybe'",
    "{name: r, immutable: }                            | 1:26 | 'immutable' has no value: give true or false, or remove it",
    "{name: r, immutable: true, expires: 1h}           | 1:43 | what is immutable never expires: remove 'expires' or 'immutable'",
    "{name: r, immutable: true, repositories: Team/*}  | 1:57 | 'Team/*' is no pattern: names of repositories have no capital letters",
    "{name: r, immutable: true, repositories: 'a**'}   | 1:57 | 'a**' is no pattern: '**' stands for whole components",
    "{name: r, immutable: true, tags: 'v[0-9]'}        | 1:49 | 'v[0-9]' is no pattern: a pattern has letters,",
    "{name: r, immutable: true, tags: a/b}             | 1:49 | 'a/b' is no pattern: a tag has no '/'",
    "{name: r, immutable: true, tags: [a]}             | 1:49 | expected a pattern such as v*, not a list",
    "{name: r, protected: []}                          | 1:26 | 'protected' has no value: give a list, each entry user: and a name",
    "{name: r, protected: alice}                       | 1:37 | a principal has its kind before its name: write user:alice",
    "{name: r, protected: ['group:x']}                 | 1:38 | no kind of principal is called 'group': write a user as user:NAME",
    "{name: r, protected: ['user:']}                   | 1:38 | 'user:' names no user that the password file can have",
    "{name: r, protected: ['user:a:b']}                | 1:38 | 'user:a:b' names no user that the password file can have",
    "{name: r, expires: never}                         | 1:35 | expected a time such as 12h or 720h, or label, not 'never'",
    "{name: r, expires: 14d}                           | 1:35 | expected a time such as 12h or 720h, or label, not '14d'",
    "{name: r, expires: 0}                             | 1:35 | expected a time from 1s to 876600h",
    "{name: r, signed: []}                             | 1:26 | 'signed' has no value",
    "{name: r, signed: [relese]}                       | 1:35 | the rule 'r' wants a signature of 'relese', and no key in tags.keys is called so; did you mean 'release'?",
    "{name: r, signed: [release, other]}               | 1:44 | the rule 'r' wants a signature of 'other', and no key in tags.keys is called so; add it there, with its file",
    "releases                                          | 1:16 | expected a rule with keys (name, repositories, tags, immutable, protected, expires and signed), not 'releases'",
    "[]                                                | 1:16 | expected a rule with keys",
    "                                                  | 1:16 | expected a rule with keys"})
  void aMistakeInARuleHasAPlaceAndARemedy(String rule, String place, String problem) {
    String keys = "keys: [{name: release, file: /release.pem}]";

    assertThat(Reading.problems("tags: {rules: [" + (rule == null ? "null" : rule) + "], " + keys + "}")).singleElement().asString()
        .startsWith("config.yml:" + place + ": tags.rules: " + problem);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "keys: [{name: k}]                                       | tags.keys: a key has a file: give a path",
    "keys: [{file: /k.pem}]                                  | tags.keys: a key has a name: give",
    "keys: [{name: k, file: /k.pem, path: /k}]               | tags.keys: a key has no key 'path'; known here are name and file",
    "keys: [{name: k, file: /a}, {name: k, file: /b}]        | tags.keys: the name 'k' stands twice, first at config.yml:1:16: give each its own",
    "keys: {name: k, file: /a}                               | tags.keys: expected a list, each entry beginning with '- ', not a section",
    "keys: /a                                                | tags.keys: expected a list, each entry beginning with '- ', not '/a'",
    "rules: [{name: r, immutable: on}, {name: r, expires: 1h}]  | tags.rules: the name 'r' stands twice, first at config.yml:1:17: give each its own",
    "historywindow: 14d                                      | tags.historywindow: expected a time such as 30s, 10m or 1h30m, not '14d'",
    "historywindow: 14                                       | tags.historywindow: a time has a unit: write 14s, 14m or 14h"})
  void aMistakeBesideTheRulesHasAPlaceAndARemedy(String tags, String problem) {
    assertThat(Reading.problems("tags: {" + tags + "}")).singleElement().asString().startsWith("config.yml:1:").contains(": " + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://registry.example.com", "registry.example.com/", "a b", "-a", "a-", "a..b", ".", "a:", "a:65536", "a:x",
    "[::1", "[::g]", "[10.0.0.1]", "::1", "a@b", "ä"})
  void whatIsNoHostIsNoAlias(String alias) {
    assertThat(Reading.problems("tags: {aliases: ['" + alias + "']}")).singleElement().asString()
        .contains("tags.aliases: expected HOST or HOST:PORT, as in registry.example.com, without https:// and path, not '");
  }

  @Test
  void everyMistakeIsSaidAtOnceWithItsLine() {
    assertThat(Reading.problems("""
        tags:
          keys:
            - name: release
          rules:
            - name: one
              imutable: true
              tags: a/b
            - name: one
              signed: [release]
              protected: [alice]
        """)).satisfiesExactlyInAnyOrder(keys -> assertThat(keys).startsWith("config.yml:3:7: tags.keys: "),
        unknown -> assertThat(unknown).startsWith("config.yml:6:7: tags.rules: "),
        glob -> assertThat(glob).startsWith("config.yml:7:13: tags.rules: "),
        name -> assertThat(name).startsWith("config.yml:8:7: tags.rules: the name 'one' stands twice, first at config.yml:5:7"),
        principal -> assertThat(principal).startsWith("config.yml:10:19: tags.rules: "));
  }

  @Test
  void aKeyThatIsWrongItselfIsNotSaidToBeMissingToo() {
    assertThat(Reading.problems("tags: {keys: [{name: k}], rules: [{name: r, signed: k}]}")).singleElement().asString()
        .contains("tags.keys");
  }

  @Test
  void moreRulesThanAnyoneWritesAreRefused() {
    assertThat(Reading.problems("tags: {rules: [" + "{name: r, immutable: true}, ".repeat(1_001) + "]}")).singleElement().asString()
        .contains("tags.rules: a list of more than 1000 entries");
  }

  @Test
  void aRuleThatLeavesTagsToUsersWhereNobodyIsOneIsWarnedOf() {
    String rule = "tags: {rules: [{name: ours, protected: user:alice}]}";

    assertThat(Reading.file(rule).warnings()).singleElement().asString().startsWith("config.yml:1:17: tags.rules: the rule 'ours' leaves")
        .contains("without auth.htpasswd");
    assertThat(Reading.file(rule, "auth: {htpasswd: {path: /users}}").warnings()).isEmpty();
  }

  @Test
  void aChangeOfRulesKeysAndAliasesNeedsNoRestart() {
    Configuration before = Reading.file("");
    Configuration after = Reading.file("tags: {aliases: a, keys: [{name: k, file: /k}], rules: [{name: r, signed: k}]}");

    assertThat(before.needingRestart(after)).isEmpty();
  }

  @Test
  void theSchemaKnowsTheKeysOfARule() throws Json.InvalidJson {
    var entry = Json.parse(JsonSchema.text().getBytes(StandardCharsets.UTF_8)).at("/properties/tags/properties/rules/items");

    assertThat(entry.path("additionalProperties").asBoolean(true)).isFalse();
    assertThat(entry.path("properties").propertyNames()).containsExactly("name", "repositories", "tags", "immutable", "protected",
        "expires",
        "signed");
    assertThat(entry.path("required").get(0).asString()).isEqualTo("name");
  }

  @Test
  void rulesAreReadInTheirOrder() {
    assertThat(rules("tags: {rules: [{name: z, immutable: on}, {name: a, immutable: on}, {name: m, immutable: on}]}"))
        .extracting(TagRule::name).containsExactly("z", "a", "m");
  }
}
