package io.berth.auth;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Argon2id with the least parameters that OWASP recommends: 19 MiB, two passes, one lane. Each takes that memory, so only a few are made at a time,
 * whoever asks for how many; the others wait in line, and those who would wait for too long are told so. Safe for any thread.
 */
public final class PasswordHashes {

  private static final int MEMORY_KIB = 19_456;
  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int LENGTH = 32;
  private static final int SALT = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final SecureRandom random = new SecureRandom();
  private final Semaphore turns;
  private final Duration patience;

  /** As many at a time as there are processors, in an eighth of the heap. */
  public PasswordHashes() {
    this(Math.clamp(Runtime.getRuntime().maxMemory() / 8 / (MEMORY_KIB * 1024L), 1, Runtime.getRuntime().availableProcessors()),
        PATIENCE);
  }

  PasswordHashes(int atATime, Duration patience) {
    this.turns = new Semaphore(atATime, true);
    this.patience = patience;
  }

  /** Something that is done in its turn. */
  private interface Work<T> {
    T run();
  }

  /**
   * The hash of a password, with everything that is needed to compare.
   *
   * @throws Passwords.UnavailableException if too many wait
   */
  String hash(String password) {
    byte[] salt = new byte[SALT];
    random.nextBytes(salt);
    return inTurn(() -> function().hash(password.getBytes(StandardCharsets.UTF_8), salt).getResult());
  }

  /**
   * Whether the hash is of this password.
   *
   * @throws Passwords.UnavailableException if too many wait
   */
  boolean matches(String password, String hash) {
    return inTurn(() -> Argon2Function.getInstanceFromHash(hash).check(password, hash));
  }

  private static Argon2Function function() {
    return Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, LENGTH, Argon2.ID);
  }

  private <T> T inTurn(Work<T> work) {
    boolean mine = false;
    try {
      mine = turns.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!mine) {
        throw new Passwords.UnavailableException("more passwords are looked at than the machine has time for", null);
      }
      return work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Passwords.UnavailableException("interrupted", e);
    } finally {
      if (mine) {
        turns.release();
      }
    }
  }

  /** How many wait for their turn. */
  int waiting() {
    return turns.getQueueLength();
  }
}
