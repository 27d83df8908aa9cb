package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.berth.Law;
import io.berth.oci.Descriptor;
import io.berth.oci.Documents;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.oci.RepositoryName;
import io.berth.policy.SparseTerms.Children;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SparseRulesTest {

  private static final List<String> PLATFORMS = List.of("linux/amd64", "linux/amd64/v1", "linux/amd64/v3", "linux/arm64", "linux/arm64/v8",
      "linux/arm", "linux/arm/v6", "linux/arm/v7", "windows/amd64", "unknown/unknown");
  private static final List<Children> CHILDREN = List.of(new Children.All(), new Children.None(), of("linux/amd64"),
      of("linux/arm/v7", "linux/arm64/v8"), of("windows/amd64", "linux/arm"));

  private static Children of(String... platforms) {
    return new Children.Of(Arrays.stream(platforms).map(PlatformPattern::parse).collect(Collectors.toSet()));
  }

  private static Edge edge(Edge.Kind kind, String mediaType, @Nullable String platform) {
    return new Edge(kind, "/x",
        new Descriptor(new MediaType(mediaType), Documents.digest("x"), 1, platform == null ? null : Platform.ofText(platform)));
  }

  private static boolean requires(Children children, @Nullable String platform) {
    return new SparseTerms(children, true).mustExist(edge(Edge.Kind.CHILD, Documents.MANIFEST, platform));
  }

  @ParameterizedTest
  @CsvSource({"linux/amd64,linux/amd64,true", "linux/amd64,linux/arm64,false", "linux/amd64,windows/amd64,false",
    "linux/arm,linux/arm/v6,true", "linux/arm/v7,linux/arm/v6,false", "linux/arm/v7,linux/arm/v7,true", "linux/arm/v7,linux/arm,true",
    "linux/arm64,linux/arm64/v8,true", "linux/arm64/v8,linux/arm64,true", "linux/arm64/v9,linux/arm64,false",
    "linux/amd64/v1,linux/amd64,true", "linux/amd64/v2,linux/amd64,false", "linux/amd64,linux/amd64/v3,true",
    "linux/ppc64le/p9,linux/ppc64le,false", "unknown/unknown,unknown/unknown,true"})
  void aPlatformIsMeantWithAllItsVariantsOrWithOne(String pattern, String platform, boolean meant) {
    assertThat(PlatformPattern.parse(pattern).matches(Platform.ofText(platform))).isEqualTo(meant);
    assertThat(requires(of(pattern), platform)).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux", "linux/", "/amd64", "linux/amd64/v1/x", "linux/*", "Linux/amd64", "linux/x86_64", "linux/aarch64",
    "linux/armhf", "linux /amd64", ""})
  void whatNoImageIsForIsNoPattern(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> PlatformPattern.parse(text));
  }

  @Test
  void theNameThatImagesHaveForAnArchitectureIsTold() {
    assertThatIllegalArgumentException().isThrownBy(() -> PlatformPattern.parse("linux/aarch64")).withMessageContaining("linux/arm64");
  }

  @Test
  void anEntryThatStatesNoPlatformMustBeThereOnlyWhereAllMust() {
    assertThat(requires(new Children.All(), null)).isTrue();
    assertThat(requires(new Children.None(), null)).isFalse();
    assertThat(requires(of("linux/amd64"), null)).isFalse();
    assertThat(requires(of("linux/amd64"), "unknown/unknown")).isFalse();
  }

  @Test
  void whatIsSaidOfIndexesIsNotSaidOfImages() {
    Edge layer = edge(Edge.Kind.LAYER, Documents.LAYER, null);
    Edge config = edge(Edge.Kind.CONFIG, Documents.CONFIG, null);

    assertThat(new SparseTerms(new Children.None(), true).mustExist(layer)).isTrue();
    assertThat(new SparseTerms(new Children.None(), true).mustExist(config)).isTrue();
    assertThat(new SparseTerms(new Children.All(), false).mustExist(layer)).isFalse();
    assertThat(new SparseTerms(new Children.All(), false).mustExist(config)).isFalse();
    assertThat(new SparseTerms(new Children.All(), false).mustExist(edge(Edge.Kind.CHILD, Documents.MANIFEST, null))).isTrue();
  }

  @Test
  void theFirstRuleThatIsAboutTheRepositoryCountsAndElseTheRest() {
    var none = new SparseTerms(new Children.None(), true);
    var rules = new SparseRules(List.of(new SparseRule("a", Glob.ofRepositories("mirror/**"), SparseTerms.NOTHING),
        new SparseRule("b", Glob.ofRepositories("**"), none)), SparseTerms.WHOLE);

    assertThat(rules.in(RepositoryName.parse("mirror/docker/alpine"))).isEqualTo(SparseTerms.NOTHING);
    assertThat(rules.in(RepositoryName.parse("team/app"))).isEqualTo(none);
    assertThat(SparseRules.DEFAULT.in(RepositoryName.parse("team/app"))).isEqualTo(SparseTerms.WHOLE);
  }

  private record Case(Children children, boolean images, Edge edge) {}

  private static <T> T any(RandomGenerator random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static Case anyCase(RandomGenerator random) {
    Edge.Kind kind = any(random, List.of(Edge.Kind.values()));
    String type = any(random, List.of(Documents.MANIFEST, Documents.INDEX, Documents.LAYER, Documents.FOREIGN_LAYER, "x/y"));
    return new Case(any(random, CHILDREN), random.nextBoolean(),
        edge(kind, type, kind == Edge.Kind.CHILD && random.nextBoolean() ? any(random, PLATFORMS) : null));
  }

  @Test
  void nothingIsRequiredThatIsNotNeededAndRulesOnlyTakeAway() {
    Law.forAll(SparseRulesTest::anyCase, each -> {
      boolean required = new SparseTerms(each.children, each.images).mustExist(each.edge);
      assertThat(SparseTerms.NOTHING.mustExist(each.edge)).isFalse();
      assertThat(SparseTerms.WHOLE.mustExist(each.edge)).isEqualTo(ManifestRules.isNeeded(each.edge));
      assertThat(!required || SparseTerms.WHOLE.mustExist(each.edge)).isTrue();
    });
  }

  @Test
  void aListOfPlatformsRequiresWhatEachOfThemRequires() {
    Law.forAll(SparseRulesTest::anyCase, each -> {
      if (each.children instanceof Children.Of(Set<PlatformPattern> platforms) && each.edge.kind() == Edge.Kind.CHILD) {
        assertThat(new SparseTerms(each.children, each.images).mustExist(each.edge)).isEqualTo(platforms.stream()
            .anyMatch(one -> new SparseTerms(new Children.Of(Set.of(one)), each.images).mustExist(each.edge)));
      }
    });
  }

  @Test
  void aPlatformIsThatOfItsText() {
    Law.forAll(random -> any(random, PLATFORMS), text -> assertThat(Platform.ofText(text)).hasToString(text));
  }
}
