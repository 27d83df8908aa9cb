package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.RegistryException;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made with a key, or with what was got with it, through the gate: it ends with the key at the latest, and is good for no more. */
final class KeysOfKeysTest {

  private static final Scope SELF = new Scope.Self();
  private static final Grant ALL = Grant.EVERYTHING;
  private static final Grant PULL = new Grant(List.of(new Glob("team/**")), List.of(), Set.of(Action.PULL));
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;

  private TokenStand stand;
  private MetadataStore store;
  private Accounts accounts;
  private ApiKeys keys;
  private Logins logins;
  private AccountCache cache;
  private Tokens tokens;

  @BeforeEach
  void open() {
    stand = new TokenStand(folder);
    store = SqliteMetadataStore.open(folder.resolve("accounts.db"));
    cache = new AccountCache(store, System::nanoTime);
    var hashes = new PasswordHashes();
    accounts = new Accounts(store, cache, hashes, stand.clock);
    keys = new ApiKeys(store, cache, stand.clock);
    logins = new Logins(List.of(new AccountPasswords(cache, hashes, AccountPasswords.NOWHERE, stand.clock)));
    tokens = stand.node("one");
    accounts.addUser(new Accounts.Wanted("alice", List.of(), false, null), "alice's secret");
  }

  @AfterEach
  void close() {
    store.close();
    stand.close();
  }

  private Gate gate() {
    return new Gate(AccessPolicy.USERS, logins, "Berth", Optional.of(tokens), cache);
  }

  /** As whom the gate lets in. */
  private Rights rights(Optional<String> authorization) {
    assertThat(gate().admit(authorization, TokenStand.HERE, SELF)).isInstanceOf(Admission.Admitted.class);
    return ((Admission.Admitted) gate().admit(authorization, TokenStand.HERE, SELF)).rights();
  }

  private Optional<String> with(ApiKey.Made key) {
    return TokenStand.basic("alice", key.secret().reveal());
  }

  private static Optional<String> password() {
    return TokenStand.basic("alice", "alice's secret");
  }

  private TokenService.Outcome.Issued token(TokenService.Proof proof) {
    var service = new TokenService(AccessPolicy.USERS, logins, cache, tokens, TokenStand.TERMS, stand.clock);
    return (TokenService.Outcome.Issued) service.issue(TokenStand.ask(proof, "registry:account:*"));
  }

  private TokenService.Outcome.Issued token(Optional<String> authorization) {
    return token(new TokenService.Proof.Header(authorization));
  }

  private ApiKey.Made add(Optional<String> authorization, Optional<List<Grant>> ceiling, @Nullable Instant expires) {
    return keys.add(rights(authorization), new ApiKeys.Wanted("", ceiling, expires));
  }

  private ApiKey.Made add(Optional<String> authorization) {
    return add(authorization, Optional.empty(), null);
  }

  private ApiKey.Made oneFor(Duration time, Optional<List<Grant>> ceiling) {
    return add(password(), ceiling, in(time));
  }

  private Instant in(Duration time) {
    return stand.clock.instant().plus(time);
  }

  @Test
  void aKeyThatIsMadeWithAKeyEndsWithIt() {
    assertThat(add(with(oneFor(HOUR, Optional.empty()))).key().expires()).isEqualTo(in(HOUR));
    assertThat(add(with(oneFor(HOUR, Optional.of(List.of(ALL))))).key().expires()).as("with a ceiling").isEqualTo(in(HOUR));
    assertThat(add(with(oneFor(HOUR, Optional.empty())), Optional.empty(), in(Duration.ofMinutes(5))).key().expires()).as("or before")
        .isEqualTo(in(Duration.ofMinutes(5)));
  }

  @Test
  void whoWantsOneThatLastsLongerIsToldSo() {
    Optional<String> short_ = with(oneFor(HOUR, Optional.empty()));
    assertThatThrownBy(() -> add(short_, Optional.empty(), in(HOUR).plusSeconds(1))).isInstanceOfSatisfying(RegistryException.class,
        refused -> assertThat(refused.status()).isEqualTo(403)).hasMessageContaining("end before that");
  }

  @Test
  void neitherATokenNorARefreshTokenIsAWayAround() {
    Optional<String> key = with(oneFor(HOUR, Optional.of(List.of(PULL))));
    TokenService.Outcome.Issued got = token(key);
    ApiKey byToken = add(TokenStand.bearer(got.token())).key();
    ApiKey byRefresh =
        add(TokenStand.bearer(token(new TokenService.Proof.Refresh(String.valueOf(got.refresh()))).token())).key();

    assertThat(List.of(byToken, byRefresh)).allSatisfy(made -> {
      assertThat(made.expires()).isEqualTo(in(HOUR));
      assertThat(made.ceiling()).contains(List.of(PULL));
    });
    Optional<String> bearer = TokenStand.bearer(got.token());
    assertThatThrownBy(() -> add(bearer, Optional.of(List.of(ALL)), null)).hasMessageContaining("good for less");
    assertThatThrownBy(() -> add(bearer, Optional.empty(), in(HOUR).plusSeconds(1))).hasMessageContaining("end before that");
  }

  @Test
  void aTokenOfAPasswordMakesKeysThatOutlastTheToken() {
    assertThat(add(TokenStand.bearer(token(password()).token())).key().expires()).isEqualTo(in(ApiKeys.LIFE));
  }

  @Test
  void whatARefreshTokenMakesEndsWithTheRefreshToken() {
    String refresh = String.valueOf(token(password()).refresh());
    assertThat(add(TokenStand.bearer(token(new TokenService.Proof.Refresh(refresh)).token())).key().expires())
        .isEqualTo(in(TokenStand.TERMS.refresh()));
  }

  @Test
  void aTokenThatWasGotWithAKeyThatEndsInAMinuteEndsInAMinute() {
    ApiKey.Made key = oneFor(Duration.ofMinutes(1), Optional.empty());
    TokenService.Outcome.Issued got = token(with(key));
    assertThat(got.expires()).isEqualTo(key.key().expires());
    assertThat(rights(TokenStand.bearer(got.token())).identity()).isEqualTo(new Identity.User("alice"));

    stand.pass(Duration.ofMinutes(1));
    assertThat(gate().admit(TokenStand.bearer(got.token()), TokenStand.HERE, SELF)).isInstanceOf(Admission.Challenged.class);
    assertThat(gate().admitAtOnce(TokenStand.bearer(got.token()), SELF)).as("from memory").isNull();
  }

  @Test
  void aKeyThatReplacesAnotherEndsWithWhatItWasMadeWith() {
    String long_ = add(password()).key().id();
    assertThat(keys.rotate(rights(with(oneFor(HOUR, Optional.empty()))), long_, HOUR).key().expires()).isEqualTo(in(HOUR));
    assertThat(keys.rotate(rights(password()), keys.list("user:alice", "", 1).getFirst().id(), HOUR).key().expires())
        .as("with the password").isAfter(in(HOUR.minusSeconds(1)));
  }

  @Test
  void whatWasGotWithAKeyThatIsReplacedAtOnceEndsAtOnce() {
    ApiKey.Made key = add(password());
    TokenService.Outcome.Issued got = token(with(key));
    keys.rotate(rights(password()), key.key().id(), Duration.ZERO);

    assertThat(gate().admit(TokenStand.bearer(got.token()), TokenStand.HERE, SELF)).isInstanceOf(Admission.Challenged.class);
  }

  @Test
  void whatWasGotWithTheKeyOfARobotThatIsReplacedAtOnceEndsAtOnce() {
    ApiKey.Made key = accounts.addRobot(new Accounts.Wanted("ci", List.of(), false, null), Optional.empty(), null);
    TokenService.Outcome.Issued got = token(TokenStand.basic("ci", key.secret().reveal()));
    accounts.rotate("ci", Duration.ZERO, null);

    assertThat(gate().admit(TokenStand.bearer(got.token()), TokenStand.HERE, SELF)).isInstanceOf(Admission.Challenged.class);
  }

  private TokenService.Outcome refreshed(TokenService.Outcome.Issued got) {
    var service = new TokenService(AccessPolicy.USERS, logins, cache, tokens, TokenStand.TERMS, stand.clock);
    return service.issue(TokenStand.ask(new TokenService.Proof.Refresh(String.valueOf(got.refresh())), "registry:account:*"));
  }

  private void assertEndsWithTheGrace(TokenService.Outcome.Issued got) {
    Instant end = in(HOUR);
    stand.pass(HOUR.minusSeconds(60));
    assertThat(refreshed(got)).isInstanceOfSatisfying(TokenService.Outcome.Issued.class, issued -> {
      assertThat(issued.expires()).isEqualTo(end);
      assertThat(add(TokenStand.bearer(issued.token())).key().expires()).as("a key that is made with it").isEqualTo(end);
    });
    stand.pass(Duration.ofSeconds(60));
    assertThat(refreshed(got)).isInstanceOf(TokenService.Outcome.Unknown.class);
  }

  @Test
  void aRefreshTokenOfAKeyThatIsReplacedEndsWhenThatKeyDoes() {
    ApiKey.Made key = add(password());
    TokenService.Outcome.Issued got = token(with(key));
    keys.rotate(rights(password()), key.key().id(), HOUR);
    assertEndsWithTheGrace(got);
  }

  @Test
  void aRefreshTokenOfTheKeyOfARobotThatIsReplacedEndsWhenThatKeyDoes() {
    ApiKey.Made key = accounts.addRobot(new Accounts.Wanted("ci", List.of(), false, null), Optional.empty(), null);
    TokenService.Outcome.Issued got = token(TokenStand.basic("ci", key.secret().reveal()));
    accounts.rotate("ci", HOUR, null);
    assertEndsWithTheGrace(got);
  }

  @Test
  void aRefreshTokenEndsAtOnceWithAKeyThatIsRemovedOrRevoked() {
    ApiKey.Made removed = add(password());
    TokenService.Outcome.Issued got = token(with(removed));
    TokenService.Outcome.Issued other = token(password());
    assertThat(refreshed(got)).isInstanceOf(TokenService.Outcome.Issued.class);
    keys.remove(rights(password()), removed.key().id(), false);
    assertThat(refreshed(got)).isInstanceOf(TokenService.Outcome.Unknown.class);

    assertThat(refreshed(other)).as("all of its owner end then").isInstanceOf(TokenService.Outcome.Unknown.class);
    TokenService.Outcome.Issued ofRobot = token(TokenStand.basic("ci",
        accounts.addRobot(new Accounts.Wanted("ci", List.of(), false, null), Optional.empty(), null).secret().reveal()));
    accounts.revoke("robot:ci");
    assertThat(refreshed(ofRobot)).isInstanceOf(TokenService.Outcome.Unknown.class);
  }

  @Test
  void aRefreshTokenOfAPasswordDoesNotCareForKeys() {
    TokenService.Outcome.Issued got = token(password());
    keys.rotate(rights(password()), add(password()).key().id(), HOUR);
    stand.pass(HOUR);
    assertThat(refreshed(got)).isInstanceOf(TokenService.Outcome.Issued.class);
  }
}
