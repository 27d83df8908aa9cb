package io.berth.metadata;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An account of the registry's own.
 *
 * @param password the hash of the password, in the form that says how it was made; {@code null}: it has none
 * @param administrator whether they may do everything
 * @param expires when it ends; {@code null}: it does not
 */
public record StoredAccount(String login, Kind kind, @Nullable String password, List<String> groups, boolean administrator,
    boolean disabled, @Nullable Instant expires, Instant created) {

  /** Whose it is. */
  public enum Kind {
    USER, ROBOT
  }

  public StoredAccount {
    groups = List.copyOf(groups);
  }

  /** Without the hash. */
  @Override
  public String toString() {
    return "StoredAccount[" + kind + " " + login + "]";
  }
}
