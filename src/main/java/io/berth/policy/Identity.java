package io.berth.policy;

import java.util.Map;
import java.util.Set;

/** Who is asking, as far as rules care. */
public sealed interface Identity {

  /** The name for audit and for what is bound to a principal; never empty. Each kind has its prefix, so that none can be called like another. */
  String name();

  /** The groups they belong to, as whoever vouches for them says. */
  default Set<String> groups() {
    return Set.of();
  }

  /** What their token says of them: texts, numbers, truth values, lists and maps. */
  default Map<String, Object> claims() {
    return Map.of();
  }

  /** The same with these groups; of those who can be in none, the same. */
  default Identity in(Set<String> groups) {
    return this;
  }

  /** Nobody in particular. */
  record Anonymous() implements Identity {

    @Override
    public String name() {
      return "anonymous";
    }
  }

  /** The registry itself, where no one has asked: a tag whose time is over. */
  record Registry() implements Identity {

    @Override
    public String name() {
      return "registry";
    }
  }

  /**
   * A person whose credentials have been verified.
   *
   * @param administrator whether they may do everything, whatever the rules say
   */
  record User(String login, Set<String> groups, Map<String, Object> claims, boolean administrator) implements Identity {

    public User {
      groups = Set.copyOf(groups);
      claims = Map.copyOf(claims);
    }

    public User(String login) {
      this(login, Set.of(), Map.of(), false);
    }

    @Override
    public String name() {
      return "user:" + login;
    }

    @Override
    public Identity in(Set<String> others) {
      return new User(login, others, claims, administrator);
    }
  }

  /** A machine with an account of its own. */
  record Robot(String login, Set<String> groups) implements Identity {

    public Robot {
      groups = Set.copyOf(groups);
    }

    @Override
    public String name() {
      return "robot:" + login;
    }

    @Override
    public Identity in(Set<String> others) {
      return new Robot(login, others);
    }
  }

  /**
   * A job for which its own platform vouches, without a secret that is stored anywhere.
   *
   * @param provider what the configuration calls the platform
   * @param subject what the platform calls the job
   */
  record Workload(String provider, String subject, Set<String> groups, Map<String, Object> claims) implements Identity {

    public Workload {
      groups = Set.copyOf(groups);
      claims = Map.copyOf(claims);
    }

    public Workload(String provider, String subject, Map<String, Object> claims) {
      this(provider, subject, Set.of(), claims);
    }

    @Override
    public Identity in(Set<String> others) {
      return new Workload(provider, subject, others, claims);
    }

    @Override
    public String name() {
      return "workload:" + provider + ":" + subject;
    }
  }

  /** The bearer of a token that an external issuer has made, and who is known by that alone. */
  record Bearer(String subject) implements Identity {

    @Override
    public String name() {
      return "bearer:" + subject;
    }
  }
}
