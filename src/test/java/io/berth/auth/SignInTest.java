package io.berth.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.auth.SignIn.Outcome;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.RegistryException;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Wildcard;
import java.net.URLDecoder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins with a browser, the browser being this test. */
final class SignInTest {

  private static final String BASE = "https://registry.example.com/inner/v2/_berth/login";

  @TempDir Path folder;

  private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private Platform provider;
  private MetadataStore store;
  private AccountCache cache;
  private ApiKeys keys;
  private SignIn signIn;

  @BeforeEach
  void start() throws Exception {
    provider = new Platform();
    store = SqliteMetadataStore.open(folder.resolve("names.db"));
    cache = new AccountCache(store);
    keys = new ApiKeys(store, cache, () -> now, Set.of("corp"));
    signIn = signIn("preferred_username", Map.of());
  }

  @AfterEach
  void stop() throws Exception {
    store.close();
    provider.close();
  }

  private SignIn signIn(String username, Map<String, List<Wildcard>> claims) {
    var corp = new SignIn.Provider(new Issuer(provider.url(), true, () -> now), "berth client", Optional.of("s:cret"),
        List.of("openid", "profile"), username, "groups", claims, Duration.ofHours(8));
    return new SignIn(Map.of("corp", corp), BASE, new SignInStates(() -> now), keys, () -> now);
  }

  /** What the browser was sent to the provider with. */
  private record Sent(Map<String, String> query, String cookie) {

    SignIn.Answer back(String code) {
      return new SignIn.Answer(Optional.of(code), Optional.of(query.get("state")), Optional.empty(), Optional.empty(), Optional.of(cookie));
    }
  }

  private Sent begin() {
    SignIn.Begun begun = signIn.begin("corp").orElseThrow();
    var query = new LinkedHashMap<String, String>();
    for (String field : begun.location().getRawQuery().split("&", -1)) {
      query.put(field.substring(0, field.indexOf('=')), URLDecoder.decode(field.substring(field.indexOf('=') + 1), UTF_8));
    }
    return new Sent(query, begun.cookie());
  }

  private Map<String, Object> claims(Sent sent) {
    Map<String, Object> claims = provider.claims(now);
    claims.put("aud", "berth client");
    claims.put("nonce", sent.query.get("nonce"));
    claims.put("preferred_username", "alice");
    claims.put("groups", List.of("/dev", "bad*", "ops", 7));
    return claims;
  }

  private Outcome claiming(Map<String, Object> changes) {
    Sent sent = begin();
    Map<String, Object> claims = claims(sent);
    changes.forEach((name, value) -> {
      if (value.equals("")) {
        claims.remove(name);
      } else {
        claims.put(name, value);
      }
    });
    provider.redeems(_ -> Map.of("id_token", provider.sign(claims)));
    return signIn.end("corp", sent.back("code")).orElseThrow();
  }

  private Passwords.Found login(String user, String key) {
    var place =
        new KeysOfPeople(new AccountPasswords(cache, new PasswordHashes(), (login, groups) -> Optional.of(new Identity.User(login, groups,
            Map.of(), false)), () -> now));
    return place.find(new Credentials.Basic(user, key));
  }

  @Test
  void whoeverTheProviderVouchesForGetsAKeyThatIsTheirPasswordForAWhile() {
    Outcome.Welcome welcome = (Outcome.Welcome) claiming(Map.of());

    assertThat(welcome.user().name()).isEqualTo("user:corp/alice");
    assertThat(welcome.key().key().expires()).isEqualTo(now.plus(Duration.ofHours(8)));
    String key = welcome.key().secret().reveal();
    assertThat(login("corp/alice", key)).isInstanceOfSatisfying(Passwords.Found.Good.class, good -> {
      assertThat(good.identity().name()).isEqualTo("user:corp/alice");
      assertThat(good.identity().groups()).containsExactlyInAnyOrder("/dev", "ops");
      assertThat(good.until()).contains(now.plus(Duration.ofHours(8)));
      assertThat(good.fleeting()).isTrue();
    });
    assertThat(login("alice", key)).isNotInstanceOf(Passwords.Found.Good.class);
    assertThat(login("corp/bob", key)).isNotInstanceOf(Passwords.Found.Good.class);
    now = now.plus(Duration.ofHours(8));
    assertThat(login("corp/alice", key)).isNotInstanceOf(Passwords.Found.Good.class);
  }

  @Test
  void theCodeIsRedeemedWithTheSecretAndTheProofThatItIsForThisLogin() {
    Sent sent = begin();
    provider.redeems(_ -> Map.of("id_token", provider.sign(claims(sent))));
    assertThat(sent.query).containsEntry("response_type", "code").containsEntry("client_id", "berth client")
        .containsEntry("redirect_uri", BASE + "/corp/callback").containsEntry("scope", "openid profile")
        .containsEntry("code_challenge_method", "S256").containsEntry("theme", "plain").doesNotContainKey("code_verifier");
    assertThat(signIn.end("corp", sent.back("the code"))).containsInstanceOf(Outcome.Welcome.class);

    Platform.Redemption redemption = provider.redemptions().getLast();
    assertThat(redemption.form()).containsEntry("grant_type", "authorization_code").containsEntry("code", "the code")
        .containsEntry("redirect_uri", BASE + "/corp/callback").containsEntry("client_id", "berth client");
    String verifier = redemption.form().get("code_verifier");
    assertThat(verifier).hasSizeBetween(43, 128);
    assertThat(Base64.getUrlEncoder().withoutPadding()
        .encodeToString(HexFormat.of().parseHex(Digest.Algorithm.SHA256.of(verifier.getBytes(UTF_8)).encoded())))
        .isEqualTo(sent.query.get("code_challenge"));
    assertThat(redemption.authorization())
        .isEqualTo("Basic " + Base64.getEncoder().encodeToString("berth+client:s%3Acret".getBytes(UTF_8)));
  }

  @Test
  void aLoginEndsOnceInTheBrowserWhereItBeganAndInTime() {
    Sent sent = begin();
    Sent other = begin();
    provider.redeems(_ -> Map.of("id_token", provider.sign(claims(sent))));
    SignIn.Answer good = sent.back("code");
    for (SignIn.Answer wrong : List.of(answer("code", Optional.of(other.query.get("state")), Optional.of(sent.cookie)),
        answer("code", good.state(), Optional.of(other.cookie)), answer("code", good.state(), Optional.empty()),
        answer("code", Optional.empty(), good.cookie()), answer("code", Optional.of(""), good.cookie()),
        answer("code", good.state(), Optional.of("")), answer("code", good.state(), Optional.of(sent.cookie + "0")),
        answer("code", good.state(), Optional.of("9" + sent.cookie)),
        answer("code", good.state(), Optional.of("9".repeat(400) + ".x.y")))) {
      assertThat(signIn.end("corp", wrong)).as("%s", wrong).containsInstanceOf(Outcome.Refused.class);
    }
    assertThat(provider.redemptions()).isEmpty();
    assertThat(signIn.end("corp", good)).containsInstanceOf(Outcome.Welcome.class);
    assertThat(signIn.end("corp", good)).as("once more").containsInstanceOf(Outcome.Refused.class);
    assertThat(provider.redemptions()).hasSize(1);

    now = now.plus(SignInStates.LIFE);
    assertThat(signIn.end("corp", other.back("code"))).as("too late").containsInstanceOf(Outcome.Refused.class);
  }

  private static SignIn.Answer answer(String code, Optional<String> state, Optional<String> cookie) {
    return new SignIn.Answer(Optional.of(code), state, Optional.empty(), Optional.empty(), cookie);
  }

  @Test
  void anAnswerOfSomebodyElseOrWithoutACodeIsNone() {
    for (Optional<String> code : List.of(Optional.<String>empty(), Optional.of(""), Optional.of("x".repeat(5_000)))) {
      Sent sent = begin();
      assertThat(
          signIn.end("corp", new SignIn.Answer(code, sent.back("").state(), Optional.empty(), Optional.empty(), Optional.of(sent.cookie))))
          .containsInstanceOf(Outcome.Refused.class);
    }
    Sent mixed = begin();
    assertThat(signIn.end("corp", new SignIn.Answer(Optional.of("code"), mixed.back("").state(), Optional.of("https://evil.example"),
        Optional.empty(), Optional.of(mixed.cookie)))).containsInstanceOf(Outcome.Refused.class);
    Sent refused = begin();
    assertThat(signIn.end("corp", new SignIn.Answer(Optional.of("code"), refused.back("").state(), Optional.of(provider.url()),
        Optional.of("<script>"), Optional.of(refused.cookie)))).contains(new Outcome.Refused(403, "the provider has not let you in"));
    assertThat(provider.redemptions()).isEmpty();
    assertThat(signIn.begin("other")).isEmpty();
    assertThat(signIn.end("other", mixed.back("code"))).isEmpty();
  }

  @Test
  void whatIsMissingLateEarlyOrForOthersIsRefused() {
    long seconds = now.getEpochSecond();
    for (Map<String, Object> wrong : List.<Map<String, Object>>of(Map.of("aud", ""), Map.of("aud", "elsewhere"), Map.of("aud", List.of()),
        Map.of("aud", List.of("berth client", "elsewhere")), Map.of("azp", "elsewhere"), Map.of("azp", 7), Map.of("iss", ""),
        Map.of("iss", "https://evil.example"), Map.of("iss", provider.url() + "/"), Map.of("exp", ""), Map.of("exp", seconds),
        Map.of("exp", "never"), Map.of("nbf", seconds + 61), Map.of("iat", ""), Map.of("iat", seconds + 61), Map.of("sub", ""),
        Map.of("nonce", ""), Map.of("nonce", "another"), Map.of("nonce", 7), Map.of("preferred_username", ""),
        Map.of("preferred_username", 7),
        Map.of("preferred_username", "corp/root"), Map.of("preferred_username", "a b"), Map.of("preferred_username", "a:b"),
        Map.of("preferred_username", "<b>"), Map.of("preferred_username", "x".repeat(129)), Map.of("preferred_username", "../root"))) {
      assertThat(claiming(wrong)).as("%s", wrong).isInstanceOf(Outcome.Refused.class);
    }
    assertThat(claiming(Map.of("aud", List.of("berth client", "elsewhere"), "azp", "berth client"))).isInstanceOf(Outcome.Welcome.class);
  }

  @Test
  void onlyTheProvidersOwnSignatureCounts() throws Exception {
    try (var other = new Platform()) {
      List<Function<Map<String, Object>, Object>> forgeries = List.of(other::sign, claims -> provider.sign(Map.of("alg", "none"), claims),
          claims -> without(provider.sign(Map.of("alg", "none"), claims)), claims -> without(provider.sign(claims)),
          claims -> provider.sign(Map.of("alg", "HS256", "kid", "first"), claims),
          claims -> provider.sign(Map.of("alg", "RS256", "kid", "first", "crit", List.of("x")), claims),
          claims -> other.sign(Map.of("alg", "RS256", "jku", other.url() + "/keys"), claims), claims -> List.of(provider.sign(claims)),
          claims -> provider.sign(claims) + ".x", _ -> "x", _ -> 7);
      for (int i = 0; i < forgeries.size(); i++) {
        Sent sent = begin();
        Object forged = forgeries.get(i).apply(claims(sent));
        provider.redeems(_ -> Map.of("id_token", forged));
        assertThat(signIn.end("corp", sent.back("code"))).as("forgery %s", i).containsInstanceOf(Outcome.Refused.class);
      }
      assertThat(other.fetches()).isZero();
    }
    Sent sent = begin();
    Sent another = begin();
    provider.redeems(_ -> Map.of("id_token", provider.sign(claims(another))));
    assertThat(signIn.end("corp", sent.back("code"))).as("of another login").containsInstanceOf(Outcome.Refused.class);
    assertThat(claiming(Map.of())).isInstanceOf(Outcome.Welcome.class);
  }

  private static String without(String signed) {
    return signed.substring(0, signed.lastIndexOf('.') + 1);
  }

  @Test
  void aMailAddressIsANameIfTheProviderHasVerifiedIt() {
    signIn = signIn("email", Map.of());
    assertThat(claiming(Map.of("email", "alice@example.com"))).isInstanceOf(Outcome.Refused.class);
    assertThat(claiming(Map.of("email", "alice@example.com", "email_verified", "false"))).isInstanceOf(Outcome.Refused.class);
    assertThat(claiming(Map.of("email", "alice@example.com", "email_verified", true))).isInstanceOf(Outcome.Welcome.class);
  }

  @Test
  void theOperatorSaysWhomOfTheProviderItIsFor() {
    signIn = signIn("preferred_username", Map.of("hd", List.of(new Wildcard("example.com"))));
    assertThat(claiming(Map.of())).isInstanceOf(Outcome.Refused.class);
    assertThat(claiming(Map.of("hd", "evil.example"))).isInstanceOf(Outcome.Refused.class);
    assertThat(claiming(Map.of("hd", "example.com"))).isInstanceOf(Outcome.Welcome.class);
  }

  @Test
  void theNextLoginChangesTheGroupsOfAllTheirKeysAndEndsTheOldestOfMany() {
    String first = ((Outcome.Welcome) claiming(Map.of())).key().secret().reveal();
    long epoch = cache.epoch(new Identity.User("corp/alice"));
    now = now.plusSeconds(1);
    claiming(Map.of("groups", List.of("ops")));
    assertThat(login("corp/alice", first)).isInstanceOfSatisfying(Passwords.Found.Good.class,
        good -> assertThat(good.identity().groups()).containsExactly("ops"));
    assertThat(cache.epoch(new Identity.User("corp/alice"))).as("and the tokens of before").isGreaterThan(epoch);

    for (int i = 0; i < ApiKeys.MOST_SIGNED_IN; i++) {
      now = now.plusSeconds(1);
      claiming(Map.of("groups", "ops"));
    }
    assertThat(keys.list("user:corp/alice", "", 100)).hasSize(ApiKeys.MOST_SIGNED_IN);
    assertThat(login("corp/alice", first)).isNotInstanceOf(Passwords.Found.Good.class);
  }

  @Test
  void aKeyIsNoWayToGetOneThatLastsLonger() {
    Outcome.Welcome welcome = (Outcome.Welcome) claiming(Map.of());
    var rights = new Rights(AccessPolicy.USERS, welcome.user());

    assertThatThrownBy(() -> keys.add(rights, new ApiKeys.Wanted("", Optional.empty(), null))).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> keys.rotate(rights, welcome.key().key().id(), Duration.ZERO)).isInstanceOf(RegistryException.class);
    keys.remove(rights, welcome.key().key().id(), false);
    assertThat(login("corp/alice", welcome.key().secret().reveal())).isNotInstanceOf(Passwords.Found.Good.class);
  }

  @Test
  void aProviderThatDoesNotAnswerOrSendsElsewhereLetsNobodyInAndRefusesNobody() {
    Sent sent = begin();
    provider.redeems(_ -> 500);
    assertThatThrownBy(() -> signIn.end("corp", sent.back("code"))).isInstanceOf(Passwords.UnavailableException.class);
    provider.redeems(_ -> 302);
    assertThat(signIn.end("corp", begin().back("code"))).as("without going there").containsInstanceOf(Outcome.Refused.class);
    provider.redeems(_ -> 400);
    assertThat(signIn.end("corp", begin().back("code"))).containsInstanceOf(Outcome.Refused.class);
    provider.redeems(_ -> List.of("x".repeat(2 << 20)));
    assertThatThrownBy(() -> signIn.end("corp", begin().back("code"))).isInstanceOf(Passwords.UnavailableException.class);

    provider.breakDown(true);
    now = now.plus(Duration.ofDays(2));
    assertThatThrownBy(() -> signIn.begin("corp")).isInstanceOf(Passwords.UnavailableException.class);
  }

  @Test
  void whatAProviderSaysOfItselfSendsNobodyElsewhere() {
    for (Map.Entry<String, String> lie : List.of(Map.entry("authorization_endpoint", "javascript:alert(1)"),
        Map.entry("authorization_endpoint", "http://evil.example/"), Map.entry("authorization_endpoint", "//evil.example/"),
        Map.entry("authorization_endpoint", "https://user@evil.example/"), Map.entry("authorization_endpoint", "https://evil.example/#x"),
        Map.entry("issuer", "https://evil.example"))) {
      provider.says(lie.getKey(), lie.getValue());
      assertThatThrownBy(() -> signIn("x", Map.of()).begin("corp")).as("%s", lie).isInstanceOf(Passwords.UnavailableException.class);
      provider.says("authorization_endpoint", provider.url() + "/authorize");
    }
    provider.says("issuer", provider.url());
    for (String inside : List.of("https://10.0.0.1/token", "https://169.254.169.254/token", "http://192.0.2.1/token",
        "file:///etc/passwd")) {
      provider.says("token_endpoint", inside);
      signIn = signIn("preferred_username", Map.of());
      Sent sent = begin();
      assertThatThrownBy(() -> signIn.end("corp", sent.back("code"))).as(inside).isInstanceOf(Passwords.UnavailableException.class);
    }
  }
}
