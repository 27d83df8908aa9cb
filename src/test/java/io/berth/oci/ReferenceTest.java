package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReferenceTest {

  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);
  private static final String[] HOSTS =
      {"", "", "localhost/", "localhost:5000/", "127.0.0.1:5000/", "registry.example.com/", "Host.Example:1/",
        "[::1]:5000/", "[2001:db8::1]/", "a-b.c:443/", "host:65535/"};
  private static final Pattern GRAMMAR = Pattern.compile(
      "(?:((?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]{1,5})?"
          + "|\\[[0-9a-fA-F:.]{2,45}](?::[0-9]{1,5})?)/)?"
          + "([a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*)"
          + "(?::[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127})?(?:@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?");

  static String valid(RandomGenerator random) {
    return HOSTS[random.nextInt(HOSTS.length)] + RepositoryNameTest.valid(random)
        + (random.nextBoolean() ? ":" + Strings.of(random, Strings.WORD, 1, 9) : "") + (random.nextInt(4) == 0 ? "@" + DIGEST : "");
  }

  @Test
  void whatParseAcceptsToStringGivesBackAndFollowsTheGrammar() {
    Law.forAll(10_000, Strings.around(ReferenceTest::valid), text -> Reference.find(text).ifPresent(reference -> {
      assertThat(reference).hasToString(text);
      assertThat(text).matches(GRAMMAR);
      assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
    }));
  }

  @Test
  void whatFollowsTheGrammarIsAccepted() {
    Law.forAll(10_000, Strings.around(ReferenceTest::valid), text -> {
      var parts = GRAMMAR.matcher(text);
      if (parts.matches() && parts.group(1) != null && Reference.isHost(parts.group(1)) && RepositoryName.isValid(parts.group(2))) {
        assertThat(Reference.parse(text)).hasToString(text).extracting(Reference::host).isEqualTo(parts.group(1));
      }
    });
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {
    "app,                          -,                app,       -",
    "app:1.0,                      -,                app,       1.0",
    "team/app:1.0,                 -,                team/app,  1.0",
    "localhost:5000,               -,                localhost, 5000",
    "localhost/app,                localhost,        app,       -",
    "localhost:5000/app:x,         localhost:5000,   app,       x",
    "registry.example.com/a/b:x,   registry.example.com, a/b,   x",
    "host:5000/a/b/c,              host:5000,        a/b/c,     -",
    "[::1]:5000/app:x,             [::1]:5000,       app,       x",
    "127.0.0.1/app,                127.0.0.1,        app,       -"})
  void theHostIsWhatDockerTakesForOne(String text, String host, String repository, String tag) {
    Reference reference = Reference.parse(text);

    assertThat(reference.host()).isEqualTo(host);
    assertThat(reference.repository()).hasToString(repository);
    assertThat(reference.tag()).isEqualTo(tag == null ? null : new Tag(tag));
  }

  @Test
  void tagAndDigestMayStandTogether() {
    assertThat(Reference.parse("h.example/app:1@" + DIGEST))
        .isEqualTo(new Reference("h.example", new RepositoryName("app"), new Tag("1"), Digest.parse(DIGEST)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", ":", "@", "app:", "app@", "app@sha256:abc", "App", "host.example/", "host.example:/app", "host.example:65536/app",
        "host.example:123456/app", "-host.example/app", "host-.example/app", "host..example/app", ".host/app", "host./app",
        "user@host.example/app",
        "user:password@host.example/app", "https://host.example/app", "host.example//app", "host.example/app:1:2", "[::1/app", "[]/app",
        "[::1]5000/app",
        "host.example\\evil/app", "host.example%2f/app", "host.exa mple/app", "host.example\n/app", "\u0430.example/app", "MYHOST/app"})
  void whatIsNoReferenceIsRefused(String text) {
    assertThatThrownBy(() -> Reference.parse(text)).isInstanceOf(RegistryException.class);
  }

  @Test
  void aRepositoryWhoseNameBeginsLikeAHostIsNamedWithItsHostOnly() {
    var repository = new RepositoryName("a.b/c");

    assertThatThrownBy(() -> new Reference(null, repository, null, null)).isInstanceOf(RegistryException.class);
    assertThat(Reference.parse("host.example/a.b/c")).isEqualTo(new Reference("host.example", repository, null, null));
  }

  @Test
  void aLongHostOfManyPartsIsJudgedAtOnce() {
    assertThat(Reference.isHost("a.".repeat(127) + "b")).isTrue();
    assertThat(Reference.isHost("a.".repeat(127) + "bc")).isFalse();
    assertThat(Reference.isHost("a-".repeat(126) + ".-")).isFalse();
  }
}
