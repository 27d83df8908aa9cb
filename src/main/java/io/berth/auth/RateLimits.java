package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.berth.policy.Identity;
import io.berth.policy.Rate;
import io.berth.policy.RateClass;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How often those who ask may do so: by the address where they come from, before anything is known of them, and by who they are. Never blocks. Bounded:
 * what is forgotten first is what asks seldom, and who is forgotten has a full measure again. Safe for any thread.
 */
public final class RateLimits {

  /** Nobody asks too often. */
  public static final RateLimits NONE = new RateLimits(Terms.NONE, Ticker.systemTicker());

  static final int MOST = 50_000;

  private final Terms terms;
  private final Ticker ticker;
  private final Cache<Asker, Bucket> addresses;
  private final Cache<Asker, Bucket> identities;

  /** Someone who does something. */
  private record Asker(RateClass what, String who) {}

  /**
   * What an operator allows. Of what is not named, everything is.
   *
   * @param addresses to one address; an IPv6 /64 is one
   * @param identities to one identity
   * @param exempt whom nothing of the latter is about
   * @param exemptAddresses whom nothing of the former is about
   */
  public record Terms(Map<RateClass, Rate> addresses, Map<RateClass, Rate> identities, Predicate<Identity> exempt,
      Predicate<InetAddress> exemptAddresses) {

    static final Terms NONE = new Terms(Map.of(), Map.of(), _ -> false, _ -> false);

    public Terms {
      addresses = copy(addresses);
      identities = copy(identities);
    }

    private static Map<RateClass, Rate> copy(Map<RateClass, Rate> rates) {
      var copy = new EnumMap<RateClass, Rate>(RateClass.class);
      copy.putAll(rates);
      return Collections.unmodifiableMap(copy);
    }
  }

  /**
   * Too much.
   *
   * @param allowed what would not have been
   * @param after when the next one is allowed
   */
  public record Excess(Rate allowed, Duration after) {}

  RateLimits(Terms terms, Ticker ticker) {
    this(terms, ticker, cache(terms.addresses, ticker), cache(terms.identities, ticker));
  }

  private RateLimits(Terms terms, Ticker ticker, Cache<Asker, Bucket> addresses, Cache<Asker, Bucket> identities) {
    this.terms = terms;
    this.ticker = ticker;
    this.addresses = addresses;
    this.identities = identities;
  }

  /** Who is not heard of for so long may as much as one who was never heard of. */
  private static Cache<Asker, Bucket> cache(Map<RateClass, Rate> rates, Ticker ticker) {
    Duration rest = rates.values().stream().map(Rate::rest).max(Duration::compareTo).orElse(Duration.ofSeconds(1));
    return Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(rest).ticker(ticker).build();
  }

  /** The same under other terms. Where the rates are the same, what was asked before still counts. */
  public RateLimits under(Terms others) {
    return new RateLimits(others, ticker, others.addresses.equals(terms.addresses) ? addresses : cache(others.addresses, ticker),
        others.identities.equals(terms.identities) ? identities : cache(others.identities, ticker));
  }

  /** Whether addresses may ask as often as they like. */
  public boolean isOpenToAddresses() {
    return terms.addresses.isEmpty();
  }

  /**
   * Counts a request of an address.
   *
   * @param address where it comes from
   * @param network as much of it as one subscriber has
   * @return empty if it is not too much
   */
  public Optional<Excess> ask(RateClass what, InetAddress address, String network) {
    Rate rate = terms.addresses.get(what);
    return rate == null || terms.exemptAddresses.test(address) ? Optional.empty() : ask(addresses, new Asker(what, network), rate);
  }

  /** Counts a request of somebody who is known; those who are not are counted by their addresses only. */
  public Optional<Excess> ask(RateClass what, Identity identity) {
    Rate rate = terms.identities.get(what);
    return rate == null || identity instanceof Identity.Anonymous || terms.exempt.test(identity) ? Optional.empty()
        : ask(identities, new Asker(what, identity.name()), rate);
  }

  private Optional<Excess> ask(Cache<Asker, Bucket> buckets, Asker asker, Rate rate) {
    ConsumptionProbe probe = buckets.get(asker, _ -> bucket(rate)).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed() ? Optional.empty() : Optional.of(new Excess(rate, Duration.ofNanos(probe.getNanosToWaitForRefill())));
  }

  private Bucket bucket(Rate rate) {
    return Bucket.builder().addLimit(limit -> limit.capacity(rate.burst()).refillGreedy(rate.times(), rate.per()))
        .withCustomTimePrecision(new Time(ticker)).build();
  }

  /** The time by which everything here goes. */
  private record Time(Ticker ticker) implements TimeMeter {

    @Override
    public long currentTimeNanos() {
      return ticker.read();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  /** How many are remembered. */
  long remembered() {
    addresses.cleanUp();
    identities.cleanUp();
    return addresses.estimatedSize() + identities.estimatedSize();
  }
}
