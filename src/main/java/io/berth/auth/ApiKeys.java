package io.berth.auth;

import io.berth.metadata.AccountWrites;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.StoredKey;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The API keys that someone makes for themselves: secrets that stand for them, for no more than a ceiling. Credentials that have a ceiling themselves make and
 * end only keys within it, and no key outlasts the credentials that it was made with. Refusals are {@link RegistryException}s. Safe for any thread.
 */
public final class ApiKeys {

  /** How many one identity may have. */
  static final int MOST = 100;

  /** How long a key lasts of which nothing is said. */
  public static final Duration LIFE = Duration.ofDays(365);

  /** How many of the keys that people get who log in with a browser one of them may have. */
  static final int MOST_SIGNED_IN = 20;

  private static final int ID_BYTES = 8;
  private static final int DESCRIPTION = 200;

  private final MetadataStore store;
  private final AccountCache cache;
  private final InstantSource clock;
  private final Set<String> providers;
  private final SecureRandom random = new SecureRandom();

  public ApiKeys(MetadataStore store, AccountCache cache, InstantSource clock) {
    this(store, cache, clock, Set.of());
  }

  /**
   * The keys.
   *
   * @param providers with which people log in with a browser, and get their keys there and nowhere else
   */
  public ApiKeys(MetadataStore store, AccountCache cache, InstantSource clock, Set<String> providers) {
    this.store = store;
    this.cache = cache;
    this.clock = clock;
    this.providers = Set.copyOf(providers);
  }

  /**
   * A key that is to be made.
   *
   * @param ceiling what it is to be good for at most; absent: for as much as the credentials are that it is made with
   * @param expires when it ends; {@code null}: after {@link #LIFE}, or with the credentials that it is made with if they end before
   */
  public record Wanted(String description, Optional<List<Grant>> ceiling, @Nullable Instant expires) {}

  /** Makes a key for whoever asks. */
  public ApiKey.Made add(Rights rights, Wanted wanted) {
    if (wanted.description.length() > DESCRIPTION || wanted.description.chars().anyMatch(Character::isISOControl)) {
      throw invalid("a description is one line of at most " + DESCRIPTION + " characters");
    }
    Instant now = clock.instant();
    if (wanted.expires != null && !wanted.expires.isAfter(now)) {
      throw invalid("the time to expire at is past");
    }
    Optional<List<Grant>> ceiling = wanted.ceiling.isPresent() ? wanted.ceiling : rights.ceiling();
    requireWithin(ceiling, rights);
    requireOwn(rights);
    if (wanted.expires != null && rights.until().filter(wanted.expires::isAfter).isPresent()) {
      throw new RegistryException(403, ErrorCode.DENIED,
          "the credentials that you come with end before that: come with your password, or give an earlier time");
    }
    KeySecret secret = KeySecret.make(random);
    var key = new StoredKey(newId(random), owner(rights), secret.hash(), wanted.description, Ceiling.write(ceiling),
        List.copyOf(rights.identity().groups()), now, wanted.expires == null ? within(rights, now.plus(LIFE)) : wanted.expires);
    write(accounts -> {
      removeExpired(accounts, key.owner(), now);
      requireRoom(accounts, key.owner());
      accounts.putKey(key);
      return null;
    });
    return new ApiKey.Made(ApiKey.of(key), secret);
  }

  /**
   * Makes a key for somebody for whom a provider has vouched a moment ago. The others that they have of it are for their groups of this moment, too; the
   * oldest ends if there are too many.
   */
  ApiKey.Made signedIn(Identity.User user, Duration lifetime) {
    Instant now = clock.instant();
    KeySecret secret = KeySecret.make(random);
    List<String> groups = List.copyOf(new TreeSet<>(user.groups()));
    var key = new StoredKey(newId(random), user.name(), secret.hash(), "logged in with a browser", null, groups, now, now.plus(lifetime));
    write(accounts -> {
      removeExpired(accounts, user.name(), now);
      List<StoredKey> former = new ArrayList<>(accounts.keys(user.name(), "", 2 * MOST));
      former.sort(Comparator.comparing(StoredKey::created));
      while (former.size() >= MOST_SIGNED_IN) {
        accounts.deleteKey(former.removeFirst().id());
        accounts.raiseEpoch(user.name());
      }
      for (StoredKey other : former) {
        if (!other.groups().equals(groups)) {
          accounts
              .putKey(new StoredKey(other.id(), other.owner(), other.hash(), other.description(), other.ceiling(), groups, other.created(),
                  other.expires()));
          accounts.raiseEpoch(user.name());
        }
      }
      accounts.putKey(key);
      return null;
    });
    return new ApiKey.Made(ApiKey.of(key), secret);
  }

  /** The keys of an identity, in the order of their ids. */
  public List<ApiKey> list(String owner, String after, int limit) {
    return store.<List<StoredKey>>read(tx -> tx.accounts().keys(owner, after, limit)).stream().map(ApiKey::of).toList();
  }

  /**
   * Ends a key.
   *
   * @param anyones whether it may be somebody else's
   */
  public void remove(Rights rights, String id, boolean anyones) {
    write(accounts -> {
      StoredKey key = existing(accounts, rights, id, anyones);
      accounts.deleteKey(id);
      accounts.raiseEpoch(key.owner()); // with the tokens that were made of it
      return null;
    });
  }

  /** Makes another key like one of one's own, which ends after a while; if that is none, what was got with it ends, too. */
  public ApiKey.Made rotate(Rights rights, String id, Duration grace) {
    requireOwn(rights);
    KeySecret secret = KeySecret.make(random);
    return write(accounts -> {
      StoredKey former = existing(accounts, rights, id, false);
      Instant now = clock.instant();
      removeExpired(accounts, former.owner(), now);
      requireRoom(accounts, former.owner());
      Instant expires = former.expires() == null ? null : now.plus(Duration.between(former.created(), former.expires()));
      var next = new StoredKey(newId(random), former.owner(), secret.hash(), former.description(), former.ceiling(),
          List.copyOf(rights.identity().groups()), now, within(rights, expires));
      end(accounts, former, now, grace);
      accounts.putKey(next);
      return new ApiKey.Made(ApiKey.of(next), secret);
    });
  }

  /** Another's key answers like one that does not exist. */
  private static StoredKey existing(AccountWrites accounts, Rights rights, String id, boolean anyones) {
    StoredKey key = accounts.key(id).filter(found -> anyones || found.owner().equals(rights.identity().name()))
        .orElseThrow(() -> new RegistryException(ErrorCode.NAME_UNKNOWN, "there is no such key"));
    requireWithin(Ceiling.read(key.ceiling()), rights);
    return key;
  }

  private static void requireWithin(Optional<List<Grant>> ceiling, Rights rights) {
    if (!Ceiling.isWithin(ceiling, rights.ceiling())) {
      throw new RegistryException(403, ErrorCode.DENIED,
          "the credentials that you come with are good for less than that: come with your password, or give a narrower ceiling");
    }
  }

  /** A key is no way to outlast what the provider says of them. */
  private void requireOwn(Rights rights) {
    if (rights.identity() instanceof Identity.User(String login, _, _, _) && login.indexOf('/') > 0
        && providers.contains(login.substring(0, login.indexOf('/')))) {
      throw new RegistryException(403, ErrorCode.DENIED, "whoever logs in with a browser gets another key by doing so again");
    }
  }

  private static String owner(Rights rights) {
    return switch (rights.identity()) {
      case Identity.User user -> user.name();
      case Identity.Robot robot -> robot.name();
      case Identity.Anonymous _, Identity.Registry _, Identity.Workload _, Identity.Bearer _ ->
          throw new RegistryException(403, ErrorCode.DENIED, "keys are for users and robots");
    };
  }

  /** That time, or when the credentials end if they do before; {@code null}: never. */
  private static @Nullable Instant within(Rights rights, @Nullable Instant expires) {
    return rights.until().filter(end -> expires == null || end.isBefore(expires)).orElse(expires);
  }

  /** Has a key end that is replaced; at once, with all tokens of its owner, if there is no grace. */
  static void end(AccountWrites accounts, StoredKey former, Instant now, Duration grace) {
    accounts.putKey(ending(former, now.plus(grace)));
    if (grace.isZero()) {
      accounts.raiseEpoch(former.owner());
    }
  }

  /** The same key, which ends at a time at the latest. */
  static StoredKey ending(StoredKey key, Instant at) {
    return key.expires() != null && key.expires().isBefore(at) ? key
        : new StoredKey(key.id(), key.owner(), key.hash(), key.description(), key.ceiling(), key.groups(), key.created(), at);
  }

  /** Removes what is of no use any more. */
  static void removeExpired(AccountWrites accounts, String owner, Instant now) {
    for (StoredKey key : accounts.keys(owner, "", 2 * MOST)) {
      if (key.expires() != null && !now.isBefore(key.expires())) {
        accounts.deleteKey(key.id());
      }
    }
  }

  static void requireRoom(AccountWrites accounts, String owner) {
    if (accounts.keys(owner, "", MOST).size() >= MOST) {
      throw new RegistryException(409, ErrorCode.DENIED, "nobody has more than " + MOST + " keys: remove some");
    }
  }

  static String newId(SecureRandom random) {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private <T extends @Nullable Object> T write(Function<AccountWrites, T> work) {
    try {
      return store.<T>write(tx -> work.apply(tx.accounts()));
    } finally {
      cache.forget();
    }
  }

  private static RegistryException invalid(String message) {
    return new RegistryException(400, ErrorCode.UNSUPPORTED, message);
  }
}
