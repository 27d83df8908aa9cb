package io.berth.auth;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a directory before it is asked. Immutable; never printed whole, since a password is in it.
 *
 * @param servers where it is asked, the first that answers
 * @param account who asks for people; absent: nobody in particular
 * @param people how a person is found
 * @param groups which groups count
 * @param remembered how long what it said is believed
 * @param patience how long it is waited for
 * @param connections the most connections for one purpose
 */
public record DirectoryTerms(List<Server> servers, Optional<Account> account, People people, Groups groups, Duration remembered,
    Patience patience, int connections) {

  public DirectoryTerms {
    servers = List.copyOf(servers);
  }

  /** A server. */
  public record Server(String host, int port, Protection protection) {}

  /** What keeps passwords from those on the way. */
  public enum Protection {
    /** TLS from the first byte. */
    TLS,
    /** TLS before anything else is said. */
    START_TLS,
    /** Nothing, where there is no way. */
    NONE
  }

  /** An entry that may look for others. */
  public record Account(String dn, String password) {

    @Override
    public String toString() {
      return "Account[dn=" + dn + ", password=•••]";
    }
  }

  /**
   * How a person is found.
   *
   * @param dn the name of their entry, with <code>{user}</code> in it; absent: they are looked for below {@code base}
   * @param filter what the entry has to fit
   * @param attribute which of its attributes has the login
   */
  public record People(Optional<String> dn, String base, String filter, String attribute) {}

  /**
   * Which groups count.
   *
   * @param base below which entry those stand that are called by the first part of their own name; absent: none is
   * @param attribute which attribute of a person has their names
   * @param filter what a group of a person fits, to be looked for instead
   * @param named groups that stand anywhere, by the names that they have here
   */
  public record Groups(Optional<String> base, String attribute, Optional<String> filter, Map<String, String> named) {

    public Groups {
      named = Map.copyOf(named);
    }
  }

  /**
   * How long it is waited for.
   *
   * @param connect a connection
   * @param answer an answer, or a turn
   */
  public record Patience(Duration connect, Duration answer) {}
}
