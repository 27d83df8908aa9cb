package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.StoredAccount.Kind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: accounts, keys and epochs. */
public abstract class AccountContract extends StoreUnderTest {

  private static final StoredAccount ALICE =
      new StoredAccount("alice", Kind.USER, "$argon2id$…", List.of("team a", "ops"), true, false, LATER, NOW);
  private static final StoredAccount CI = new StoredAccount("ci", Kind.ROBOT, null, List.of(), false, false, null, NOW);

  private static StoredKey key(String id, String owner) {
    return new StoredKey(id, owner, "hash of " + id, "a laptop, \"old\"", "team/**||pull\nlib|v*|push", List.of("ops"), NOW, LATER);
  }

  private static StoredAccount user(String login, boolean administrator, boolean disabled, @Nullable Instant expires) {
    return new StoredAccount(login, Kind.USER, "x", List.of(), administrator, disabled, expires, NOW);
  }

  @Test
  void anAccountIsReadAsItWasWrittenAlsoAfterARestart() {
    write(tx -> tx.accounts().putAccount(ALICE));
    write(tx -> tx.accounts().putAccount(CI));

    reopen();

    look(tx -> assertThat(tx.accounts().account("alice")).contains(ALICE));
    look(tx -> assertThat(tx.accounts().account("ci")).contains(CI));
    look(tx -> assertThat(tx.accounts().account("Alice")).as("another name").isEmpty());
    look(tx -> assertThat(tx.accounts().account("bob")).isEmpty());
  }

  /** Looks an account up beside the store that is open. */
  protected abstract Optional<StoredAccount> lookUp(Path folder, String login);

  @Test
  void anAccountIsLookedUpBesideAProcessThatHasTheStore() {
    write(tx -> tx.accounts().putAccount(ALICE));

    assertThat(lookUp(folder, "alice")).contains(ALICE);
    assertThat(lookUp(folder, "bob")).isEmpty();
    write(tx -> tx.accounts().putAccount(CI));
    assertThat(lookUp(folder, "ci")).as("the store goes on").contains(CI);
  }

  @Test
  void anAccountIsReplacedAndRemoved() {
    write(tx -> tx.accounts().putAccount(ALICE));
    StoredAccount changed = user("alice", false, true, null);
    write(tx -> tx.accounts().putAccount(changed));
    look(tx -> assertThat(tx.accounts().account("alice")).contains(changed));

    write(tx -> tx.accounts().deleteAccount("alice"));
    write(tx -> tx.accounts().deleteAccount("nobody"));
    look(tx -> assertThat(tx.accounts().account("alice")).isEmpty());
  }

  @Test
  void accountsOfAKindAreListedInByteOrderPageByPage() {
    for (String login : List.of("b", "a.b", "a-b", "a", "z@example.com")) {
      write(tx -> tx.accounts().putAccount(user(login, false, false, null)));
    }
    write(tx -> tx.accounts().putAccount(CI));

    look(tx -> assertThat(tx.accounts().accounts(Kind.USER, "", 3)).extracting(StoredAccount::login).containsExactly("a", "a-b", "a.b"));
    look(tx -> assertThat(tx.accounts().accounts(Kind.USER, "a.b", 3)).extracting(StoredAccount::login).containsExactly("b",
        "z@example.com"));
    look(tx -> assertThat(tx.accounts().accounts(Kind.ROBOT, "", 3)).containsExactly(CI));
  }

  @Test
  void anAdministratorIsAUserWhoCanLogIn() {
    look(tx -> assertThat(tx.accounts().hasAdministrator(NOW)).isFalse());
    write(tx -> tx.accounts().putAccount(user("plain", false, false, null)));
    write(tx -> tx.accounts().putAccount(user("disabled", true, true, null)));
    write(tx -> tx.accounts().putAccount(user("expired", true, false, NOW)));
    look(tx -> assertThat(tx.accounts().hasAdministrator(NOW)).isFalse());

    write(tx -> tx.accounts().putAccount(user("temporary", true, false, LATER)));
    look(tx -> assertThat(tx.accounts().hasAdministrator(NOW)).isTrue());
    look(tx -> assertThat(tx.accounts().hasAdministrator(LATER)).isFalse());
    write(tx -> tx.accounts().putAccount(user("lasting", true, false, null)));
    look(tx -> assertThat(tx.accounts().hasAdministrator(LATER)).isTrue());
  }

  @Test
  void aKeyIsFoundByItsIdAndByTheHashOfItsSecretAlone() {
    StoredKey bare = new StoredKey("k2", "user:corp/bob", "hash of k2", "", null, List.of(), NOW, null);
    write(tx -> tx.accounts().putKey(key("k1", ACTOR)));
    write(tx -> tx.accounts().putKey(bare));

    reopen();

    look(tx -> assertThat(tx.accounts().key("k1")).contains(key("k1", ACTOR)));
    look(tx -> assertThat(tx.accounts().keyOf("hash of k1")).contains(key("k1", ACTOR)));
    look(tx -> assertThat(tx.accounts().keyOf("hash of k2")).contains(bare));
    look(tx -> assertThat(tx.accounts().keyOf("hash of")).isEmpty());
    look(tx -> assertThat(tx.accounts().key("hash of k1")).isEmpty());
  }

  @Test
  void keysAreListedRemovedAndReplacedForTheirOwnerOnly() {
    for (String id : List.of("c", "a", "b")) {
      write(tx -> tx.accounts().putKey(key(id, ACTOR)));
    }
    write(tx -> tx.accounts().putKey(key("d", "robot:alice")));
    StoredKey ending = new StoredKey("b", ACTOR, "hash of b", "ends", null, List.of(), NOW, NOW);
    write(tx -> tx.accounts().putKey(ending));

    look(tx -> assertThat(tx.accounts().keys(ACTOR, "", 2)).containsExactly(key("a", ACTOR), ending));
    look(tx -> assertThat(tx.accounts().keys(ACTOR, "b", 2)).containsExactly(key("c", ACTOR)));

    write(tx -> tx.accounts().deleteKey("a"));
    look(tx -> assertThat(tx.accounts().keys(ACTOR, "", 9)).extracting(StoredKey::id).containsExactly("b", "c"));
    write(tx -> tx.accounts().deleteKeys(ACTOR));
    look(tx -> assertThat(tx.accounts().keys(ACTOR, "", 9)).isEmpty());
    look(tx -> assertThat(tx.accounts().keys("robot:alice", "", 9)).extracting(StoredKey::id).containsExactly("d"));
  }

  @Test
  void anEpochOnlyGrowsAndOutlivesTheAccount() {
    look(tx -> assertThat(tx.accounts().epoch(ACTOR)).isZero());
    write(tx -> tx.accounts().putAccount(ALICE));
    write(tx -> assertThat(tx.accounts().raiseEpoch(ACTOR)).isEqualTo(1));
    write(tx -> {
      assertThat(tx.accounts().raiseEpoch(ACTOR)).isEqualTo(2);
      tx.accounts().deleteAccount("alice");
    });

    reopen();

    look(tx -> assertThat(tx.accounts().epoch(ACTOR)).isEqualTo(2));
    look(tx -> assertThat(tx.accounts().epoch("user:bob")).isZero());
  }

  @Test
  void ofManyWhoMakeTheFirstAdministratorAtOnceOneDoes() throws Exception {
    var made = new AtomicInteger();
    inThreads(8, i -> {
      boolean first = store.write(tx -> {
        boolean mine = !tx.accounts().hasAdministrator(NOW);
        if (mine) {
          tx.accounts().putAccount(user("admin" + i, true, false, null));
        }
        return mine;
      });
      made.addAndGet(first ? 1 : 0);
    });

    assertThat(made).hasValue(1);
    look(tx -> assertThat(tx.accounts().accounts(Kind.USER, "", 10)).hasSize(1));
  }

  @Test
  void epochsThatAreRaisedAtOnceAreAllRaised() throws Exception {
    inThreads(8, _ -> write(tx -> tx.accounts().raiseEpoch(ACTOR)));

    look(tx -> assertThat(tx.accounts().epoch(ACTOR)).isEqualTo(8));
  }
}
