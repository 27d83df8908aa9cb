package io.berth.config;

import io.berth.policy.Glob;
import io.berth.policy.SparseTerms.Children;
import java.util.Optional;

/** A rule about what must be there, as it was written: what it leaves out is what holds elsewhere. Immutable. */
record SparseRuleText(String name, Glob repositories, Optional<Children> indexes, Optional<Boolean> images) {}
