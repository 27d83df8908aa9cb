package io.berth.auth;

import io.berth.metadata.AccountWrites;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.StoredAccount;
import io.berth.metadata.StoredKey;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.policy.Grant;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of people and machines, as administrators make and change them. Whatever an account was good for before ends with a change of it: its epoch is
 * raised in the same transaction. Who may do that is decided before. Refusals are {@link RegistryException}s. Safe for any thread.
 */
public final class Accounts {

  static final int SHORTEST_PASSWORD = 8;
  static final int LONGEST_PASSWORD = 1_000;
  static final int MOST_GROUPS = 100;

  private static final Pattern LOGIN = Pattern.compile("[a-z0-9][a-z0-9._@+-]{0,127}");
  private static final Pattern GROUP = Pattern.compile("[^\\p{Cntrl}*]{1,100}");
  private static final Pattern IDENTITY = Pattern.compile("(user|robot|workload|bearer):[^\\p{Cntrl}]{1,500}");

  private final MetadataStore store;
  private final AccountCache cache;
  private final PasswordHashes hashes;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  public Accounts(MetadataStore store, AccountCache cache, PasswordHashes hashes, InstantSource clock) {
    this.store = store;
    this.cache = cache;
    this.hashes = hashes;
    this.clock = clock;
  }

  /** Whether an account may be called so. */
  static boolean isLogin(String text) {
    return LOGIN.matcher(text).matches();
  }

  /**
   * An account that is to be made.
   *
   * @param expires when it ends; {@code null}: it does not
   */
  public record Wanted(String login, List<String> groups, boolean administrator, @Nullable Instant expires) {}

  /** What is to become of an account; what is absent stays. An expiry within may be {@code null}, for none. */
  public record Change(Optional<String> password, Optional<List<String>> groups, Optional<Boolean> administrator,
      Optional<Boolean> disabled, Optional<Expiry> expiry) {}

  /** When something ends; {@code null}: never. */
  public record Expiry(@Nullable Instant at) {}

  /** Makes a user. */
  public Account addUser(Wanted wanted, String password) {
    return add(wanted, Account.Kind.USER, hashed(wanted, password), false);
  }

  /** Makes a user who may do everything, if nobody can log in who may. */
  public Account addFirst(String login, String password) {
    var wanted = new Wanted(login, List.of(), true, null);
    return add(wanted, Account.Kind.USER, hashed(wanted, password), true);
  }

  /** Whether somebody can log in who may do everything. */
  public boolean hasAdministrator() {
    return store.<Boolean>read(tx -> tx.accounts().hasAdministrator(clock.instant()));
  }

  /** Makes a robot, with a key that is good for no more than the ceiling. */
  public ApiKey.Made addRobot(Wanted wanted, Optional<List<Grant>> ceiling, @Nullable Instant keyExpires) {
    KeySecret secret = KeySecret.make(random);
    StoredKey key =
        new StoredKey(newId(), "robot:" + wanted.login, secret.hash(), "", Ceiling.write(ceiling), List.of(), now(), keyExpires);
    requireFuture(keyExpires);
    add(wanted, Account.Kind.ROBOT, null, false, key);
    return new ApiKey.Made(ApiKey.of(key), secret);
  }

  private String hashed(Wanted wanted, String password) {
    require(wanted, password);
    return hashes.hash(password);
  }

  private Account add(Wanted wanted, Account.Kind kind, @Nullable String password, boolean first, StoredKey... keys) {
    require(wanted, null);
    requireFuture(wanted.expires);
    var account =
        new StoredAccount(wanted.login, kind.stored(), password, wanted.groups, wanted.administrator, false, wanted.expires, now());
    write(accounts -> {
      if (first && accounts.hasAdministrator(now())) {
        throw new RegistryException(409, ErrorCode.DENIED, "there is an administrator already: ask them for an account");
      }
      if (accounts.account(wanted.login).isPresent()) {
        throw new RegistryException(409, ErrorCode.DENIED, "there is an account of this name already");
      }
      end(accounts, "user:" + wanted.login); // what somebody else of that name was given, who had no account
      end(accounts, "robot:" + wanted.login);
      accounts.putAccount(account);
      for (StoredKey key : keys) {
        accounts.putKey(key);
      }
      return null;
    });
    return Account.of(account);
  }

  /** Accounts of a kind, in the order of their logins. */
  public List<Account> list(Account.Kind kind, String after, int limit) {
    return store.<List<StoredAccount>>read(tx -> tx.accounts().accounts(kind.stored(), after, limit)).stream().map(Account::of).toList();
  }

  /** An account. */
  public Account find(Account.Kind kind, String login) {
    return store.<Optional<StoredAccount>>read(tx -> tx.accounts().account(login)).filter(account -> account.kind() == kind.stored())
        .map(Account::of).orElseThrow(() -> unknown(kind));
  }

  /** Changes an account. */
  public Account change(Account.Kind kind, String login, Change change) {
    find(kind, login); // before a password is hashed
    change.groups.ifPresent(Accounts::requireGroups);
    change.expiry.ifPresent(expiry -> requireFuture(expiry.at));
    if (kind == Account.Kind.ROBOT && (change.password.isPresent() || change.administrator.orElse(false))) {
      throw invalid("a robot has keys and no password, and is no administrator");
    }
    change.password.ifPresent(password -> requirePassword(login, password));
    String password = change.password.map(hashes::hash).orElse(null);
    return change(kind, login,
        old -> new StoredAccount(login, old.kind(), password == null ? old.password() : password, change.groups.orElse(old.groups()),
            change.administrator.orElse(old.administrator()), change.disabled.orElse(old.disabled()),
            change.expiry.isPresent() ? change.expiry.get().at : old.expires(), old.created()));
  }

  private Account change(Account.Kind kind, String login, UnaryOperator<StoredAccount> change) {
    return write(accounts -> {
      StoredAccount next = change.apply(existing(accounts, kind, login));
      accounts.putAccount(next);
      accounts.raiseEpoch(AccountCache.name(next, login));
      return Account.of(next);
    });
  }

  /** Removes an account, and its keys. */
  public void remove(Account.Kind kind, String login) {
    write(accounts -> {
      StoredAccount account = existing(accounts, kind, login);
      end(accounts, AccountCache.name(account, login));
      accounts.deleteAccount(login);
      return null;
    });
  }

  /**
   * Ends all tokens of an identity, and its API keys. A robot has nothing left to log in with then, but its keys go on to tell what {@link #rotate another}
   * may be good for. The identity need not have an account.
   */
  public void revoke(String identity) {
    if (!IDENTITY.matcher(identity).matches()) {
      throw invalid("name an identity with its kind, as in user:alice");
    }
    write(accounts -> {
      accounts.raiseEpoch(identity);
      if (identity.startsWith("robot:")) {
        accounts.keys(identity, "", 2 * ApiKeys.MOST).forEach(key -> accounts.putKey(ApiKeys.ending(key, now())));
      } else {
        accounts.deleteKeys(identity);
      }
      return null;
    });
  }

  /**
   * Makes another key for a robot, like the newest it had, though that may have ended. Those it has end after a while, if they do not before;
   * if that is none, what was got with them ends, too.
   */
  public ApiKey.Made rotate(String login, Duration grace, @Nullable Instant expires) {
    requireFuture(expires);
    KeySecret secret = KeySecret.make(random);
    return write(accounts -> {
      existing(accounts, Account.Kind.ROBOT, login);
      String owner = "robot:" + login;
      StoredKey pattern = accounts.keys(owner, "", 2 * ApiKeys.MOST).stream().max((a, b) -> a.created().compareTo(b.created()))
          .orElseThrow(() -> new RegistryException(409, ErrorCode.DENIED,
              "no key is left that would tell what another one may be good for: remove the robot, and make it again"));
      ApiKeys.removeExpired(accounts, owner, now());
      accounts.keys(owner, "", ApiKeys.MOST).forEach(key -> ApiKeys.end(accounts, key, now(), grace));
      ApiKeys.requireRoom(accounts, owner);
      var next =
          new StoredKey(newId(), owner, secret.hash(), pattern.description(), pattern.ceiling(), List.of(), now(), expires);
      accounts.putKey(next);
      return new ApiKey.Made(ApiKey.of(next), secret);
    });
  }

  private static void end(AccountWrites accounts, String identity) {
    accounts.raiseEpoch(identity);
    accounts.deleteKeys(identity);
  }

  private static StoredAccount existing(AccountWrites accounts, Account.Kind kind, String login) {
    return accounts.account(login).filter(account -> account.kind() == kind.stored()).orElseThrow(() -> unknown(kind));
  }

  private <T extends @Nullable Object> T write(Function<AccountWrites, T> work) {
    try {
      return store.<T>write(tx -> work.apply(tx.accounts()));
    } finally {
      cache.forget();
    }
  }

  private Instant now() {
    return clock.instant();
  }

  private String newId() {
    return ApiKeys.newId(random);
  }

  private static void require(Wanted wanted, @Nullable String password) {
    if (!isLogin(wanted.login)) {
      throw new RegistryException(ErrorCode.NAME_INVALID,
          "a login has 1 to 128 small letters, digits and . _ @ + -, and begins with a letter or digit");
    }
    requireGroups(wanted.groups);
    if (password != null) {
      requirePassword(wanted.login, password);
    }
  }

  private static void requireGroups(List<String> groups) {
    if (groups.size() > MOST_GROUPS || !groups.stream().allMatch(group -> GROUP.matcher(group).matches())) {
      throw invalid("there are at most " + MOST_GROUPS + " groups, with names of 1 to 100 printable characters other than *");
    }
  }

  private static void requirePassword(String login, String password) {
    if (password.length() < SHORTEST_PASSWORD || password.length() > LONGEST_PASSWORD
        || password.chars().anyMatch(Character::isISOControl) || password.equals(login)) {
      throw invalid("a password has " + SHORTEST_PASSWORD + " to " + LONGEST_PASSWORD
          + " characters, none of them a control character, and is not the login");
    }
    if (password.startsWith(KeySecret.PREFIX)) {
      throw invalid("a password does not begin with " + KeySecret.PREFIX + ", as keys do");
    }
  }

  private void requireFuture(@Nullable Instant expires) {
    if (expires != null && !expires.isAfter(now())) {
      throw invalid("the time to expire at is past");
    }
  }

  private static RegistryException unknown(Account.Kind kind) {
    return new RegistryException(ErrorCode.NAME_UNKNOWN, "there is no such " + kind.noun());
  }

  private static RegistryException invalid(String message) {
    return new RegistryException(400, ErrorCode.UNSUPPORTED, message);
  }
}
