package io.berth.auth;

import io.berth.auth.Passwords.Found;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * All the places that know names and passwords, in the order in which they are asked: a name that one of them knows is not looked up in the next. What was right
 * a moment ago is right at once. Anything else is {@linkplain Throttle throttled}, and takes as long whether or not anybody has the name. Requests
 * with the same password that come together, as those of one pull do, are one login. Safe for any thread.
 */
public final class Logins {

  private final List<Passwords> places;
  private final Throttle throttle;
  private final Keyed keyed = new Keyed();
  private final ConcurrentMap<String, CompletableFuture<Outcome>> running = new ConcurrentHashMap<>();

  private record Login(Credentials.Basic credentials, String address) {}

  /** With a memory of its own for what failed. */
  public Logins(List<Passwords> places) {
    this(places, new Throttle());
  }

  public Logins(List<Passwords> places, Throttle throttle) {
    this.places = List.copyOf(places);
    this.throttle = throttle;
  }

  /** What became of a login. */
  public sealed interface Outcome {

    /** It is they. */
    record Known(Found.Good who) implements Outcome {}

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
    Found.Good known = recall(credentials);
    if (known != null) {
      return new Outcome.Known(known);
    }
    var login = new Login(credentials, address);
    var mine = new CompletableFuture<Outcome>();
    String key = keyed.hash(credentials.user(), credentials.password(), address); // nobody feels his way to a password that is looked at
    CompletableFuture<Outcome> first = running.putIfAbsent(key, mine);
    return first == null ? lead(key, login, mine) : follow(first);
  }

  private Outcome lead(String key, Login login, CompletableFuture<Outcome> mine) {
    try {
      Outcome outcome = attempt(login);
      mine.complete(outcome);
      return outcome;
    } catch (RuntimeException | Error e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      running.remove(key);
    }
  }

  private static Outcome follow(CompletableFuture<Outcome> first) {
    try {
      return first.join();
    } catch (CompletionException e) {
      throw new Passwords.UnavailableException("another login with the same password could not be looked at", e);
    }
  }

  private Outcome attempt(Login login) {
    return switch (throttle.ask(login.credentials, login.address)) {
      case Throttle.Answer.Wait(Duration time) -> new Outcome.Throttled(time);
      case Throttle.Answer.Go(Throttle.Attempt attempt) -> {
        boolean said = false;
        try {
          Found.Good known = find(login.credentials);
          said = true;
          if (known == null) {
            attempt.failed();
            yield new Outcome.Refused();
          }
          attempt.succeeded();
          yield new Outcome.Known(known);
        } finally {
          if (!said) {
            attempt.giveBack();
          }
        }
      }
    };
  }

  private Found.@Nullable Good recall(Credentials.Basic credentials) {
    for (Passwords place : places) {
      switch (place.recall(credentials)) {
        case Found.Good good -> {
          return good;
        }
        case Found.Unknown _ -> {
          // the next may know it
        }
        case Found.Wrong _ -> {
          return null;
        }
        case null -> {
          return null;
        }
      }
    }
    return null;
  }

  private Found.@Nullable Good find(Credentials.Basic credentials) {
    boolean refused = false;
    for (Passwords place : places) {
      if (refused) {
        place.refuse(credentials);
        continue;
      }
      switch (place.find(credentials)) {
        case Found.Good good -> {
          return good;
        }
        case Found.Wrong _ -> refused = true;
        case Found.Unknown _ -> {
          // the next may know it
        }
      }
    }
    return null;
  }
}
