package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MediaTypeTest {

  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}";
  private static final Pattern GRAMMAR = Pattern.compile(NAME + "/" + NAME);

  private static String valid(RandomGenerator random) {
    return name(random) + "/" + name(random);
  }

  private static String name(RandomGenerator random) {
    int max = random.nextInt(20) == 0 ? 126 : 10;
    return Strings.of(random, Strings.WORD.replace("_", ""), 1, 1) + Strings.of(random, Strings.WORD + "!#$&^.+-", 0, max);
  }

  @Test
  void whatParseAcceptsToStringGivesBack() {
    Law.forAll(MediaTypeTest::valid, text -> assertThat(MediaType.parse(text)).hasToString(text));
  }

  @Test
  void exactlyWhatTheGrammarAllowsIsAccepted() {
    Law.forAll(Strings.around(MediaTypeTest::valid), text -> {
      assertThat(MediaType.isValid(text)).isEqualTo(GRAMMAR.matcher(text).matches());
      if (!MediaType.isValid(text)) {
        assertThatThrownBy(() -> new MediaType(text)).isInstanceOf(RegistryException.class);
      }
    });
  }

  @Test
  void parseThrowsNothingButRegistryExceptions() {
    Law.forAll(Strings.around(random -> valid(random) + "; charset=utf-8"), text -> {
      try {
        assertThat(MediaType.isValid(MediaType.parse(text).value())).isTrue();
      } catch (RegistryException e) {
        assertThat(e.status()).isEqualTo(400);
      }
    });
  }

  @Test
  void parametersAreDropped() {
    assertThat(MediaType.parse("application/vnd.oci.image.manifest.v1+json; charset=utf-8")).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(MediaType.parse(" application/vnd.oci.image.index.v1+json ;q=1;x=\"a;b\"")).isEqualTo(MediaType.OCI_INDEX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "a/", "/b", "a", "a/b/c", "*/*", "application/*", "a b/c", "a/b,c/d", "a/b\r\nX: y", "-a/b", "a/.b", "\u00e9/b"})
  void whatIsNoMediaTypeIsRefused(String text) {
    assertThatThrownBy(() -> MediaType.parse(text)).isInstanceOf(RegistryException.class);
  }

  @Test
  void eachPartHasAtMost127Characters() {
    assertThat(MediaType.isValid("a".repeat(127) + "/" + "b".repeat(127))).isTrue();
    assertThat(MediaType.isValid("a".repeat(128) + "/b")).isFalse();
    assertThat(MediaType.isValid("a/" + "b".repeat(128))).isFalse();
  }

  @Test
  void onlyTypesThatNoBrowserWouldRunAreJson() {
    assertThat(new MediaType("application/json").isJson()).isTrue();
    assertThat(new MediaType("application/vnd.example+json").isJson()).isTrue();
    assertThat(new MediaType("text/html").isJson()).isFalse();
    assertThat(new MediaType("text/x+json").isJson()).isFalse();
    assertThat(new MediaType("image/svg+xml").isJson()).isFalse();
    assertThat(new MediaType("application/xhtml+xml").isJson()).isFalse();
    assertThat(new MediaType("application/jsonp").isJson()).isFalse();
  }

  @Test
  void nondistributableLayersAreKnownByTheirTypes() {
    assertThat(new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip").isNonDistributable()).isTrue();
    assertThat(new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar").isNonDistributable()).isTrue();
    assertThat(new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip").isNonDistributable()).isTrue();
    assertThat(new MediaType("application/vnd.oci.image.layer.v1.tar").isNonDistributable()).isFalse();
    assertThat(new MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip").isNonDistributable()).isFalse();
  }
}
