package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.RepositoryName;
import io.berth.policy.PlatformPattern;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.SparseTerms.Children;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator says about what must be there before a manifest is accepted, in Distribution's words as far as it has any. */
final class SparseSettingsTest {

  private static SparseRules rules(String file) {
    return Reading.file(file).serve().sparse();
  }

  private static Children of(String... platforms) {
    return new Children.Of(Arrays.stream(platforms).map(PlatformPattern::parse).collect(Collectors.toSet()));
  }

  private static SparseTerms terms(SparseRules rules, String repository) {
    return rules.in(RepositoryName.parse(repository));
  }

  @Test
  void byDefaultEverythingMustBeThere() {
    assertThat(ServeConfig.defaults().sparse()).isEqualTo(SparseRules.DEFAULT);
    assertThat(rules("validation: {manifests: {indexes: {platforms: all}}}")).isEqualTo(SparseRules.DEFAULT);
  }

  @Test
  void whatDistributionSaysMeansTheSame() {
    assertThat(terms(rules("validation: {manifests: {indexes: {platforms: none}}}"), "a"))
        .isEqualTo(new SparseTerms(new Children.None(), true));
    assertThat(terms(rules("""
        validation:
          manifests:
            indexes:
              platforms: list
              platformlist:
                - architecture: amd64
                  os: linux
                - {os: linux, architecture: arm, variant: v7}
                - windows/amd64
        """), "a")).isEqualTo(new SparseTerms(of("linux/amd64", "linux/arm/v7", "windows/amd64"), true));
  }

  @Test
  void theFirstRuleThatIsAboutTheRepositoryCountsAndWhatItLeavesOutIsWhatHoldsElsewhere() {
    SparseRules rules = rules("""
        validation:
          manifests:
            indexes: {platforms: list, platformlist: [linux/amd64]}
            images: none
            rules:
              - {name: mirrors, repositories: mirror/**, indexes: none}
              - {name: cache, repositories: "**/cache", images: all}
              - {name: edge, repositories: edge/*, indexes: [linux/arm64, linux/arm/v7], images: all}
              - {name: team, repositories: team/**, indexes: all, images: all}
        """);

    assertThat(terms(rules, "mirror/a/cache")).isEqualTo(SparseTerms.NOTHING);
    assertThat(terms(rules, "a/cache")).isEqualTo(new SparseTerms(of("linux/amd64"), true));
    assertThat(terms(rules, "edge/a")).isEqualTo(new SparseTerms(of("linux/arm64", "linux/arm/v7"), true));
    assertThat(terms(rules, "team/a")).isEqualTo(SparseTerms.WHOLE);
    assertThat(terms(rules, "other")).isEqualTo(new SparseTerms(of("linux/amd64"), false));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      {indexes: {platforms: some}} | expected all, none or list, not 'some'
      {indexes: {platforms: list}} | the list names no platform
      {indexes: {platforms: list, platformlist: []}} | the list names no platform
      {indexes: {platforms: list, platformlist: linux/amd64}} | expected a list of platforms
      {indexes: {platforms: list, platformlist: [linux]}} | a platform is os/architecture
      {indexes: {platforms: list, platformlist: [{os: linux}]}} | a platform has an os and an architecture
      {indexes: {platforms: list, platformlist: [{os: linux, architecture: amd64, bits: 64}]}} | no key 'bits'
      {indexes: {platforms: list, platformlist: [linux/x86_64]}} | write linux/amd64
      {images: some} | expected all or none, not 'some'
      {rules: [{name: a, repositories: a}]} | the rule says nothing
      {rules: [{name: a, indexes: none}]} | a rule has a repositories
      {rules: [{repositories: a, indexes: none}]} | a rule has a name
      {rules: [{name: a, repositories: a, indexes: list}]} | write the platforms themselves
      {rules: [{name: a, repositories: a, indexes: []}]} | 'indexes' has no value
      {rules: [{name: a, repositories: a, indexes: [arm64]}]} | a platform is os/architecture
      {rules: [{name: a, repositories: a, index: none}]} | did you mean 'indexes'?
      {rules: [{name: a, repositories: 'a**', images: none}]} | is no pattern
      {rules: [{name: a, repositories: a, images: none}, {name: a, repositories: b, images: none}]} | stands twice""")
  void mistakesAreSaidInWords(String written, String words) {
    assertThat(Reading.problems("validation: {manifests: " + written + "}")).anyMatch(problem -> problem.contains(words));
  }

  @Test
  void aListThatNothingReadsIsWarnedOf() {
    assertThat(Reading.file("validation: {manifests: {indexes: {platforms: none, platformlist: [linux/amd64]}}}").warnings()).hasSize(1);
    assertThat(Reading.file("validation: {manifests: {indexes: {platforms: list, platformlist: [linux/amd64]}}}").warnings()).isEmpty();
  }

  @Test
  void whatIsShownReadsBackAsTheSame() {
    Configuration written = Reading.file("""
        validation:
          manifests:
            indexes: {platforms: list, platformlist: [{os: linux, architecture: arm, variant: v7}, linux/amd64]}
            images: none
            rules:
              - {name: a, repositories: a/**, indexes: [linux/arm64, linux/amd64]}
              - {name: b, repositories: b, indexes: all, images: all}
              - {name: c, repositories: c, indexes: none}
        """);

    assertThat(Reading.file(written.effective()).serve().sparse()).isEqualTo(written.serve().sparse());
  }
}
