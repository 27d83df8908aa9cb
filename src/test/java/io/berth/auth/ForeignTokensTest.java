package io.berth.auth;

import static io.berth.auth.TokenStand.HERE;
import static io.berth.auth.TokenStand.bearer;
import static io.berth.auth.TokenStand.policy;
import static io.berth.auth.TokenStand.rule;
import static io.berth.auth.TokenStand.scope;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Json;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import io.berth.policy.Scope;
import io.berth.signing.Algorithm;
import io.berth.signing.PublicKeySet;
import io.berth.signing.TrustRoots;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of an issuer elsewhere, at the gate. */
final class ForeignTokensTest {

  private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private Platform issuer;
  private Gate gate;

  @BeforeEach
  void start() throws Exception {
    issuer = new Platform();
    gate = gate(EnumSet.allOf(Algorithm.class));
  }

  @AfterEach
  void stop() {
    issuer.close();
  }

  private Gate gate(EnumSet<Algorithm> algorithms) throws Exception {
    var keys = PublicKeySet.parse(Json.write(Map.of("keys", issuer.published())).getBytes(UTF_8));
    var tokens = new ForeignTokens(
        new ForeignTokens.Terms(Optional.of("https://auth.example/token"), "/auth/token", "registry", "us", keys, TrustRoots.NONE,
            algorithms),
        () -> now);
    return new Gate(policy(rule("anyone", "public/*", Action.PULL), rule("user:*", "**", Action.ADMIN)), new Logins(List.of()), "Berth",
        Optional.of(tokens), Epochs.NEVER);
  }

  private Map<String, Object> claims() {
    var claims = new LinkedHashMap<String, Object>();
    claims.put("iss", "us");
    claims.put("aud", "registry");
    claims.put("sub", "alice");
    claims.put("iat", now.getEpochSecond());
    claims.put("nbf", now.getEpochSecond());
    claims.put("exp", now.getEpochSecond() + 300);
    claims.put("access", List.of(Map.of("type", "repository", "name", "team/app", "actions", List.of("pull", "push"))));
    return claims;
  }

  private Admission shown(Map<String, Object> claims, Scope scope) {
    return gate.admit(bearer(issuer.sign(claims)), HERE, scope);
  }

  @Test
  void whatTheTokenNamesIsAllowedAndWhatIsPublic() {
    assertThat(shown(claims(), scope("team/app", Action.PUSH))).isInstanceOfSatisfying(Admission.Admitted.class, admitted -> {
      assertThat(admitted.rights().identity()).isEqualTo(new Identity.Bearer("alice"));
      assertThat(admitted.rights().access(RepositoryName.parse("team/app")).mayEverywhere(Action.PUSH)).isTrue();
      assertThat(admitted.rights().access(RepositoryName.parse("team/lib")).may(Action.PULL)).isFalse();
    });
    assertThat(shown(claims(), scope("public/x", Action.PULL))).isInstanceOf(Admission.Admitted.class);
    assertThat(shown(claims(), new Scope.Entry())).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void forTheRestAWiderOneIsAskedForWhereTheyAreMade() {
    for (Scope scope : List.of(scope("team/app", Action.DELETE), scope("team/lib", Action.PULL), scope("team/app", Action.ADMIN),
        new Scope.Administration())) {
      assertThat(shown(claims(), scope)).as("%s", scope).isInstanceOfSatisfying(Admission.Challenged.class,
          challenged -> assertThat(challenged.challenge().text(_ -> Optional.empty()))
              .startsWith("Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"")
              .endsWith("error=\"insufficient_scope\""));
    }
  }

  @Test
  void aNameInATokenIsNoNameOfOurs() {
    var claims = claims();
    claims.put("sub", "user:root");

    assertThat(shown(claims, scope("team/lib", Action.PULL))).isInstanceOf(Admission.Challenged.class);
  }

  @Test
  void whatIsLateOrForOthersIsRefused() {
    long seconds = now.getEpochSecond();
    for (Map<String, Object> wrong : List.<Map<String, Object>>of(Map.of("iss", "them"), Map.of("aud", "other"), Map.of("aud", List.of()),
        Map.of("exp", seconds - 60), Map.of("exp", "x"), Map.of("nbf", seconds + 61))) {
      var claims = claims();
      claims.putAll(wrong);
      assertThat(shown(claims, new Scope.Entry())).as("%s", wrong).isInstanceOf(Admission.Challenged.class);
    }
    var endless = claims();
    endless.remove("exp");
    assertThat(shown(endless, new Scope.Entry())).isInstanceOf(Admission.Challenged.class);
  }

  /** As Distribution has it. */
  @Test
  void theClockOfTheIssuerMayDifferByAMinute() {
    var claims = claims();
    claims.put("exp", now.getEpochSecond() - 59);
    String late = issuer.sign(claims);
    claims.put("exp", now.getEpochSecond() + 300);
    claims.put("nbf", now.getEpochSecond() + 60);
    claims.put("iat", now.getEpochSecond() + 60);

    assertThat(shown(claims, new Scope.Entry())).as("early").isInstanceOf(Admission.Admitted.class);
    assertThat(gate.admit(bearer(late), HERE, new Scope.Entry())).as("late").isInstanceOf(Admission.Admitted.class);
    now = now.plusSeconds(1);
    assertThat(gate.admit(bearer(late), HERE, new Scope.Entry())).as("too late, though it is known")
        .isInstanceOf(Admission.Challenged.class);
  }

  @Test
  void onlyNamedKeysAndAlgorithmsCount() throws Exception {
    try (var other = new Platform()) {
      assertThat(gate.admit(bearer(other.sign(claims())), HERE, new Scope.Entry())).isInstanceOf(Admission.Challenged.class);
      assertThat(gate.admit(bearer(other.sign(Map.of("alg", "RS256", "jwk", other.published().getLast()), claims())), HERE,
          new Scope.Entry())).as("with its own key in it").isInstanceOf(Admission.Challenged.class);
    }
    assertThat(gate.admit(bearer(issuer.sign(Map.of("alg", "RS256", "kid", "ABCD:EFGH"), claims())), HERE, new Scope.Entry()))
        .as("a name of the key as other programs make it").isInstanceOf(Admission.Admitted.class);
    assertThat(gate.admit(bearer(issuer.sign(Map.of("alg", "RS256", "x5c", List.of("MIIB")), claims())), HERE, new Scope.Entry()))
        .as("with a certificate that nobody trusts").isInstanceOf(Admission.Challenged.class);
    gate = gate(EnumSet.of(Algorithm.ES256));
    assertThat(shown(claims(), new Scope.Entry())).isInstanceOf(Admission.Challenged.class);
  }
}
