package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.RepositoryName;
import io.berth.policy.ReferrerLife;
import io.berth.policy.ReferrerRules;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of referrers, as an operator writes it, and every mistake that can be made in it. */
final class ReferencesSettingsTest {

  private static ReferrerRules rules(String... lines) {
    return Reading.file(lines).serve().referrers();
  }

  private static ReferrerLife life(ReferrerRules rules, String repository) {
    return rules.in(RepositoryName.parse(repository));
  }

  private static ReferrerLife after(Duration grace) {
    return new ReferrerLife.WithSubject(grace);
  }

  @Test
  void byDefaultTheyGoADayAfterTheirSubject() {
    assertThat(ServeConfig.defaults().referrers()).isEqualTo(ReferrerRules.DEFAULT);
    assertThat(life(ReferrerRules.DEFAULT, "team/app")).isEqualTo(after(Duration.ofDays(1)));
    assertThat(rules("references: {referrers: , rules: []}")).isEqualTo(ReferrerRules.DEFAULT);
  }

  @Test
  void theFirstRuleThatIsAboutTheRepositoryCounts() {
    ReferrerRules rules = rules("""
        references:
          grace: 72h
          rules:
            - {name: archive, repositories: archive/**, referrers: keep}
            - {name: old, repositories: "**/old", grace: 0s}
            - {name: builds, repositories: ci/*, referrers: with-subject}
            - {name: last, repositories: "**", referrers: With-Subject, grace: 1h}
        """);

    assertThat(life(rules, "archive/app")).isEqualTo(new ReferrerLife.Keep());
    assertThat(life(rules, "archive/old")).isEqualTo(new ReferrerLife.Keep());
    assertThat(life(rules, "team/old")).isEqualTo(after(Duration.ZERO));
    assertThat(life(rules, "ci/app")).isEqualTo(after(Duration.ofDays(3)));
    assertThat(life(rules, "team/app")).isEqualTo(after(Duration.ofHours(1)));
  }

  @Test
  void whereNoRuleIsAboutItTheRestCounts() {
    ReferrerRules rules = rules("references: {referrers: keep, rules: [{name: builds, repositories: ci/*, grace: 1h}]}");

    assertThat(life(rules, "team/app")).isEqualTo(new ReferrerLife.Keep());
    assertThat(life(rules, "ci/app")).isEqualTo(after(Duration.ofHours(1)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      {referrers: die} | expected with-subject or keep, not 'die'
      {grace: 1} | unit
      {grace: -1h} | expected a time
      {rules: [{name: a, referrers: keep}]} | a rule has a repositories
      {rules: [{repositories: a, referrers: keep}]} | a rule has a name
      {rules: [{name: a, repositories: a}]} | the rule says nothing
      {rules: [{name: a, repositories: a, referrers: }]} | 'referrers' has no value
      {rules: [{name: a, repositories: a, referrers: keep, grace: 1h}]} | what is kept has no grace
      {rules: [{name: a, repositories: 'a**', referrers: keep}]} | is no pattern
      {rules: [{name: a, repositories: a, referers: keep}]} | did you mean 'referrers'?
      {rules: [{name: a, repositories: a, grace: 1h}, {name: a, repositories: b, grace: 1h}]} | stands twice""")
  void mistakesAreSaidInWords(String written, String words) {
    assertThat(Reading.problems("references: " + written)).anyMatch(problem -> problem.contains(words));
  }

  @Test
  void aGraceThatNothingNeedsIsWarnedOf() {
    assertThat(Reading.file("references: {referrers: keep, grace: 1h}").warnings()).hasSize(1);
    assertThat(
        Reading.file("references: {referrers: keep, grace: 1h, rules: [{name: a, repositories: a, referrers: with-subject}]}").warnings())
        .isEmpty();
  }

  @Test
  void whatIsShownReadsBackAsTheSame() {
    Configuration written = Reading.file("""
        references:
          referrers: keep
          rules: [{name: a, repositories: a/**, grace: 90m}, {name: b, repositories: b, referrers: keep}]
        """);

    assertThat(Reading.file(written.effective()).serve().referrers()).isEqualTo(written.serve().referrers());
  }
}
