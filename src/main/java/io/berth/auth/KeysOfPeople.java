package io.berth.auth;

import org.jspecify.annotations.Nullable;

/**
 * The keys of people for whom providers vouch, in a registry that keeps no accounts: nobody else is known here, whatever is stored. Safe for any thread.
 */
public final class KeysOfPeople implements Passwords {

  private final AccountPasswords keys;

  public KeysOfPeople(AccountPasswords keys) {
    this.keys = keys;
  }

  private static boolean isTheirs(Credentials.Basic credentials) {
    return credentials.user().indexOf('/') > 0;
  }

  @Override
  public @Nullable Found recall(Credentials.Basic credentials) {
    return isTheirs(credentials) ? keys.recall(credentials) : new Found.Unknown();
  }

  @Override
  public Found find(Credentials.Basic credentials) {
    return isTheirs(credentials) ? keys.find(credentials) : new Found.Unknown();
  }
}
