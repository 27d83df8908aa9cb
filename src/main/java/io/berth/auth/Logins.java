package io.berth.auth;

import java.time.Duration;
import java.util.List;

/**
 * All the places that know names and passwords, in the order in which they are asked: a name that one of them knows is not looked up in the next.
 * Safe for any thread.
 */
public final class Logins {

  private final List<Passwords> places;

  public Logins(List<Passwords> places) {
    this.places = List.copyOf(places);
  }

  /** What became of a login. */
  public sealed interface Outcome {

    /** It is they. */
    record Known(Passwords.Found.Good who) implements Outcome {}

    /** The name or the password is wrong; which of them, nobody is told. */
    record Refused() implements Outcome {}

    /** Too much was tried, and this was not looked at. */
    record Throttled(Duration after) implements Outcome {}
  }

  /**
   * Looks at a name and a password; may take long on purpose.
   *
   * @param address where they come from, as much of it as one subscriber has
   * @throws Passwords.UnavailableException if nothing can be said at this time
   */
  public Outcome login(Credentials.Basic credentials, String address) {
    for (Passwords place : places) {
      switch (place.find(credentials)) {
        case Passwords.Found.Good good -> {
          return new Outcome.Known(good);
        }
        case Passwords.Found.Wrong _ -> {
          return new Outcome.Refused();
        }
        case Passwords.Found.Unknown _ -> {
          // the next may know it
        }
      }
    }
    return new Outcome.Refused();
  }
}
