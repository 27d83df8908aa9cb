package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.password4j.BcryptFunction;
import io.berth.policy.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Users of an {@code htpasswd} file, with bcrypt hashes ({@code htpasswd -B}), as they were when it was read.
 *
 * <p>An unknown user costs as much time as a wrong password, whatever the costs of the hashes in the file. A password that was right is remembered for some minutes, as a keyed hash in
 * memory only, since clients send it with every request and bcrypt is slow on purpose. Safe for any thread.
 */
public final class Htpasswd implements Passwords {

  /** bcrypt reads no more bytes of a password, so two longer ones could be the same to it. */
  private static final int MAX_PASSWORD_BYTES = 72;

  private static final int SALT_AND_HASH = 53;
  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final int REMEMBERED_COUNT = 10_000;
  private static final Pattern HASH = Pattern.compile("\\$2[aby]\\$(0[4-9]|[12]\\d|3[01])\\$[./A-Za-z0-9]{53}");

  private final Map<String, String> hashes;
  private final Map<String, Long> stamps = new HashMap<>();
  private final Check check;
  /** For each cost that is in the file, a hash of no password that anybody has. */
  private final List<String> nobodys;
  private final Keyed keyed = new Keyed();
  private final Cache<String, Boolean> right = Caffeine.newBuilder().maximumSize(REMEMBERED_COUNT).expireAfterWrite(REMEMBERED).build();

  /** Whether a hash is that of a password. */
  interface Check {
    boolean matches(String password, String hash);
  }

  private Htpasswd(Map<String, String> hashes, Check check) {
    this.hashes = hashes;
    this.check = check;
    hashes.forEach((user, hash) -> stamps.put(user, stamp(user, hash)));
    String nobody = keyed.hash("nobody").substring(0, SALT_AND_HASH);
    this.nobodys =
        hashes.values().stream().map(Htpasswd::cost).distinct().sorted().map("$2y$%02d$"::formatted).map(head -> head + nobody).toList();
  }

  /** Why a password file can't be used, with its line, and what to do. */
  public static final class InvalidFile extends Exception {

    private static final long serialVersionUID = 1;

    private InvalidFile(String message) {
      super(message);
    }
  }

  /**
   * Reads a file.
   *
   * @throws InvalidFile if it can't be read, holds no user, or a line is not of the form {@code user:bcrypt-hash}
   */
  public static Htpasswd read(Path file) throws InvalidFile {
    return read(file, (password, hash) -> BcryptFunction.getInstanceFromHash(hash).check(password, hash));
  }

  static Htpasswd read(Path file, Check check) throws InvalidFile {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new InvalidFile(file + ": the password file can't be read as UTF-8 text: " + e.getMessage());
    }
    var hashes = new LinkedHashMap<String, String>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      String hash = line.substring(colon + 1);
      if (colon <= 0 || !HASH.matcher(hash).matches()) {
        throw new InvalidFile(file + ":" + (i + 1) + ": expected <user>:<bcrypt hash>; make the line with: htpasswd -nB <user>");
      }
      if (hashes.put(line.substring(0, colon), hash) != null) {
        throw new InvalidFile(file + ":" + (i + 1) + ": the user stands here twice; remove one of the lines");
      }
    }
    if (hashes.isEmpty()) {
      throw new InvalidFile(file + ": the password file has no user; add one with: htpasswd -B " + file + " <user>");
    }
    return new Htpasswd(hashes, check);
  }

  /** Whether the file has the name. */
  boolean has(String user) {
    return hashes.containsKey(user);
  }

  @Override
  public @Nullable Found recall(Credentials.Basic credentials) {
    String hash = hashes.get(credentials.user());
    boolean isRight = right.getIfPresent(remembered(credentials, hash == null ? nobodys.getFirst() : hash)) != null;
    return hash == null ? new Found.Unknown() : isRight ? good(credentials) : null;
  }

  @Override
  public void refuse(Credentials.Basic credentials) {
    makeUp(credentials, OptionalInt.empty());
  }

  /** Has each login that fails look at one hash of each cost that is in the file: at the user's own, if there is one, and at those of nobody. */
  private void makeUp(Credentials.Basic credentials, OptionalInt own) {
    for (String hash : nobodys) {
      if (own.isEmpty() || own.getAsInt() != cost(hash)) {
        boolean _ = check.matches(looked(credentials), hash);
      }
    }
  }

  private static String looked(Credentials.Basic credentials) {
    return isTooLong(credentials) ? "" : credentials.password();
  }

  private String remembered(Credentials.Basic credentials, String hash) {
    return keyed.hash(credentials.user(), hash, credentials.password());
  }

  @Override
  public Found find(Credentials.Basic credentials) {
    String hash = hashes.get(credentials.user());
    if (hash == null) {
      makeUp(credentials, OptionalInt.empty());
      return new Found.Unknown();
    }
    boolean matches = check.matches(looked(credentials), hash);
    if (isTooLong(credentials) || !matches) {
      makeUp(credentials, OptionalInt.of(cost(hash)));
      return new Found.Wrong();
    }
    right.put(remembered(credentials, hash), true);
    return good(credentials);
  }

  private static Found good(Credentials.Basic credentials) {
    return new Found.Good(new Identity.User(credentials.user()));
  }

  private static boolean isTooLong(Credentials.Basic credentials) {
    return credentials.password().getBytes(StandardCharsets.UTF_8).length > MAX_PASSWORD_BYTES;
  }

  /** A number that is another one when the user's password has changed or the user is gone, as far as this file knows. */
  public long stamp(String user) {
    return stamps.getOrDefault(user, 0L);
  }

  private static long stamp(String user, String hash) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest((user + ":" + hash).getBytes(StandardCharsets.UTF_8));
      return 1 + (ByteBuffer.wrap(digest).getLong() >>> 16);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static int cost(String hash) {
    return Integer.parseInt(hash.substring(4, 6));
  }
}
