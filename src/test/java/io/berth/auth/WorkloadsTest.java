package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.policy.Identity;
import io.berth.policy.Wildcard;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WorkloadsTest {

  private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private Platform platform;
  private Workloads workloads;

  @BeforeEach
  void start() throws Exception {
    platform = new Platform();
    workloads = workloads(true, Map.of("repository", List.of(new Wildcard("acme/*"))));
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private Workloads workloads(boolean plain, Map<String, List<Wildcard>> claims) {
    return new Workloads(
        List.of(new Workloads.Provider("hub", new Issuer(platform.url(), plain, () -> now), List.of("berth", "other"), claims)),
        () -> now);
  }

  private Passwords.Found shown(String token) {
    return workloads.find(new Credentials.Basic(Workloads.USER, token));
  }

  private Passwords.Found claiming(Map<String, Object> changes) {
    var claims = new LinkedHashMap<>(platform.claims(now));
    changes.forEach((name, value) -> {
      if (value.equals("")) {
        claims.remove(name);
      } else {
        claims.put(name, value);
      }
    });
    return shown(platform.sign(claims));
  }

  @Test
  void aJobIsWhoItsPlatformSaysForAsLongAsItSays() {
    assertThat(claiming(Map.of())).isInstanceOfSatisfying(Passwords.Found.Good.class, good -> {
      assertThat(good.identity().name()).isEqualTo("workload:hub:repo:acme/app:ref:refs/heads/main");
      assertThat(good.identity()).isInstanceOf(Identity.Workload.class);
      assertThat(good.identity().claims()).containsEntry("repository", "acme/app");
      assertThat(good.until()).contains(now.plusSeconds(600));
    });
    assertThat(claiming(Map.of("aud", List.of("x", "other")))).isInstanceOf(Passwords.Found.Good.class);
  }

  @Test
  void whatIsMissingLateEarlyOrForOthersIsRefused() {
    long seconds = now.getEpochSecond();
    for (Map<String, Object> wrong : List.<Map<String, Object>>of(Map.of("aud", ""), Map.of("aud", "elsewhere"), Map.of("aud", List.of()),
        Map.of("aud", List.of(List.of("berth"))), Map.of("aud", 7), Map.of("iss", ""), Map.of("iss", "https://evil.example"),
        Map.of("iss", platform.url() + "/"), Map.of("exp", ""), Map.of("exp", seconds), Map.of("exp", "never"),
        Map.of("exp", seconds + 3L * 24 * 3600), Map.of("exp", Long.MAX_VALUE), Map.of("nbf", seconds + 61), Map.of("nbf", "x"),
        Map.of("iat", seconds + 61), Map.of("sub", ""), Map.of("sub", 7), Map.of("sub", "x".repeat(256)), Map.of("sub", "a\nb"),
        Map.of("repository", ""), Map.of("repository", "evil/app"), Map.of("repository", "acme"), Map.of("repository", List.of("evil/app")),
        Map.of("repository", Map.of("acme/x", "acme/x")))) {
      assertThat(claiming(wrong)).as("%s", wrong).isInstanceOf(Passwords.Found.Wrong.class);
    }
  }

  @Test
  void aClaimWithSeveralValuesIsFineIfOneOfThemIs() {
    assertThat(claiming(Map.of("repository", List.of("evil/app", "acme/app")))).isInstanceOf(Passwords.Found.Good.class);
    workloads = workloads(true, Map.of("run", List.of(new Wildcard("7")), "protected", List.of(new Wildcard("true"))));
    assertThat(claiming(Map.of("run", 7, "protected", true))).isInstanceOf(Passwords.Found.Good.class);
    assertThat(claiming(Map.of("run", 7, "protected", false))).isInstanceOf(Passwords.Found.Wrong.class);
  }

  @Test
  void onlyThePlatformsOwnSignatureCounts() throws Exception {
    Map<String, Object> claims = platform.claims(now);
    String good = platform.sign(claims);
    assertThat(shown(good)).isInstanceOf(Passwords.Found.Good.class);

    try (var other = new Platform()) {
      assertThat(shown(other.sign(claims))).as("signed by another one under the same name").isInstanceOf(Passwords.Found.Wrong.class);
      assertThat(shown(other.sign(Map.of("alg", "RS256", "jku", other.url() + "/keys"), claims))).as("which tells where its keys are")
          .isInstanceOf(Passwords.Found.Wrong.class);
      assertThat(other.fetches()).isZero();
    }
    for (String alg : List.of("none", "HS256", "PS256", "ES256", "RS512")) {
      assertThat(shown(platform.sign(Map.of("alg", alg, "kid", "first"), claims))).as(alg).isNotInstanceOf(Passwords.Found.Good.class);
    }
    assertThat(shown(platform.sign(Map.of("alg", "RS256", "crit", List.of("x"), "kid", "first"), claims)))
        .isNotInstanceOf(Passwords.Found.Good.class);
    assertThat(shown(good.substring(0, good.length() - 8) + "AAAAAAAA")).isInstanceOf(Passwords.Found.Wrong.class);
    assertThat(shown("no token")).as("which may be a user's password").isInstanceOf(Passwords.Found.Unknown.class);
    assertThat(workloads.find(new Credentials.Basic("alice", good))).isInstanceOf(Passwords.Found.Unknown.class);
  }

  @Test
  void keysAreFetchedOnceAndForAnUnknownOneAgainButNotAllTheTime() {
    for (int i = 0; i < 5; i++) {
      assertThat(claiming(Map.of())).isInstanceOf(Passwords.Found.Good.class);
    }
    assertThat(platform.fetches()).isEqualTo(1);

    platform.rotate("second");
    assertThat(claiming(Map.of())).as("within the pause").isInstanceOf(Passwords.Found.Wrong.class);
    now = now.plus(Duration.ofSeconds(61));
    assertThat(claiming(Map.of())).isInstanceOf(Passwords.Found.Good.class);
    for (int i = 0; i < 50; i++) {
      assertThat(shown(platform.sign(Map.of("alg", "RS256", "kid", "made up " + i), platform.claims(now))))
          .isInstanceOf(Passwords.Found.class);
    }
    assertThat(platform.fetches()).isEqualTo(2);
  }

  @Test
  void whileThePlatformIsAwayItsKeysOfTheLastDayGoOn() {
    assertThat(claiming(Map.of())).isInstanceOf(Passwords.Found.Good.class);
    platform.breakDown(true);

    now = now.plus(Duration.ofHours(23));
    assertThat(claiming(Map.of())).isInstanceOf(Passwords.Found.Good.class);
    now = now.plus(Duration.ofHours(2));
    assertThatThrownBy(() -> claiming(Map.of())).isInstanceOf(Passwords.UnavailableException.class);
    platform.breakDown(false);
    now = now.plus(Duration.ofMinutes(2));
    assertThat(claiming(Map.of())).isInstanceOf(Passwords.Found.Good.class);
  }

  @Test
  void nothingButHttpsIsSpokenUnlessTheOperatorSaysSo() {
    workloads = workloads(false, Map.of("repository", List.of(new Wildcard("*"))));

    assertThatThrownBy(() -> claiming(Map.of())).isInstanceOf(Passwords.UnavailableException.class);
    assertThat(platform.fetches()).isZero();
  }

  @Test
  void thePlatformCannotSendUsElsewhereForItsKeys() {
    for (String url : List.of("http://192.0.2.1/keys", "file:///etc/passwd", "https://127.0.0.2/keys", "https://169.254.169.254/keys",
        "https://10.0.0.1/keys", "https://[fd00::1]/keys", "https://user@127.0.0.1/keys", "", "keys")) {
      platform.keysAt(url);
      now = now.plus(Duration.ofMinutes(2));
      assertThatThrownBy(() -> claiming(Map.of())).as(url).isInstanceOf(Passwords.UnavailableException.class);
    }
    assertThat(Optional.of(platform.fetches())).contains(0);
  }

  @Test
  void aNameIsNotThisMachineHoweverItResolves() {
    assertThat(List.of("127.0.0.1", "127.0.0.9", "[::1]", "localhost")).allMatch(Issuer::isHere);
    assertThat(List.of("192.0.2.1", "[2001:db8::1]", "0.0.0.0", "localhost.localdomain", "ip6-localhost", "localhost.", "rebind.example"))
        .noneMatch(Issuer::isHere);
  }
}
