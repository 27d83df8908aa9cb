package io.berth.config;

import io.berth.policy.Rate;
import io.berth.policy.RateClass;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of values that rates have. */
final class RateKinds {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,7})/(s|m|h)(?: burst ([0-9]{1,7}))?");
  private static final Duration LONGEST_REST = Duration.ofDays(1);

  private static final Kind<Rate> RATE =
      Kinds.one("rate", "a rate as in 100/s, 600/m or 10/h, perhaps with how many at once: 100/s burst 500", RateKinds::rate,
          Rate::toString);

  /** Rates of one address. */
  static final Kind<Map<String, Rate>> OF_ADDRESSES =
      Kinds.map(Kinds.text("login, pull, blob, push, list or admin", "login|pull|blob|push|list|admin"), RATE);

  /** Rates of one identity. Who logs in is not known before. */
  static final Kind<Map<String, Rate>> OF_IDENTITIES =
      Kinds.map(Kinds.text("pull, blob, push, list or admin", "pull|blob|push|list|admin"), RATE);

  private RateKinds() {}

  private static Rate rate(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "expected a rate as in 100/s, 600/m or 10/h, perhaps with how many at once (100/s burst 500), not '" + Words.shown(text) + "'");
    }
    long times = Long.parseLong(form.group(1));
    long burst = form.group(3) == null ? times : Long.parseLong(form.group(3));
    if (times < 1 || burst < 1) {
      throw new IllegalArgumentException("a rate of 0 would allow nothing: leave it out to allow everything");
    }
    Duration per = switch (form.group(2)) {
      case "s" -> Duration.ofSeconds(1);
      case "m" -> Duration.ofMinutes(1);
      default -> Duration.ofHours(1);
    };
    var rate = new Rate(times, per, burst);
    if (rate.rest().compareTo(LONGEST_REST) > 0) {
      throw new IllegalArgumentException("whoever has used up such a burst would have to rest for more than a day: make it smaller");
    }
    return rate;
  }

  static Map<RateClass, Rate> byClass(Map<String, Rate> byWord) {
    var rates = new EnumMap<RateClass, Rate>(RateClass.class);
    for (RateClass kind : RateClass.values()) {
      Rate rate = byWord.get(kind.word());
      if (rate != null) {
        rates.put(kind, rate);
      }
    }
    return rates;
  }
}
