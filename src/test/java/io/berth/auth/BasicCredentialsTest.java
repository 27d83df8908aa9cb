package io.berth.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.Strings;
import java.nio.charset.Charset;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BasicCredentialsTest {

  private static String encoded(String text, Charset charset) {
    return Base64.getEncoder().encodeToString(text.getBytes(charset));
  }

  private static BasicCredentials parse(String text) {
    return BasicCredentials.parse("Basic " + encoded(text, UTF_8));
  }

  @Test
  void nameAndPasswordAreParted() {
    assertThat(parse("alice:secret")).isEqualTo(new BasicCredentials("alice", "secret"));
    assertThat(parse("al\u00efce:g\u00f6heim")).isEqualTo(new BasicCredentials("al\u00efce", "g\u00f6heim"));
    assertThat(BasicCredentials.parse("bAsIC   " + encoded("alice:secret", UTF_8) + " "))
        .isEqualTo(new BasicCredentials("alice", "secret"));
  }

  @Test
  void thePasswordBeginsBehindTheFirstColon() {
    assertThat(parse("alice:a:b:")).isEqualTo(new BasicCredentials("alice", "a:b:"));
  }

  @Test
  void thePasswordMayBeEmptyButTheNameMayNot() {
    assertThat(parse("alice:")).isEqualTo(new BasicCredentials("alice", ""));
    assertThat(parse(":secret")).isNull();
    assertThat(parse("alice")).isNull();
    assertThat(parse("")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Basic", "Basic ", "Bearer abc", "Basic ====", "Basic !!!", "Basic YTpi YTpi", "Basic\tYTpi", "BasicYTpi",
    "Negotiate YTpi",
    "Basic -_-_", "Basic YTpi\u0430"})
  void whatIsNotOfTheFormIsNoCredentials(String header) {
    assertThat(BasicCredentials.parse(header)).isNull();
  }

  @Test
  void otherEncodingsAndControlsAreNoCredentials() {
    assertThat(BasicCredentials.parse("Basic " + encoded("al\u00efce:x", ISO_8859_1))).isNull();
    assertThat(parse("alice:\0")).isNull();
    assertThat(parse("al\nice:x")).isNull();
    assertThat(parse("alice:\u0085")).isNull();
    assertThat(parse("alice:\u007f")).isNull();
  }

  @Test
  void thePasswordIsNeverPrinted() {
    assertThat(parse("alice:secret").toString()).contains("alice").doesNotContain("secret");
  }

  @Test
  void anyTextIsEitherCredentialsOrNot() {
    Law.forAll(Strings.around(random -> "Basic " + encoded(Strings.any(random), UTF_8)), text -> {
      BasicCredentials credentials = BasicCredentials.parse(text);
      assertThat(credentials == null || !credentials.user().isEmpty()).isTrue();
    });
  }
}
