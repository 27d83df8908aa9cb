package io.berth.config;

import io.berth.policy.Glob;
import java.time.Duration;
import java.util.Optional;

/**
 * A rule for referrers as it was written: what it leaves out is what holds elsewhere. Immutable.
 *
 * @param withSubject whether they go with their subject
 */
record ReferrerRuleText(String name, Glob repositories, boolean withSubject, Optional<Duration> grace) {}
