package io.berth.auth;

import static io.berth.auth.TokenStand.HERE;
import static io.berth.auth.TokenStand.SERVICE;
import static io.berth.auth.TokenStand.TERMS;
import static io.berth.auth.TokenStand.ask;
import static io.berth.auth.TokenStand.basic;
import static io.berth.auth.TokenStand.bearer;
import static io.berth.auth.TokenStand.policy;
import static io.berth.auth.TokenStand.rule;
import static io.berth.auth.TokenStand.scope;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Access;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens at the gate: what they open, and for how long. */
final class TokenGateTest {

  private static final Scope PULL = scope("team/app", Action.PULL);
  private static final Scope PUSH = scope("team/app", Action.PUSH);
  private static final Scope CATALOGUE = new Scope.Catalogue();
  private static final AccessPolicy TEAM = policy(rule("user:alice", "team/**", Action.PULL, Action.PUSH),
      rule("robot:ci", "team/**", Action.PULL, Action.PUSH), rule("anyone", "public/*", Action.PULL));

  @TempDir Path folder;

  private TokenStand stand;
  private Tokens tokens;
  private final Map<String, Long> epochs = new HashMap<>();
  private final Map<String, Passwords.Found.Good> known = new HashMap<>();

  @BeforeEach
  void open() {
    stand = new TokenStand(folder);
    tokens = stand.node("one");
    known.put("alice", new Passwords.Found.Good(new Identity.User("alice")));
    known.put("bob", new Passwords.Found.Good(new Identity.User("bob")));
  }

  @AfterEach
  void close() {
    stand.close();
  }

  /** Everybody's password is secret. */
  private Logins logins() {
    return new Logins(List.of(credentials -> known.containsKey(credentials.user())
        ? credentials.password().equals("secret") ? known.get(credentials.user()) : new Passwords.Found.Wrong()
        : new Passwords.Found.Unknown()));
  }

  private long epoch(Identity identity) {
    return epochs.getOrDefault(identity.name(), 0L);
  }

  private Gate gate(AccessPolicy policy) {
    return new Gate(policy, logins(), "Berth", Optional.of(tokens), this::epoch);
  }

  private TokenService.Outcome asked(TokenService.Proof proof, String... scopes) {
    return new TokenService(TEAM, logins(), this::epoch, tokens, TERMS, stand.clock).issue(ask(proof, scopes));
  }

  private TokenService.Outcome.Issued issued(TokenService.Proof proof, String... scopes) {
    return (TokenService.Outcome.Issued) asked(proof, scopes);
  }

  private Optional<String> token(String user, String... scopes) {
    return bearer(issued(new TokenService.Proof.Password(user, "secret"), scopes).token());
  }

  private static String challenge(Admission admission) {
    assertThat(admission).isInstanceOf(Admission.Challenged.class);
    return ((Admission.Challenged) admission).challenge().text(path -> Optional.of("https://r.example" + path));
  }

  @Test
  void aTokenOpensWhatItWasAskedForAndAllowed() {
    Optional<String> token = token("alice", "repository:team/app:pull,push");

    assertThat(gate(TEAM).admit(token, HERE, PUSH)).isInstanceOfSatisfying(Admission.Admitted.class,
        admitted -> assertThat(admitted.rights().identity()).isEqualTo(new Identity.User("alice")));
    assertThat(gate(TEAM).admit(token, HERE, new Scope.Entry())).isInstanceOf(Admission.Admitted.class);
    assertThat(gate(TEAM).admitAtOnce(token, PULL)).as("now that it is known").isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void aTokenMakesKeysForItsOwnerOnlyIfItWasAskedForThat() {
    Optional<String> token = token("alice", "repository:team/app:pull,push");
    assertThat(challenge(gate(TEAM).admit(token, HERE, new Scope.Self()))).contains("scope=\"registry:account:*\"");

    assertThat(gate(TEAM).admit(token("alice", "registry:account:*"), HERE, new Scope.Self())).isInstanceOf(Admission.Admitted.class);
    assertThat(issued(new TokenService.Proof.Header(Optional.empty()), "registry:account:*").access()).as("a stranger's").isEmpty();
  }

  @Test
  void whatIsGotWithARefreshTokenDoesNotOutlastIt() {
    Instant end = stand.clock.instant().plusSeconds(90);
    known.put("alice", new Passwords.Found.Good(new Identity.User("alice"), Optional.empty(), OptionalLong.of(0), Optional.of(end)));
    String refresh = String.valueOf(issued(new TokenService.Proof.Password("alice", "secret")).refresh());

    assertThat(issued(new TokenService.Proof.Refresh(refresh)).expires()).isEqualTo(end);
  }

  @Test
  void anUnknownTokenIsNotLookedAtInPassing() {
    Gate gate = gate(TEAM);
    assertThat(gate.admitAtOnce(token("alice", "repository:team/app:pull"), PULL)).isNull();
    assertThat(gate.admitAtOnce(bearer("x"), PULL)).isNull();
  }

  @Test
  void aTokenThatIsNotGoodForItGetsTheWiderScope() {
    Optional<String> token = token("alice", "repository:team/app:pull", "repository:team/lib:pull");

    assertThat(challenge(gate(TEAM).admit(token, HERE, PUSH))).isEqualTo("Bearer realm=\"https://r.example/token\",service=\"" + SERVICE
        + "\",scope=\"repository:team/app:pull,push\",error=\"insufficient_scope\"");
    assertThat(challenge(gate(TEAM).admit(token, HERE, scope("team/app", Action.DELETE)))).contains("repository:team/app:pull,delete");
    assertThat(challenge(gate(TEAM).admit(token, HERE, CATALOGUE))).contains("scope=\"registry:catalog:*\"");
  }

  @Test
  void whatWasAskedForAndRefusedIsRefused() {
    Optional<String> token = token("alice", "repository:team/app:pull,delete", "repository:other:pull");

    assertThat(gate(TEAM).admit(token, HERE, scope("team/app", Action.DELETE))).isInstanceOf(Admission.Refused.class);
    assertThat(gate(TEAM).admit(token, HERE, scope("other", Action.PULL))).isInstanceOf(Admission.Refused.class);
  }

  @Test
  void whatWasRefusedAndIsAllowedByNowIsAskedForAgain() {
    Optional<String> token = token("bob", "repository:team/app:pull");
    AccessPolicy later = policy(rule("user:bob", "team/**", Action.PULL));

    assertThat(gate(TEAM).admit(token, HERE, PULL)).isInstanceOf(Admission.Refused.class);
    assertThat(challenge(gate(later).admit(token, HERE, PULL))).contains("scope=\"repository:team/app:pull\"");
  }

  @Test
  void aRuleThatIsRemovedIsRemovedForTokensToo() {
    Optional<String> token = token("alice", "repository:team/app:pull,push");

    assertThat(gate(TEAM).admit(token, HERE, PUSH)).isInstanceOf(Admission.Admitted.class);
    assertThat(gate(policy(rule("user:alice", "team/**", Action.PULL))).admit(token, HERE, PUSH)).isInstanceOf(Admission.Refused.class);
  }

  /** A mount looks where the identity may read, whatever the token was asked for. */
  @Test
  void whatTheTokenWasAskedForIsNoLimitOfTheRights() {
    Optional<String> token = token("alice", "repository:team/app:pull,push");

    assertThat(gate(TEAM).admit(token, HERE, PUSH)).isInstanceOfSatisfying(Admission.Admitted.class,
        admitted -> assertThat(admitted.rights().access(RepositoryName.parse("team/lib")).may(Action.PULL)).isTrue());
  }

  @Test
  void theLimitsOfAKeyAreTheLimitsOfItsTokens() {
    var ceiling = List.of(new Grant(List.of(new Glob("team/app")), List.of(), Set.of(Action.PULL)));
    known.put("ci",
        new Passwords.Found.Good(new Identity.Robot("ci", Set.of()), Optional.of(ceiling), OptionalLong.of(0), Optional.empty()));

    TokenService.Outcome.Issued got =
        issued(new TokenService.Proof.Password("ci", "secret"), "repository:team/app:pull,push", "repository:team/lib:pull");

    assertThat(got.scope()).isEqualTo("repository:team/app:pull");
    assertThat(gate(TEAM).admit(bearer(got.token()), HERE, PUSH)).isInstanceOf(Admission.Refused.class);
    assertThat(gate(TEAM).admit(bearer(got.token()), HERE, PULL)).isInstanceOfSatisfying(Admission.Admitted.class,
        admitted -> assertThat(admitted.rights().access(RepositoryName.parse("team/lib")).may(Action.PULL)).isFalse());
    String more = issued(new TokenService.Proof.Refresh(String.valueOf(got.refresh())), "repository:team/app:pull,push").scope();
    assertThat(more).isEqualTo("repository:team/app:pull");
  }

  private TokenService.Outcome.Issued bound(TokenService.Terms terms, String user, Map<String, String> tags, String... scopes) {
    var named = new HashMap<RepositoryName, List<Tag>>();
    tags.forEach((repository, tag) -> named.put(RepositoryName.parse(repository), List.of(Tag.parse(tag))));
    var ask =
        new TokenService.Ask(new TokenService.Proof.Password(user, "secret"), ResourceScope.parse(List.of(scopes)), named, false, HERE);
    return (TokenService.Outcome.Issued) new TokenService(TEAM, logins(), this::epoch, tokens, terms, stand.clock).issue(ask);
  }

  private Rights rights(TokenService.Outcome.Issued issued) {
    return ((Admission.Admitted) gate(TEAM).admit(bearer(issued.token()), HERE, new Scope.Entry())).rights();
  }

  private Access access(TokenService.Outcome.Issued issued, String repository) {
    return rights(issued).access(RepositoryName.parse(repository));
  }

  @Test
  void aTokenForATagIsGoodForThatTagAlone() {
    TokenService.Outcome.Issued got =
        bound(TERMS, "alice", Map.of("team/app", "1.2", "team/other", "9"),
            "repository:team/app:pull,push,delete repository:team/lib:pull");

    assertThat(got.scope()).isEqualTo("repository:team/app:pull,push");
    Access app = access(got, "team/app");
    assertThat(app.may(Action.PULL, Tag.parse("1.2"))).isTrue();
    assertThat(app.may(Action.PULL, Tag.parse("1.3"))).isFalse();
    assertThat(app.may(Action.DELETE, Tag.parse("1.2"))).as("which no rule allows").isFalse();
    assertThat(access(got, "team/lib").may(Action.PULL)).as("elsewhere").isFalse();
    assertThat(rights(got).bound()).isTrue();
  }

  @Test
  void aTokenForATagIsNeverGoodForMoreThanItsKey() {
    var ceiling = List.of(new Grant(List.of(new Glob("team/*")), List.of(new Glob("v*")), Set.of(Action.PULL)));
    known.put("ci",
        new Passwords.Found.Good(new Identity.Robot("ci", Set.of()), Optional.of(ceiling), OptionalLong.of(0), Optional.empty()));

    TokenService.Outcome.Issued fits = bound(TERMS, "ci", Map.of("team/app", "v1"), "repository:team/app:pull,push");
    TokenService.Outcome.Issued other = bound(TERMS, "ci", Map.of("team/app", "latest"), "repository:team/app:pull");

    assertThat(fits.scope()).isEqualTo("repository:team/app:pull");
    assertThat(access(fits, "team/app").may(Action.PULL, Tag.parse("v2"))).isFalse();
    assertThat(other.scope()).isEmpty();
    assertThat(rights(other).bound()).as("though it is good for nothing").isTrue();
  }

  @Test
  void whatIsSaidOfOtherRepositoriesOrWhereTokensAreNotBoundChangesNothing() {
    assertThat(access(bound(TERMS, "alice", Map.of("elsewhere", "1"), "repository:team/app:pull"), "team/lib").mayEverywhere(Action.PULL))
        .isTrue();
    var unbound = new TokenService.Terms(TERMS.access(), TERMS.refresh(), false);
    TokenService.Outcome.Issued whole = bound(unbound, "alice", Map.of("team/app", "1"), "repository:team/app:pull");
    assertThat(access(whole, "team/app").mayEverywhere(Action.PULL)).isTrue();
    assertThat(rights(whole).bound()).isFalse();
  }

  @Test
  void whatEndsEndsItsTokens() {
    Instant until = stand.clock.instant().plusSeconds(100);
    known.put("ci", new Passwords.Found.Good(new Identity.Robot("ci", Set.of()), Optional.empty(), OptionalLong.of(0), Optional.of(until)));
    TokenService.Outcome.Issued got = issued(new TokenService.Proof.Password("ci", "secret"), "repository:team/app:pull");

    assertThat(got.expires()).isEqualTo(until);
    stand.pass(Duration.ofSeconds(101));
    assertThat(gate(TEAM).admit(bearer(got.token()), HERE, PULL)).isInstanceOf(Admission.Challenged.class);
    assertThat(asked(new TokenService.Proof.Refresh(String.valueOf(got.refresh())))).isInstanceOf(TokenService.Outcome.Unknown.class);
  }

  @Test
  void whatTheHolderOfACertificateGetsEndsWithIt() {
    Instant until = stand.clock.instant().plusSeconds(100);
    TokenService.Outcome.Issued got =
        issued(new TokenService.Proof.Certificate(new Holder(new Identity.User("certificate/builder"), until)), "repository:team/app:pull");

    assertThat(got.expires()).isEqualTo(until);
    assertThat(got.refresh()).as("to go on for longer").isNull();
  }

  @Test
  void whatIsRevokedIsWorthNothing() {
    TokenService.Outcome.Issued got = issued(new TokenService.Proof.Password("alice", "secret"), "repository:team/app:pull");
    assertThat(gate(TEAM).admit(bearer(got.token()), HERE, PULL)).isInstanceOf(Admission.Admitted.class);

    epochs.put("user:alice", 1L);

    assertThat(challenge(gate(TEAM).admit(bearer(got.token()), HERE, PULL))).contains("error=\"invalid_token\"");
    assertThat(gate(TEAM).admitAtOnce(bearer(got.token()), PULL)).isNull();
    assertThat(asked(new TokenService.Proof.Refresh(String.valueOf(got.refresh())))).isInstanceOf(TokenService.Outcome.Unknown.class);
    assertThat(gate(TEAM).admit(token("alice", "repository:team/app:pull"), HERE, PULL)).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void whoseGroupsNobodyWouldTakeBackGetsNothingThatLasts() {
    known.put("carol", new Passwords.Found.Good(new Identity.User("carol", Set.of("dev"), Map.of(), false)));
    known.put("dave",
        new Passwords.Found.Good(new Identity.User("dave", Set.of("dev"), Map.of(), false), Optional.empty(), OptionalLong.of(3),
            Optional.empty()));

    assertThat(issued(new TokenService.Proof.Password("carol", "secret")).refresh()).isNull();
    assertThat(issued(new TokenService.Proof.Password("dave", "secret")).refresh()).isNotNull();
    assertThat(issued(new TokenService.Proof.Header(Optional.empty())).refresh()).as("a stranger's").isNull();
  }

  @Test
  void strangersGetWhatIsPublic() {
    TokenService.Outcome.Issued got =
        issued(new TokenService.Proof.Header(Optional.empty()), "repository:public/x:pull,push", "repository:team/app:pull");

    assertThat(got.scope()).isEqualTo("repository:public/x:pull");
    assertThat(gate(TEAM).admit(bearer(got.token()), HERE, new Scope.Entry())).isInstanceOf(Admission.Admitted.class);
    assertThat(gate(TEAM).admit(bearer(got.token()), HERE, scope("public/y", Action.PULL))).isInstanceOf(Admission.Admitted.class);
    assertThat(challenge(gate(TEAM).admit(bearer(got.token()), HERE, PULL))).contains("scope=\"repository:team/app:pull\"");
  }

  @Test
  void everyoneIsAskedInTheSameWay() {
    String nobody = challenge(gate(TEAM).admit(Optional.empty(), HERE, PULL));

    assertThat(nobody).isEqualTo(
        "Bearer realm=\"https://r.example/token\",service=\"" + SERVICE + "\",scope=\"repository:team/app:pull\"");
    assertThat(challenge(gate(TEAM).admit(basic("alice", "wrong"), HERE, PULL))).isEqualTo(nobody);
    assertThat(challenge(gate(TEAM).admit(basic("nobody", "wrong"), HERE, PULL))).isEqualTo(nobody);
    assertThat(challenge(gate(TEAM).admit(Optional.of("Digest x"), HERE, PULL))).isEqualTo(nobody);
    assertThat(challenge(gate(TEAM).admit(Optional.empty(), HERE, scope("absent", Action.PULL))))
        .isEqualTo(nobody.replace("team/app", "absent"));
  }

  /** Nobody can make a client send its password elsewhere. */
  @Test
  void whereTheRegistryDoesNotKnowHowItIsCalledAPasswordIsAskedFor() {
    Admission asked = gate(TEAM).admit(Optional.empty(), HERE, PULL);

    assertThat(((Admission.Challenged) asked).challenge().text(_ -> Optional.empty()))
        .isEqualTo("Basic realm=\"Berth\", charset=\"UTF-8\"");
  }

  @Test
  void passwordsAreTakenDirectly() {
    assertThat(gate(TEAM).admit(basic("alice", "secret"), HERE, PUSH)).isInstanceOf(Admission.Admitted.class);
    assertThat(gate(TEAM).admit(basic("bob", "secret"), HERE, PUSH)).isInstanceOf(Admission.Refused.class);
  }

  @Test
  void whatIsSaidNeverHoldsASecret() {
    TokenService.Outcome.Issued got = issued(new TokenService.Proof.Password("alice", "secret"), "repository:team/app:pull");

    assertThat(got.toString()).doesNotContain(got.token()).doesNotContain(String.valueOf(got.refresh()));
    assertThat(new TokenService.Proof.Password("alice", "secret").toString()).doesNotContain("secret");
    assertThat(new TokenService.Proof.Refresh("secret").toString()).doesNotContain("secret");
  }
}
