package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Slows down guessing, without locking anybody out.
 *
 * <p>A login costs a drop in three buckets, which a right one takes back: that of the name at this address, that of the address, and that of the name. Buckets
 * leak. Where one of the first two is full, the address waits. Where that of the name is full, many guess from many addresses: then an address
 * has one attempt, and waits after that until it has leaked; so whoever has not failed gets in with the right password. A password that was right
 * within a week, since the process started, is looked at without any of that. The same wrong password again, from a machine that has an old one,
 * counts for its name only, not for all who share its address.
 *
 * <p>Never blocks. Bounded: what is forgotten first is what was not touched for long. Safe for any thread.
 */
public final class Throttle {

  private static final Bucket.Size PAIR = new Bucket.Size(5, Duration.ofSeconds(20));
  private static final Bucket.Size ADDRESS = new Bucket.Size(30, Duration.ofSeconds(4));
  private static final Bucket.Size NAME = new Bucket.Size(50, Duration.ofSeconds(10));
  private static final int MOST = 50_000;
  private static final Duration FORGOTTEN = Duration.ofMinutes(15);
  private static final Duration TRUSTED = Duration.ofDays(7);

  private final Ticker ticker;
  private final Keyed keyed = new Keyed();
  private final Cache<String, Bucket> buckets;
  private final Cache<String, Boolean> tried;
  private final Cache<String, Boolean> trusted;

  public Throttle() {
    this(Ticker.systemTicker());
  }

  Throttle(Ticker ticker) {
    this.ticker = ticker;
    this.buckets = Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(FORGOTTEN).ticker(ticker).build();
    this.tried = Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(FORGOTTEN).ticker(ticker).build();
    this.trusted = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(TRUSTED).ticker(ticker).build();
  }

  /** An attempt that may be made, which was counted as if it failed. */
  public final class Attempt {

    private final String right;
    private final String wrong;
    private final List<Bucket> counted;

    private Attempt(String right, String wrong, List<Bucket> counted) {
      this.right = right;
      this.wrong = wrong;
      this.counted = counted;
    }

    /** It was right. */
    public void succeeded() {
      giveBack();
      trusted.put(right, true);
    }

    /** Nobody could say whether it was right. */
    public void giveBack() {
      counted.forEach(Bucket::take);
    }

    /** It was wrong. */
    public void failed() {
      trusted.invalidate(right);
      tried.put(wrong, true);
    }
  }

  /** What is said to who wants to try. */
  public sealed interface Answer {

    /** Try. */
    record Go(Attempt attempt) implements Answer {}

    /** Not before this time has passed. */
    record Wait(Duration time) implements Answer {}
  }

  /** Whether a name and a password may be tried from an address. */
  public Answer ask(Credentials.Basic credentials, String from) {
    long now = ticker.read();
    String right = keyed.hash("right", credentials.user(), credentials.password());
    String wrong = keyed.hash("wrong", from, credentials.user(), credentials.password());
    if (trusted.getIfPresent(right) != null) {
      return new Answer.Go(new Attempt(right, wrong, List.of()));
    }
    if (Workloads.isShown(credentials)) {
      return shared(from, right, wrong, now);
    }
    boolean again = tried.getIfPresent(wrong) != null;
    Optional<Duration> full = again ? Optional.empty() : full(from, now);
    if (full.isPresent()) {
      return new Answer.Wait(full.get()); // before anything is remembered of the name, or one address could make others forgotten
    }
    Bucket pair = bucket(keyed.hash("pair", from, credentials.user()), PAIR, now);
    Bucket name = bucket(keyed.hash("name", credentials.user()), NAME, now);
    Optional<Duration> wait = pair.add(now, name.isFull(now) ? 1 : PAIR.drops());
    if (wait.isPresent()) {
      return new Answer.Wait(wait.get());
    }
    if (again) {
      name.overflow(now);
      return new Answer.Go(new Attempt(right, wrong, List.of(pair, name)));
    }
    Bucket address = bucket(keyed.hash("address", from), ADDRESS, now);
    Optional<Duration> all = address.add(now, ADDRESS.drops());
    if (all.isPresent()) {
      pair.take();
      return new Answer.Wait(all.get());
    }
    name.overflow(now);
    return new Answer.Go(new Attempt(right, wrong, List.of(pair, address, name)));
  }

  /** All jobs have one name, so it is counted for addresses only, and nobody guesses what a platform signs. */
  private Answer shared(String from, String right, String wrong, long now) {
    if (tried.getIfPresent(wrong) != null) {
      return new Answer.Go(new Attempt(right, wrong, List.of()));
    }
    Bucket address = bucket(keyed.hash("address", from), ADDRESS, now);
    return address.add(now, ADDRESS.drops()).<Answer>map(Answer.Wait::new)
        .orElseGet(() -> new Answer.Go(new Attempt(right, wrong, List.of(address))));
  }

  /** How long an address has to wait that has had its attempts, whatever it tries next. */
  private Optional<Duration> full(String from, long now) {
    Bucket address = buckets.getIfPresent(keyed.hash("address", from));
    return address == null ? Optional.empty() : address.left(now, ADDRESS.drops());
  }

  /** How many are remembered. */
  long remembered() {
    buckets.cleanUp();
    tried.cleanUp();
    return buckets.estimatedSize() + tried.estimatedSize();
  }

  private Bucket bucket(String key, Bucket.Size size, long now) {
    return buckets.get(key, _ -> new Bucket(size, now));
  }
}
