package io.berth.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.berth.oci.RepositoryName;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import io.berth.policy.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GateTest {

  private static final String HERE = "192.0.2.7";
  private static final Scope PUSH = new Scope.Repository(RepositoryName.parse("team/app"), Action.PUSH);
  private static final Scope ENTRY = new Scope.Entry();

  @TempDir Path folder;

  private Gate closed;
  private final Gate open = new Gate(AccessPolicy.OPEN, new Logins(List.of()), "");

  @BeforeEach
  void readUsers() throws Exception {
    String hash = BcryptFunction.getInstance(Bcrypt.Y, 4).hash("secret").getResult();
    closed = new Gate(AccessPolicy.USERS,
        new Logins(List.of(Htpasswd.read(Files.writeString(folder.resolve("users"), "alice:" + hash)))), "Berth");
  }

  private static Optional<String> basic(String credentials) {
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)));
  }

  @Test
  void goodCredentialsAreAdmittedUnderTheirName() {
    for (Scope scope : List.of(PUSH, ENTRY, new Scope.Catalogue())) {
      assertThat(closed.admit(basic("alice:secret"), HERE, scope)).isInstanceOfSatisfying(Admission.Admitted.class,
          admitted -> assertThat(admitted.rights().identity()).isEqualTo(new Identity.User("alice")));
    }
  }

  @Test
  void badCredentialsAndUnknownUsersAreChallengedInTheSameWords() {
    Admission wrong = closed.admit(basic("alice:wrong"), HERE, PUSH);
    Admission unknown = closed.admit(basic("carol:secret"), HERE, PUSH);

    assertThat(wrong).isInstanceOf(Admission.Challenged.class).isEqualTo(unknown).isEqualTo(closed.admit(basic("alice:"), HERE, ENTRY))
        .isEqualTo(closed.admit(basic("alice:" + "x".repeat(100)), HERE, ENTRY));
  }

  @Test
  void withoutCredentialsAClosedRegistryChallenges() {
    assertThat(closed.admit(Optional.empty(), HERE, ENTRY)).isInstanceOfSatisfying(Admission.Challenged.class,
        challenged -> assertThat(challenged.challenge().text(path -> Optional.of("https://r" + path)))
            .isEqualTo("Basic realm=\"Berth\", charset=\"UTF-8\""));
    assertThat(closed.admit(Optional.empty(), HERE, PUSH)).isInstanceOf(Admission.Challenged.class);
  }

  @Test
  void whatIsNoBasicHeaderIsChallenged() {
    for (String header : List.of("", "Basic", "Basic !", "Bearer " + "x".repeat(5_000),
        "Basic " + Base64.getEncoder().encodeToString(new byte[] {-1}))) {
      assertThat(closed.admit(Optional.of(header), HERE, PUSH)).isInstanceOf(Admission.Challenged.class);
    }
  }

  @Test
  void anOpenRegistryDoesNotLookAtCredentials() {
    for (Optional<String> header : List.of(Optional.<String>empty(), basic("alice:wrong"), Optional.of("Bearer x"))) {
      assertThat(open.admit(header, HERE, PUSH)).isInstanceOfSatisfying(Admission.Admitted.class,
          admitted -> assertThat(admitted.rights().identity()).isEqualTo(new Identity.Anonymous()));
      assertThat(open.admitAtOnce(header, PUSH)).isInstanceOf(Admission.Admitted.class);
    }
  }

  @Test
  void whatIsDecidedAtOnceIsDecidedInTheSameWay() {
    assertThat(closed.admitAtOnce(Optional.empty(), PUSH)).isEqualTo(closed.admit(Optional.empty(), HERE, PUSH));
    assertThat(closed.admitAtOnce(basic("alice:wrong"), PUSH)).as("credentials that were never checked").isNull();
  }

  @Test
  void whatTheGateSaysNeverHoldsThePassword() {
    assertThat(closed.admit(basic("alice:secret"), HERE, PUSH).toString()).doesNotContain("secret");
    assertThat(closed.admit(basic("alice:Wr0ng"), HERE, PUSH).toString()).doesNotContain("Wr0ng");
  }
}
