package io.berth.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HtpasswdTest {

  @TempDir Path folder;

  private static String hash(String password) {
    return BcryptFunction.getInstance(Bcrypt.Y, 4).hash(password).getResult();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("users"), text);
  }

  private Htpasswd users(String... lines) throws Exception {
    return Htpasswd.read(file(String.join("\n", lines)));
  }

  private static boolean verify(Htpasswd users, String user, String password) {
    return users.find(new Credentials.Basic(user, password)) instanceof Passwords.Found.Good;
  }

  @Test
  void theRightPasswordIsRightEachTime() throws Exception {
    Htpasswd users = users("# a comment", "", "alice:" + hash("secret"), "  bob:" + hash("other") + "  ");

    for (int i = 0; i < 3; i++) {
      assertThat(verify(users, "alice", "secret")).isTrue();
      assertThat(verify(users, "bob", "other")).isTrue();
    }
  }

  @Test
  void wrongPasswordsAndUnknownUsersAreRefusedEachTime() throws Exception {
    Htpasswd users = users("alice:" + hash("secret"), "bob:" + hash("other"));

    for (int i = 0; i < 2; i++) {
      assertThat(verify(users, "alice", "secret")).isTrue();
      assertThat(verify(users, "alice", "Secret")).isFalse();
      assertThat(verify(users, "alice", "secret ")).isFalse();
      assertThat(verify(users, "alice", "other")).isFalse();
      assertThat(verify(users, "Alice", "secret")).isFalse();
      assertThat(verify(users, "carol", "secret")).isFalse();
      assertThat(verify(users, "", "secret")).isFalse();
    }
  }

  /** What is done is counted rather than time. */
  @Test
  void whatFailsTakesTheSameWorkForEveryoneThoughHashesDifferInCost() throws Exception {
    var work = new ArrayList<String>();
    Path file = file("cheap:$2y$04$" + "a".repeat(53) + "\nmiddle:$2b$08$" + "b".repeat(53) + "\nother:$2b$08$" + "d".repeat(53)
        + "\ndear:$2a$12$" + "c".repeat(53));
    Htpasswd users = Htpasswd.read(file, (_, hash) -> {
      work.add(hash.substring(4, 6));
      return false;
    });
    for (String user : List.of("cheap", "middle", "other", "dear", "nobody", "")) {
      for (String password : List.of("wrong", "", "x".repeat(1_000))) {
        work.clear();
        assertThat(verify(users, user, password)).isFalse();
        assertThat(work).as("%s", user).containsExactlyInAnyOrder("04", "08", "12");
        work.clear();
        users.refuse(new Credentials.Basic(user, password));
        assertThat(work).as("where somebody else has refused").containsExactly("04", "08", "12");
      }
    }
  }

  @Test
  void aHashThatNobodyHasIsOneThatBcryptTakes() throws Exception {
    Htpasswd users = users("alice:" + hash("secret"), "dear:" + BcryptFunction.getInstance(Bcrypt.Y, 6).hash("secret").getResult());
    assertThat(verify(users, "nobody", "secret")).isFalse();
    assertThat(verify(users, "alice", "wrong")).isFalse();
    assertThat(verify(users, "alice", "secret")).isTrue();
  }

  @Test
  void theEmptyPasswordIsAPasswordLikeAnyOther() throws Exception {
    Htpasswd users = users("alice:" + hash("secret"));

    assertThat(verify(users, "alice", "")).isFalse();
    assertThat(verify(users, "carol", "")).isFalse();
  }

  @Test
  void aPasswordOfMoreThan72BytesIsRefusedEvenIfItsFirst72AreRight() throws Exception {
    String longest = "x".repeat(72);
    Htpasswd users = users("alice:" + hash(longest), "bob:" + hash("\u00e9".repeat(36)));

    assertThat(verify(users, "alice", longest)).isTrue();
    assertThat(verify(users, "alice", longest + "y")).isFalse();
    assertThat(verify(users, "alice", longest.repeat(10_000))).isFalse();
    assertThat(verify(users, "bob", "\u00e9".repeat(36))).isTrue();
    assertThat(verify(users, "bob", "\u00e9".repeat(36) + "e")).isFalse();
  }

  @Test
  void colonsAndOtherScriptsMayStandInPasswords() throws Exception {
    Htpasswd users = users("alice:" + hash("a:b:c"), "b\u00f6b:" + hash("\u20ac\ud83d\ude00"));

    assertThat(verify(users, "alice", "a:b:c")).isTrue();
    assertThat(verify(users, "alice", "a:b")).isFalse();
    assertThat(verify(users, "b\u00f6b", "\u20ac\ud83d\ude00")).isTrue();
  }

  /** bcrypt of "secret" with the prefixes in use, all of one meaning here. */
  @Test
  void thePrefixesInUseAreUnderstood() throws Exception {
    for (Bcrypt minor : new Bcrypt[] {Bcrypt.A, Bcrypt.B, Bcrypt.Y}) {
      Htpasswd users = users("alice:" + BcryptFunction.getInstance(minor, 4).hash("secret").getResult());
      assertThat(verify(users, "alice", "secret")).isTrue();
      assertThat(verify(users, "alice", "wrong")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alice", "alice:", ":hash", "alice:secret", "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "alice:$apr1$abc$def",
    "alice:$2x$04$00000000000000000000000000000000000000000000000000000", "alice:$2y$04$short",
    "alice:$2y$04$0000000000000000000000000000000000000000000000000000:0",
    "alice:$2y$03$00000000000000000000000000000000000000000000000000000",
    "alice:$2y$32$00000000000000000000000000000000000000000000000000000",
    "alice:$2y$99$00000000000000000000000000000000000000000000000000000"})
  void aLineThatIsWrongIsNamedByItsNumberAndNotShown(String line) throws IOException {
    Path file = file("# users\n\nbob:" + hash("x") + "\n" + line + "\n");

    assertThatThrownBy(() -> Htpasswd.read(file)).isInstanceOf(Htpasswd.InvalidFile.class).hasMessageContaining(file + ":4:")
        .hasMessageContaining("htpasswd -nB").message().doesNotContain("secret").doesNotContain("$2y$04");
  }

  @Test
  void aUserWhoStandsTwiceIsNamedByTheSecondLine() throws IOException {
    Path file = file("alice:" + hash("a") + "\nbob:" + hash("b") + "\nalice:" + hash("c") + "\n");

    assertThatThrownBy(() -> Htpasswd.read(file)).isInstanceOf(Htpasswd.InvalidFile.class).hasMessageContaining(file + ":3:")
        .hasMessageContaining("twice");
  }

  @Test
  void aFileWithoutUsersAFileThatIsMissingAndAFileThatIsNoTextAreRefusedInWords() throws IOException {
    Path empty = file("# nobody\n\n");
    assertThatThrownBy(() -> Htpasswd.read(empty)).isInstanceOf(Htpasswd.InvalidFile.class).hasMessageContaining("no user");
    assertThatThrownBy(() -> Htpasswd.read(folder.resolve("missing"))).isInstanceOf(Htpasswd.InvalidFile.class)
        .hasMessageContaining("missing: the password file can't be read");
    assertThatThrownBy(() -> Htpasswd.read(folder)).isInstanceOf(Htpasswd.InvalidFile.class).hasMessageContaining("can't be read");
    Path latin = Files.write(folder.resolve("latin"), ("b\u00f6b:" + hash("x")).getBytes(ISO_8859_1));
    assertThatThrownBy(() -> Htpasswd.read(latin)).isInstanceOf(Htpasswd.InvalidFile.class).hasMessageContaining("UTF-8");
  }
}
