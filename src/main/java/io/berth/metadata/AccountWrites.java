package io.berth.metadata;

/** Changes of accounts, keys and epochs. Who changes any of them has all of them for itself until the transaction ends. */
public interface AccountWrites extends AccountReads {

  /** Stores an account; one of the same login is replaced. */
  void putAccount(StoredAccount account);

  /** Removes an account, and nothing else. */
  void deleteAccount(String login);

  /** Stores a key; one of the same id is replaced. */
  void putKey(StoredKey key);

  /** Removes a key. */
  void deleteKey(String id);

  /** Removes the keys of an identity. */
  void deleteKeys(String owner);

  /**
   * Begins another epoch of an identity.
   *
   * @return its number
   */
  long raiseEpoch(String identity);
}
