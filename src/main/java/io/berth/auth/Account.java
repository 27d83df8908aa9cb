package io.berth.auth;

import io.berth.metadata.StoredAccount;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An account as those see it who administer: without anything secret.
 *
 * @param expires when it ends; {@code null}: it does not
 */
public record Account(Kind kind, String login, List<String> groups, boolean administrator, boolean disabled, @Nullable Instant expires,
    Instant created) {

  /** Whose it is. */
  public enum Kind {
    USER("user"), ROBOT("robot");

    private final String noun;

    Kind(String noun) {
      this.noun = noun;
    }

    /** As people call it. */
    public String noun() {
      return noun;
    }

    StoredAccount.Kind stored() {
      return this == USER ? StoredAccount.Kind.USER : StoredAccount.Kind.ROBOT;
    }
  }

  public Account {
    groups = List.copyOf(groups);
  }

  static Account of(StoredAccount stored) {
    return new Account(stored.kind() == StoredAccount.Kind.USER ? Kind.USER : Kind.ROBOT, stored.login(), stored.groups(),
        stored.administrator(), stored.disabled(), stored.expires(), stored.created());
  }
}
