package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.auth.Passwords.Found;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.RegistryException;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts and keys as those use them who log in. Two of everything but the store stand for two processes that share it. */
final class AccountPasswordsTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant LATER = NOW.plus(Duration.ofHours(1));
  private static final Grant PULL = new Grant(List.of(new Glob("team/**")), List.of(), Set.of(Action.PULL));

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong();
  private final PasswordHashes hashes = new PasswordHashes();
  private boolean hasBob = true;
  private MetadataStore store;
  private Node here;
  private Node there;

  /** One process. */
  private final class Node {
    private final AccountCache cache = new AccountCache(store, nanos::get);
    private final Accounts accounts = new Accounts(store, cache, hashes, AccountPasswordsTest.this::now);
    private final ApiKeys keys = new ApiKeys(store, cache, AccountPasswordsTest.this::now);
    private final AccountPasswords passwords = new AccountPasswords(cache, hashes, this::elsewhere, AccountPasswordsTest.this::now);

    private Optional<Identity> elsewhere(String login, Set<String> groups) {
      return login.equals("bob") && hasBob ? Optional.of(new Identity.User("bob"))
          : login.equals("corp/carol") ? Optional.of(new Identity.User(login, groups, Map.of(), false)) : Optional.empty();
    }

    private Found find(String user, String password) {
      return passwords.find(new Credentials.Basic(user, password));
    }

    private @Nullable Found recall(String user, String password) {
      return passwords.recall(new Credentials.Basic(user, password));
    }

    private void addUser(String login, String password) {
      accounts.addUser(new Accounts.Wanted(login, List.of("dev"), false, null), password);
    }

    private String addKey(Identity owner, Optional<List<Grant>> ceiling, @Nullable Instant expires) {
      return keys.add(new Rights(AccessPolicy.USERS, owner), new ApiKeys.Wanted("", ceiling, expires)).secret().reveal();
    }

    private void change(String login, Optional<String> password, Optional<Boolean> disabled) {
      accounts.change(Account.Kind.USER, login,
          new Accounts.Change(password, Optional.empty(), Optional.empty(), disabled, Optional.empty()));
    }

    private long epoch(String login) {
      return cache.epoch(new Identity.User(login));
    }
  }

  private Instant now() {
    return NOW.plusNanos(nanos.get());
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @BeforeEach
  void open() {
    store = SqliteMetadataStore.open(folder.resolve("metadata.db"));
    here = new Node();
    there = new Node();
    here.addUser("alice", "alice's secret");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static final Identity ALICE = new Identity.User("alice", Set.of("dev"), Map.of(), false);

  @Test
  void theRightPasswordIsRightAndRemembered() {
    assertThat(here.recall("alice", "alice's secret")).as("before it was looked at").isNull();
    assertThat(here.find("alice", "alice's secret"))
        .isInstanceOfSatisfying(Found.Good.class, good -> assertThat(good.identity()).isEqualTo(ALICE));
    assertThat(here.recall("alice", "alice's secret")).isEqualTo(here.find("alice", "alice's secret"));
    assertThat(here.recall("alice", "alice's")).isNull();
  }

  @Test
  void wrongOnesAndStrangersAreToldApartHereAndNowhereElse() {
    assertThat(here.find("alice", "Alice's secret")).isInstanceOf(Found.Wrong.class);
    assertThat(here.find("alice", "")).isInstanceOf(Found.Wrong.class);
    assertThat(here.find("nobody", "alice's secret")).isInstanceOf(Found.Unknown.class);
    assertThat(here.find("Alice", "alice's secret")).isInstanceOf(Found.Unknown.class);
    assertThat(here.recall("nobody", "x")).isInstanceOf(Found.Unknown.class);
  }

  @Test
  void whatIsStoredIsAMemoryHardHash() {
    String stored = store.<String>read(tx -> tx.accounts().account("alice").orElseThrow().password());
    assertThat(stored).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").doesNotContain("secret");
    here.addUser("twin", "alice's secret");
    assertThat(store.<String>read(tx -> tx.accounts().account("twin").orElseThrow().password())).as("with a salt of its own")
        .isNotEqualTo(stored);
  }

  @Test
  void aChangedPasswordEndsTheFormerOneAtOnceHereAndInFiveSecondsElsewhere() {
    here.find("alice", "alice's secret");
    there.find("alice", "alice's secret");
    here.change("alice", Optional.of("another secret"), Optional.empty());

    assertThat(here.recall("alice", "alice's secret")).isNull();
    assertThat(here.find("alice", "alice's secret")).isInstanceOf(Found.Wrong.class);
    assertThat(here.find("alice", "another secret")).isInstanceOf(Found.Good.class);
    pass(AccountCache.BELIEVED);
    assertThat(there.recall("alice", "alice's secret")).isNull();
    assertThat(there.find("alice", "alice's secret")).isInstanceOf(Found.Wrong.class);
  }

  @Test
  void whoIsDisabledIsKeptOutAndComesBackAsHeWas() {
    String key = here.addKey(ALICE, Optional.empty(), null);
    here.find("alice", "alice's secret");
    here.change("alice", Optional.empty(), Optional.of(true));

    assertThat(here.recall("alice", "alice's secret")).isNull();
    assertThat(here.find("alice", "alice's secret")).isInstanceOf(Found.Wrong.class);
    assertThat(here.find("alice", key)).isInstanceOf(Found.Wrong.class);

    here.change("alice", Optional.empty(), Optional.of(false));
    assertThat(here.find("alice", "alice's secret")).isInstanceOf(Found.Good.class);
    assertThat(here.find("alice", key)).isInstanceOf(Found.Good.class);
  }

  @Test
  void anAccountEndsWhenItExpiresThoughItIsRemembered() {
    here.accounts.addUser(new Accounts.Wanted("guest", List.of(), false, LATER), "guest's secret");
    assertThat(here.find("guest", "guest's secret")).isInstanceOfSatisfying(Found.Good.class,
        good -> assertThat(good.until()).contains(LATER));
    pass(Duration.ofMinutes(59));
    assertThat(here.find("guest", "guest's secret")).isInstanceOf(Found.Good.class);
    pass(Duration.ofMinutes(1));
    assertThat(here.recall("guest", "guest's secret")).isNull();
    assertThat(here.find("guest", "guest's secret")).isInstanceOf(Found.Wrong.class);
  }

  @Test
  void everyChangeOfAnAccountRaisesItsEpoch() {
    long before = here.epoch("alice");
    here.change("alice", Optional.of("another secret"), Optional.empty());
    here.change("alice", Optional.empty(), Optional.of(true));
    here.accounts.revoke("user:alice");
    here.accounts.remove(Account.Kind.USER, "alice");
    assertThat(here.epoch("alice")).isEqualTo(before + 4);

    here.addUser("alice", "a new secret");
    assertThat(here.epoch("alice")).as("another one of that name").isEqualTo(before + 5);
    assertThat(here.find("alice", "a new secret")).isInstanceOfSatisfying(Found.Good.class,
        good -> assertThat(good.epoch()).isEqualTo(OptionalLong.of(before + 5)));
  }

  @Test
  void anEpochThatIsRaisedElsewhereIsNoticedInFiveSeconds() {
    long before = there.epoch("alice");
    here.accounts.revoke("user:alice");
    assertThat(here.epoch("alice")).isEqualTo(before + 1);
    pass(AccountCache.BELIEVED);
    assertThat(there.epoch("alice")).isEqualTo(before + 1);
  }

  @Test
  void aKeyStandsForItsOwnerWithinItsCeiling() {
    String key = here.addKey(ALICE, Optional.of(List.of(PULL)), LATER);

    assertThat(there.find("alice", key)).isInstanceOfSatisfying(Found.Good.class, good -> {
      assertThat(good.identity()).isEqualTo(ALICE);
      assertThat(good.ceiling()).contains(List.of(PULL));
      assertThat(good.until()).contains(LATER);
    });
    assertThat(here.recall("alice", key)).as("without anything slow").isInstanceOf(Found.Good.class);
    assertThat(here.find("bob", key)).as("under another name").isInstanceOf(Found.Unknown.class);
    assertThat(here.find("alice", key.substring(0, 10) + (key.charAt(10) == 'x' ? 'y' : 'x') + key.substring(11)))
        .isInstanceOf(Found.Wrong.class);
  }

  @Test
  void theSecretOfAKeyIsNotStored() {
    String key = here.addKey(ALICE, Optional.empty(), null);
    assertThat(store.<String>read(tx -> tx.accounts().keys("user:alice", "", 9).toString() + tx.accounts().keys("user:alice", "", 9)
        .getFirst().hash())).doesNotContain(key).doesNotContain(key.substring(6, 30));
  }

  @Test
  void aKeyEndsWhenItExpires() {
    String key = here.addKey(ALICE, Optional.empty(), LATER);
    assertThat(here.find("alice", key)).isInstanceOf(Found.Good.class);
    pass(Duration.ofHours(1));
    assertThat(here.find("alice", key)).isInstanceOf(Found.Wrong.class);
  }

  private String addRobot(@Nullable Instant keyExpires) {
    return here.accounts.addRobot(new Accounts.Wanted("ci", List.of(), false, null), Optional.of(List.of(PULL)), keyExpires).secret()
        .reveal();
  }

  private String rotate() {
    return here.accounts.rotate("ci", Duration.ZERO, null).secret().reveal();
  }

  @Test
  void anotherKeyOfARobotIsGoodForNoMoreThanTheOneThatHasEnded() {
    String first = addRobot(LATER);
    pass(Duration.ofHours(2));
    assertThat(here.find("ci", first)).isInstanceOf(Found.Wrong.class);
    assertThat(here.find("ci", rotate())).isInstanceOfSatisfying(Found.Good.class,
        good -> assertThat(good.ceiling()).contains(List.of(PULL)));
  }

  @Test
  void aRobotThatIsRevokedNeedsAnotherKey() {
    String first = addRobot(null);
    long before = here.epoch("ci");
    here.accounts.revoke("robot:ci");
    assertThat(here.find("ci", first)).isInstanceOf(Found.Wrong.class);
    String second = rotate();
    assertThat(here.find("ci", first)).isInstanceOf(Found.Wrong.class);
    assertThat(here.find("ci", second)).isInstanceOfSatisfying(Found.Good.class, good -> {
      assertThat(good.ceiling()).contains(List.of(PULL));
      assertThat(good.epoch()).isEqualTo(OptionalLong.of(before + 1));
    });
  }

  @Test
  void aRobotWithoutAnyKeyGetsNoneThatIsGoodForMore() {
    addRobot(null);
    var robot = new Rights(AccessPolicy.USERS, new Identity.Robot("ci", Set.of()));
    here.keys.remove(robot, here.keys.list("robot:ci", "", 9).getFirst().id(), false);
    assertThatThrownBy(this::rotate).hasMessageContaining("no key is left");
  }

  @Test
  void theKeysOfWhoHasNoAccountEndWithThem() {
    String bobs = here.addKey(new Identity.User("bob"), Optional.empty(), null);
    String carols = here.addKey(new Identity.User("corp/carol", Set.of("ops"), Map.of(), false), Optional.empty(), null);

    assertThat(here.find("bob", bobs)).isInstanceOf(Found.Good.class);
    assertThat(here.find("corp/carol", carols)).isInstanceOfSatisfying(Found.Good.class,
        good -> assertThat(good.identity().groups()).containsExactly("ops"));
    hasBob = false;
    assertThat(here.find("bob", bobs)).isInstanceOf(Found.Unknown.class);
    here.accounts.revoke("user:corp/carol");
    assertThat(here.find("corp/carol", carols)).isInstanceOf(Found.Unknown.class);
  }

  @Test
  void whoGetsANameGetsNothingOfWhatAnotherOfThatNameWasGiven() {
    String bobs = here.addKey(new Identity.User("bob"), Optional.empty(), null);
    here.addUser("bob", "another bob");
    assertThat(here.find("bob", bobs)).isInstanceOf(Found.Wrong.class);

    String second = here.addKey(new Identity.User("bob"), Optional.empty(), null);
    here.accounts.remove(Account.Kind.USER, "bob");
    assertThat(here.find("bob", second)).isInstanceOf(Found.Unknown.class);
  }

  @Test
  void aRobotsKeyIsReplacedWithAnOverlap() {
    String first = here.accounts.addRobot(new Accounts.Wanted("ci", List.of("builds"), false, null), Optional.of(List.of(PULL)), null)
        .secret().reveal();
    String second = here.accounts.rotate("ci", Duration.ofHours(1), null).secret().reveal();

    assertThat(here.find("ci", first)).isInstanceOf(Found.Good.class);
    assertThat(here.find("ci", second)).isInstanceOfSatisfying(Found.Good.class, good -> {
      assertThat(good.identity()).isEqualTo(new Identity.Robot("ci", Set.of("builds")));
      assertThat(good.ceiling()).contains(List.of(PULL));
    });
    pass(Duration.ofHours(1));
    assertThat(here.find("ci", first)).isInstanceOf(Found.Wrong.class);
    assertThat(here.find("ci", second)).isInstanceOf(Found.Good.class);
  }

  @Test
  void nobodyHasKeysWithoutEnd() {
    for (int i = 0; i < ApiKeys.MOST; i++) {
      here.addKey(ALICE, Optional.empty(), LATER);
    }
    assertThatThrownBy(() -> here.addKey(ALICE, Optional.empty(), LATER)).isInstanceOfSatisfying(RegistryException.class,
        refused -> assertThat(refused.status()).isEqualTo(409));
    pass(Duration.ofHours(1));
    here.addKey(ALICE, Optional.empty(), null);
    assertThat(here.keys.list("user:alice", "", 1_000)).as("what had expired is gone").hasSize(1);
  }

  @Test
  void keysAreNotForThoseWithoutAName() {
    assertThatThrownBy(() -> here.addKey(new Identity.Anonymous(), Optional.empty(), null)).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> here.addKey(new Identity.Bearer("x"), Optional.empty(), null)).isInstanceOf(RegistryException.class);
  }

  @Test
  void badNamesAndPasswordsMakeNoAccount() {
    for (String login : List.of("", "Alice", "a b", "a/b", "a:b", "-a", "a".repeat(129), "ünal", "a\n")) {
      assertThatThrownBy(() -> here.addUser(login, "a good password")).as(login).isInstanceOf(RegistryException.class);
    }
    for (String password : List.of("", "short", "with\u0000control", "long enough\n", "x".repeat(1_001), "berth_looks_like_a_key")) {
      assertThatThrownBy(() -> here.addUser("dave", password)).as(password).isInstanceOf(RegistryException.class);
    }
    assertThatThrownBy(() -> here.addUser("password", "password")).isInstanceOf(RegistryException.class);
    here.addUser("dave", "with: colons, \"quotes\" and ünïcödé");
    assertThat(here.find("dave", "with: colons, \"quotes\" and ünïcödé")).isInstanceOf(Found.Good.class);
  }
}
