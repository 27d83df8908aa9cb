package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.berth.metadata.StoredAccount;
import io.berth.metadata.StoredKey;
import io.berth.policy.Identity;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The passwords of accounts, and the keys of whoever has some: name and password, or name and key.
 *
 * <p>A name that nobody has costs as much time as a wrong password. A password that was right is remembered for some minutes, as a keyed hash in memory
 * only, and together with the hash that it was compared with: so a changed password ends at once here, and elsewhere when {@link AccountCache} notices.
 * Safe for any thread.
 */
public final class AccountPasswords implements Passwords {

  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final int REMEMBERED_COUNT = 10_000;

  /** That of no password anybody has; with the parameters of all others, so that a comparison takes as long. */
  private static final String NOBODYS =
      "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  private final AccountCache cache;
  private final PasswordHashes hashes;
  private final Elsewhere elsewhere;
  private final InstantSource clock;
  private final Keyed keyed = new Keyed();
  private final Cache<String, Boolean> right = Caffeine.newBuilder().maximumSize(REMEMBERED_COUNT).expireAfterWrite(REMEMBERED).build();

  /** Who has keys here, but no account. */
  public interface Elsewhere {

    /**
     * Who has the name now; empty if nobody has any more.
     *
     * @param groups what groups they were in when the key was made
     */
    Optional<Identity> identity(String login, Set<String> groups);
  }

  public AccountPasswords(AccountCache cache, PasswordHashes hashes, Elsewhere elsewhere, InstantSource clock) {
    this.cache = cache;
    this.hashes = hashes;
    this.elsewhere = elsewhere;
    this.clock = clock;
  }

  @Override
  public @Nullable Found recall(Credentials.Basic credentials) {
    AccountCache.Entry entry = cache.account(credentials.user());
    Optional<KeySecret> secret = KeySecret.parse(credentials.password());
    if (secret.isPresent()) {
      Found found = key(credentials, secret.get(), entry);
      return found instanceof Found.Wrong ? null : found; // which is to be counted
    }
    StoredAccount account = entry.account();
    if (account == null) {
      return new Found.Unknown();
    }
    return isOver(account) || right.getIfPresent(remembered(credentials, account)) == null ? null : good(account, entry.epoch());
  }

  @Override
  public Found find(Credentials.Basic credentials) {
    AccountCache.Entry entry = cache.account(credentials.user());
    Optional<KeySecret> secret = KeySecret.parse(credentials.password());
    if (secret.isPresent()) {
      return key(credentials, secret.get(), entry);
    }
    StoredAccount account = entry.account();
    String hash = account == null || account.password() == null ? NOBODYS : account.password();
    boolean matches = hashes.matches(credentials.password(), hash);
    if (account == null) {
      return new Found.Unknown();
    }
    if (!matches || account.password() == null || isOver(account)) {
      return new Found.Wrong();
    }
    right.put(remembered(credentials, account), true);
    return good(account, entry.epoch());
  }

  private String remembered(Credentials.Basic credentials, StoredAccount account) {
    return keyed.hash(account.login(), String.valueOf(account.password()), credentials.password());
  }

  private Found good(StoredAccount account, long epoch) {
    return new Found.Good(identity(account), Optional.empty(), OptionalLong.of(epoch), Optional.ofNullable(account.expires()));
  }

  private Found key(Credentials.Basic credentials, KeySecret secret, AccountCache.Entry entry) {
    return cache.key(secret).filter(found -> AccountCache.login(found.key().owner()).equals(credentials.user())).flatMap(this::key)
        .orElseGet(() -> entry.account() == null ? new Found.Unknown() : new Found.Wrong());
  }

  private Optional<Found> key(AccountCache.KeyEntry found) {
    StoredKey key = found.key();
    StoredAccount account = found.account();
    Optional<Identity> owner = account == null ? elsewhere(key) : isOver(account) ? Optional.empty() : Optional.of(identity(account));
    if (isPast(key.expires()) || owner.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Found.Good(owner.get(), Ceiling.read(key.ceiling()), OptionalLong.of(found.epoch()),
        first(key.expires(), account == null ? null : account.expires()), account == null, Optional.of(key.id())));
  }

  private Optional<Identity> elsewhere(StoredKey key) {
    return key.owner().startsWith("user:") ? elsewhere.identity(AccountCache.login(key.owner()), new HashSet<>(key.groups()))
        : Optional.empty();
  }

  private static Optional<Instant> first(@Nullable Instant one, @Nullable Instant other) {
    return Optional.ofNullable(one == null || other != null && other.isBefore(one) ? other : one);
  }

  /** Who it is that has an account. */
  public static Identity identity(StoredAccount account) {
    var groups = new HashSet<>(account.groups());
    return switch (account.kind()) {
      case USER -> new Identity.User(account.login(), groups, Map.of(), account.administrator());
      case ROBOT -> new Identity.Robot(account.login(), groups);
    };
  }

  private boolean isOver(StoredAccount account) {
    return account.disabled() || isPast(account.expires());
  }

  private boolean isPast(@Nullable Instant expires) {
    return expires != null && !clock.instant().isBefore(expires);
  }

  /** Where nobody has keys without an account. */
  static final Elsewhere NOWHERE = (_, _) -> Optional.empty();
}
