package io.berth.auth;

import io.berth.auth.Passwords.Found;
import io.berth.policy.Identity;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The epochs of all whom a configuration knows: those that the registry keeps, and for users of a password file a number that is another one when their
 * line there changes, so that what they were given ends then, too. Whoever was known by an account ends with the accounts. Safe for any thread.
 */
public final class UserEpochs implements Epochs {

  /** Which no token has. */
  private static final long GONE = -1;

  private final Epochs kept;
  private final boolean accounts;
  private final boolean others;
  private final Optional<HtpasswdFile> file;

  /**
   * Epochs.
   *
   * @param kept those that the registry keeps
   * @param accounts whether accounts are let in
   * @param others whether users are let in who are neither in the file nor have accounts
   */
  public UserEpochs(Epochs kept, boolean accounts, boolean others, Optional<HtpasswdFile> file) {
    this.kept = kept;
    this.accounts = accounts;
    this.others = others;
    this.file = file;
  }

  @Override
  public long epoch(Identity identity) {
    long stamp = stamp(identity);
    return isGone(identity, stamp) ? GONE : kept.epoch(identity) + stamp;
  }

  @Override
  public OptionalLong recall(Identity identity) {
    if (file.isPresent() && file.get().isStale()) {
      return OptionalLong.empty();
    }
    long stamp = stamp(identity);
    OptionalLong known = kept.recall(identity);
    return isGone(identity, stamp) ? OptionalLong.of(GONE) : known.isPresent() ? OptionalLong.of(known.getAsLong() + stamp) : known;
  }

  @Override
  public Optional<Instant> end(String key) {
    return kept.end(key);
  }

  private long stamp(Identity identity) {
    return identity instanceof Identity.User user ? stamp(user.login()) : 0;
  }

  /** A name with a slash is that of somebody for whom a provider vouches. */
  private long stamp(String login) {
    return login.indexOf('/') >= 0 ? 0 : file.map(users -> users.stamp(login)).orElse(0L);
  }

  private boolean isGone(Identity identity, long stamp) {
    return !accounts && (identity instanceof Identity.Robot
        || !others && identity instanceof Identity.User user && user.login().indexOf('/') < 0 && stamp == 0);
  }

  /** A place that says of whom it knows the epoch that holds here, as it was before the password was looked at. */
  public Passwords stamped(Passwords place) {
    return new Stamped(place);
  }

  private final class Stamped implements Passwords {

    private final Passwords place;

    Stamped(Passwords place) {
      this.place = place;
    }

    @Override
    public Found find(Credentials.Basic credentials) {
      long stamp = stamp(credentials.user());
      return with(stamp, place.find(credentials));
    }

    @Override
    public @Nullable Found recall(Credentials.Basic credentials) {
      long stamp = stamp(credentials.user());
      Found found = place.recall(credentials);
      return found == null ? null : with(stamp, found);
    }

    @Override
    public void refuse(Credentials.Basic credentials) {
      place.refuse(credentials);
    }

    private Found with(long stamp, Found found) {
      boolean isFile = file.isPresent() && place.equals(file.get());
      return found instanceof Found.Good good && good.identity() instanceof Identity.User && (isFile || good.epoch().isPresent())
          ? new Found.Good(good.identity(), good.ceiling(),
              OptionalLong.of((isFile ? kept.epoch(good.identity()) : good.epoch().getAsLong()) + stamp), good.until(), good.fleeting(),
              good.key())
          : found;
    }
  }
}
