package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.berth.metadata.AccountReads;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.StoredAccount;
import io.berth.metadata.StoredKey;
import io.berth.policy.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of accounts, keys and epochs, for the five seconds for which it is believed: logins and tokens ask with each request. What this
 * process changes it forgets at once, but for a question that is under way; that, and what another process changes that shares the metadata store, it
 * notices within that time. Bounded. Safe for any
 * thread.
 */
public final class AccountCache implements Epochs {

  /** How long what another process has changed may go unnoticed. */
  public static final Duration BELIEVED = Duration.ofSeconds(5);

  private static final int MOST = 10_000;

  private final MetadataStore store;
  private final Cache<String, Entry> accounts;
  private final Cache<String, KeyEntry> keys;
  private final Cache<String, Long> epochs;

  /**
   * An account or that there is none, and the epoch of whoever has the name.
   *
   * @param epoch that of the account's identity; where there is none, that of a user of the name
   */
  record Entry(@Nullable StoredAccount account, long epoch) {}

  /** A key, and what is known of its owner. */
  record KeyEntry(StoredKey key, @Nullable StoredAccount account, long epoch) {}

  public AccountCache(MetadataStore store) {
    this(store, Ticker.systemTicker());
  }

  AccountCache(MetadataStore store, Ticker ticker) {
    this.store = store;
    this.accounts = cache(ticker);
    this.keys = cache(ticker);
    this.epochs = cache(ticker);
  }

  private static <V> Cache<String, V> cache(Ticker ticker) {
    return Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(BELIEVED).ticker(ticker).build();
  }

  @Override
  public long epoch(Identity identity) {
    Long known = epochs.getIfPresent(identity.name());
    if (known == null) {
      known = store.<Long>read(tx -> tx.accounts().epoch(identity.name()));
      epochs.put(identity.name(), known);
    }
    return known;
  }

  /** Asked of the store each time: seldom, since only who has a refresh token asks. */
  @Override
  public Optional<Instant> end(String key) {
    return store.<Optional<StoredKey>>read(tx -> tx.accounts().key(key))
        .map(found -> Optional.ofNullable(found.expires()).orElse(Instant.MAX));
  }

  @Override
  public OptionalLong recall(Identity identity) {
    Long known = epochs.getIfPresent(identity.name());
    return known == null ? OptionalLong.empty() : OptionalLong.of(known);
  }

  /** Of a name that no account may have there is nothing to be known. */
  Entry account(String login) {
    if (!Accounts.isLogin(login)) {
      return new Entry(null, 0);
    }
    Entry known = accounts.getIfPresent(login);
    if (known == null) {
      known = store.<Entry>read(tx -> {
        StoredAccount account = tx.accounts().account(login).orElse(null);
        return new Entry(account, tx.accounts().epoch(name(account, login)));
      });
      accounts.put(login, known);
    }
    return known;
  }

  /** The key with this secret. That there is none is not remembered. */
  Optional<KeyEntry> key(KeySecret secret) {
    String hash = secret.hash();
    KeyEntry known = keys.getIfPresent(hash);
    if (known == null) {
      known = store.<@Nullable KeyEntry>read(tx -> tx.accounts().keyOf(hash).map(key -> entry(tx.accounts(), key)).orElse(null));
      if (known != null) {
        keys.put(hash, known);
      }
    }
    return Optional.ofNullable(known);
  }

  private static KeyEntry entry(AccountReads accounts, StoredKey key) {
    StoredAccount account = accounts.account(login(key.owner())).orElse(null);
    return new KeyEntry(key, account == null || name(account, account.login()).equals(key.owner()) ? account : null,
        accounts.epoch(key.owner()));
  }

  /** The name of the identity that has an account, or would have it. */
  static String name(@Nullable StoredAccount account, String login) {
    return account != null && account.kind() == StoredAccount.Kind.ROBOT ? "robot:" + login : "user:" + login;
  }

  /** The name without its prefix. */
  static String login(String identity) {
    return identity.substring(identity.indexOf(':') + 1);
  }

  /** To be called when something has changed. Changes are seldom, so that all is forgotten. */
  void forget() {
    accounts.invalidateAll();
    keys.invalidateAll();
    epochs.invalidateAll();
  }
}
