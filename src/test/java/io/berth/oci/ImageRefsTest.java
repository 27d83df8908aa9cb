package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients say that a request is about: read as far as it can be, and never an error. */
final class ImageRefsTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final RepositoryName LIB = RepositoryName.parse("team/lib");
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  private static ImageRefs read(String... references) {
    return ImageRefs.parse(List.of(references), List.of(), "here.example:5000"::equals);
  }

  @Test
  void tagsAndDigestsOfARepositoryAreTold() {
    ImageRefs refs =
        read("here.example:5000/team/app:1.0", "here.example:5000/team/app@" + DIGEST, "here.example:5000/team/app:2@" + DIGEST);

    assertThat(refs.tags(APP)).containsExactly(new Tag("1.0"), new Tag("2"));
    assertThat(refs.digests(APP)).containsExactly(Digest.parse(DIGEST));
    assertThat(refs.tags(LIB)).isEmpty();
    assertThat(refs.flawed()).isFalse();
  }

  @Test
  void severalMayStandInOneField() {
    assertThat(read("here.example:5000/team/app:1,here.example:5000/team/app:2 , here.example:5000/team/app:1").tags(APP))
        .containsExactly(new Tag("1"), new Tag("2"));
  }

  @Test
  void aTagAloneIsOneOfTheRepositoryThatIsAsked() {
    ImageRefs refs = ImageRefs.parse(List.of(), List.of("1.0, 2.0"), _ -> false);

    assertThat(refs.tags(APP)).containsExactly(new Tag("1.0"), new Tag("2.0"));
    assertThat(refs.tags(LIB)).containsExactly(new Tag("1.0"), new Tag("2.0"));
    assertThat(refs.text()).isEqualTo(":1.0, :2.0");
  }

  @Test
  void otherRegistriesAreKeptAndMeanNothing() {
    ImageRefs refs = read("docker.io/team/app:1.0");

    assertThat(refs.tags(APP)).isEmpty();
    assertThat(refs.text()).isEqualTo("docker.io/team/app:1.0");
    assertThat(refs.flawed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", ",", "team/app:1", "here.example:5000/team/app", "here.example:5000/Team:1", "here.example:5000/team/app:-",
        "here.example:5000/team/app@sha256:1", "http://here.example/team/app:1", "here.example:5000/team/app:1 2", ":::", "\u0000",
        "\u00e9.example/a:1"})
  void whatIsNoReferenceIsLeftOut(String text) {
    ImageRefs refs = read(text, "here.example:5000/team/app:1.0");

    assertThat(refs.tags(APP)).containsExactly(new Tag("1.0"));
    assertThat(refs.flawed()).isTrue();
  }

  @Test
  void noMoreThanSixteenAreLookedAt() {
    ImageRefs many = read(Collections.nCopies(40, "here.example:5000/team/app:1").toArray(String[]::new));
    ImageRefs inOne = read(",".repeat(100_000) + "here.example:5000/team/app:1");

    assertThat(many.refs()).hasSize(16);
    assertThat(many.flawed()).isTrue();
    assertThat(inOne.refs()).isEmpty();
    assertThat(inOne.flawed()).isTrue();
    assertThat(read(String.join(",", Collections.nCopies(16, "here.example:5000/team/app:1"))).flawed()).isFalse();
  }

  @Test
  void whatIsTooLongIsLeftOut() {
    assertThat(read("here.example:5000/" + "a".repeat(255) + ":" + "b".repeat(128) + "@sha512:" + "c".repeat(128)).flawed()).isFalse();
    assertThat(read("here.example:5000/" + "a/".repeat(500) + "a:1").flawed()).isTrue();
  }

  @Test
  void theTextIsBounded() {
    String long128 = "b".repeat(128);
    ImageRefs refs = ImageRefs.parse(List.of(), Collections.nCopies(16, long128), _ -> false);

    assertThat(refs.text()).hasSizeLessThanOrEqualTo(515);
    assertThat(ImageRefs.NONE.text()).isNull();
  }
}
