package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.berth.auth.Passwords.Found;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HtpasswdFileTest {

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong();
  private int written;
  private HtpasswdFile users;

  @BeforeEach
  void read() throws Exception {
    write(line("alice", "one"));
    users = HtpasswdFile.read(folder.resolve("users"), nanos::get);
  }

  private static String line(String user, String password) {
    return user + ":" + BcryptFunction.getInstance(Bcrypt.Y, 4).hash(password).getResult() + "\n";
  }

  private void write(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("users"), text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH.plusSeconds(++written)));
  }

  private boolean isIn(String user, String password) {
    return users.find(new Credentials.Basic(user, password)) instanceof Found.Good;
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void aChangedFileIsReadAgainWithinFiveSeconds() throws Exception {
    assertThat(isIn("alice", "one")).isTrue();
    write(line("alice", "two") + line("bob", "three"));

    pass(Duration.ofSeconds(5));
    assertThat(isIn("alice", "one")).isFalse();
    assertThat(isIn("alice", "two")).isTrue();
    assertThat(isIn("bob", "three")).isTrue();
    assertThat(users.has("bob")).isTrue();
  }

  @Test
  void oneLoginInFiveSecondsLooksAtIt() throws Exception {
    write(line("alice", "two"));
    pass(Duration.ofSeconds(4));
    assertThat(isIn("alice", "one")).isTrue();
  }

  @Test
  void aFileThatCantBeUsedLeavesWhatWas() throws Exception {
    write("alice:{SHA}nonsense\n");
    pass(Duration.ofSeconds(5));
    assertThat(isIn("alice", "one")).isTrue();

    Files.delete(folder.resolve("users"));
    pass(Duration.ofSeconds(5));
    assertThat(isIn("alice", "one")).isTrue();

    write(line("alice", "two"));
    pass(Duration.ofSeconds(5));
    assertThat(isIn("alice", "two")).isTrue();
    assertThat(isIn("alice", "one")).isFalse();
  }
}
