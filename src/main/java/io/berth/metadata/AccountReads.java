package io.berth.metadata;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Questions about accounts, keys and epochs. The rules of {@link ReadTransaction} hold. */
public interface AccountReads {

  /** An account. Users and robots have their names from one supply. */
  Optional<StoredAccount> account(String login);

  /** Accounts of a kind, in the order of their logins. */
  List<StoredAccount> accounts(StoredAccount.Kind kind, String after, int limit);

  /** Whether someone can log in who may do everything: a user with that mark who is neither disabled nor expired. */
  boolean hasAdministrator(Instant now);

  /** A key. */
  Optional<StoredKey> key(String id);

  /** The key whose secret has this hash. */
  Optional<StoredKey> keyOf(String hash);

  /** The keys of an identity, in the order of their ids. */
  List<StoredKey> keys(String owner, String after, int limit);

  /** The epoch of an identity; 0 where it was never raised. */
  long epoch(String identity);
}
