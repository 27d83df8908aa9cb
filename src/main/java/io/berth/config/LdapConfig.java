package io.berth.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directory whose people are let in. Immutable.
 *
 * @param servers where it is asked, as {@code ldap} or {@code ldaps} with a host, the first that answers
 * @param plain whether {@code ldap} does without StartTLS, with servers on this machine
 * @param roots certificates in PEM that vouch for the servers; absent: those that the Java platform knows
 * @param account who asks for people; absent: nobody in particular
 * @param people how a person is found
 * @param groups which groups count
 * @param remembered how long what it said is believed
 * @param connectTimeout how long a connection may take
 * @param timeout how long an answer may take
 * @param connections the most connections for one purpose
 */
public record LdapConfig(List<URI> servers, boolean plain, Optional<Path> roots, Optional<Account> account, People people, Groups groups,
    Duration remembered, Duration connectTimeout, Duration timeout, int connections) {

  public LdapConfig {
    servers = List.copyOf(servers);
  }

  /**
   * An entry that may look for others.
   *
   * @param passwordFile a file whose first line is its password
   */
  public record Account(String dn, Path passwordFile) {}

  /**
   * How a person is found.
   *
   * @param dn the name of an entry, with <code>{user}</code> in it; absent: it is searched for
   * @param base below which entry it is searched for
   * @param filter what the entry has to fit
   * @param attribute which of its attributes has the login
   */
  public record People(Optional<String> dn, Optional<String> base, String filter, String attribute) {}

  /**
   * Which groups count.
   *
   * @param base below which entry groups stand that are called by the first part of their own name; absent: none is
   * @param attribute which attribute of a person has their names
   * @param filter what a group of a person fits, to be searched for instead
   * @param named groups that stand anywhere, by the names that they have here
   */
  public record Groups(Optional<String> base, String attribute, Optional<String> filter, Map<String, String> named) {

    public Groups {
      named = Map.copyOf(named);
    }
  }
}
