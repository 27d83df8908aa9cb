package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.berth.auth.Passwords.Found;
import io.berth.policy.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of users of the password file end with their line in it, and those of accounts with these. */
final class UserEpochsTest {

  private static final Identity ALICE = new Identity.User("alice");
  private static final Identity BOB = new Identity.User("bob");

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong();
  private final Map<String, Long> kept = new HashMap<>();
  private HtpasswdFile file;
  private long written;

  @BeforeEach
  void open() throws Exception {
    write("alice", "one");
    file = HtpasswdFile.read(folder.resolve("users"), nanos::get);
  }

  private void write(String user, String password) throws Exception {
    Path path = Files.writeString(folder.resolve("users"),
        user + ":" + BcryptFunction.getInstance(Bcrypt.Y, 4).hash(password).getResult() + "\n");
    Files.setLastModifiedTime(path, FileTime.from(Instant.EPOCH.plusSeconds(++written)));
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
  }

  private UserEpochs epochs(boolean accounts) {
    return new UserEpochs(identity -> kept.getOrDefault(identity.name(), 0L), accounts, false, Optional.of(file));
  }

  @Test
  void aChangedLineAndARevocationEachEndWhatWasGiven() throws Exception {
    UserEpochs epochs = epochs(true);
    long before = epochs.epoch(ALICE);
    kept.put("user:alice", 1L);
    long revoked = epochs.epoch(ALICE);
    write("alice", "two");
    long changed = epochs.epoch(ALICE);

    assertThat(Set.of(before, revoked, changed)).hasSize(3);
    assertThat(epochs.epoch(BOB)).as("who has no line").isZero();
  }

  @Test
  void whoseLineHasGoneIsNobodyWhereThereAreNoAccounts() throws Exception {
    long before = epochs(false).epoch(ALICE);
    write("carol", "one");

    assertThat(epochs(false).epoch(ALICE)).isNotEqualTo(before).isNegative();
    assertThat(epochs(false).epoch(new Identity.Robot("ci", Set.of()))).as("a robot of accounts that are switched off").isNegative();
    assertThat(epochs(false).epoch(new Identity.User("certificate/alice"))).as("for whom somebody else vouches").isZero();
    assertThat(epochs(true).epoch(new Identity.Robot("ci", Set.of()))).isZero();
  }

  @Test
  void aLoginSaysTheEpochThatHoldsHere() {
    UserEpochs epochs = epochs(true);
    kept.put("user:alice", 7L);

    Found found = epochs.stamped(file).find(new Credentials.Basic("alice", "one"));

    assertThat(found).isInstanceOfSatisfying(Found.Good.class,
        good -> assertThat(good.epoch()).isEqualTo(OptionalLong.of(epochs.epoch(ALICE))));
  }

  @Test
  void soDoesThatOfAnAccountWithALineInTheFile() {
    UserEpochs epochs = epochs(true);
    kept.put("user:alice", 7L);
    Passwords accounts = _ -> new Found.Good(ALICE, Optional.empty(), OptionalLong.of(7), Optional.empty());

    Found found = epochs.stamped(accounts).find(new Credentials.Basic("alice", "other"));

    assertThat(found).isInstanceOfSatisfying(Found.Good.class,
        good -> assertThat(good.epoch()).isEqualTo(OptionalLong.of(epochs.epoch(ALICE))));
  }

  @Test
  void inPassingNothingIsSaidWhenTheFileIsToBeLookedAt() {
    UserEpochs epochs = epochs(true);
    long known = epochs.epoch(ALICE);
    assertThat(epochs.recall(ALICE)).isEqualTo(OptionalLong.of(known));

    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(epochs.recall(ALICE)).isEmpty();
  }
}
