package io.berth.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.Strings;
import java.nio.charset.Charset;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code Authorization} header. */
final class CredentialsTest {

  private static String encoded(String text, Charset charset) {
    return Base64.getEncoder().encodeToString(text.getBytes(charset));
  }

  private static Credentials parse(String text) {
    return header("Basic " + encoded(text, UTF_8));
  }

  private static Credentials header(String text) {
    return Credentials.parse(Optional.of(text));
  }

  @Test
  void nameAndPasswordAreParted() {
    assertThat(parse("alice:secret")).isEqualTo(new Credentials.Basic("alice", "secret"));
    assertThat(parse("al\u00efce:g\u00f6heim")).isEqualTo(new Credentials.Basic("al\u00efce", "g\u00f6heim"));
    assertThat(header("bAsIC   " + encoded("alice:secret", UTF_8) + " "))
        .isEqualTo(new Credentials.Basic("alice", "secret"));
  }

  @Test
  void thePasswordBeginsBehindTheFirstColon() {
    assertThat(parse("alice:a:b:")).isEqualTo(new Credentials.Basic("alice", "a:b:"));
  }

  @Test
  void thePasswordMayBeEmptyButTheNameMayNot() {
    assertThat(parse("alice:")).isEqualTo(new Credentials.Basic("alice", ""));
    assertThat(parse(":secret")).isInstanceOf(Credentials.Unreadable.class);
    assertThat(parse("alice")).isInstanceOf(Credentials.Unreadable.class);
    assertThat(parse("")).isInstanceOf(Credentials.Unreadable.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Basic", "Basic ", "Bearer ", "Bearer", "Basic ====", "Basic !!!", "Basic YTpi YTpi", "Basic\tYTpi", "BasicYTpi",
        "Negotiate YTpi",
        "Basic -_-_", "Basic YTpi\u0430"})
  void whatIsNotOfTheFormIsNoCredentials(String header) {
    assertThat(header(header)).isInstanceOf(Credentials.Unreadable.class);
  }

  @Test
  void otherEncodingsAndControlsAreNoCredentials() {
    assertThat(header("Basic " + encoded("al\u00efce:x", ISO_8859_1))).isInstanceOf(Credentials.Unreadable.class);
    assertThat(parse("alice:\0")).isInstanceOf(Credentials.Unreadable.class);
    assertThat(parse("al\nice:x")).isInstanceOf(Credentials.Unreadable.class);
    assertThat(parse("alice:\u0085")).isInstanceOf(Credentials.Unreadable.class);
    assertThat(parse("alice:\u007f")).isInstanceOf(Credentials.Unreadable.class);
  }

  @Test
  void aTokenIsTakenAsItIsUnlessItIsVeryLong() {
    assertThat(header("bearer a.b-c_d~e+f/g==")).isEqualTo(new Credentials.Bearer("a.b-c_d~e+f/g=="));
    assertThat(header("Bearer " + "x".repeat(Credentials.Bearer.LONGEST))).isInstanceOf(Credentials.Bearer.class);
    assertThat(header("Bearer " + "x".repeat(Credentials.Bearer.LONGEST + 1))).isInstanceOf(Credentials.Unreadable.class);
  }

  @Test
  void secretsAreNeverPrinted() {
    assertThat(parse("alice:secret").toString()).contains("alice").doesNotContain("secret");
    assertThat(header("Bearer secret").toString()).doesNotContain("secret");
  }

  @Test
  void anyTextIsEitherCredentialsOrNot() {
    Law.forAll(Strings.around(random -> "Basic " + encoded(Strings.any(random), UTF_8)), text -> {
      assertThat(!(header(text) instanceof Credentials.Basic basic) || !basic.user().isEmpty()).isTrue();
    });
  }
}
