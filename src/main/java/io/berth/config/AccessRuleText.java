package io.berth.config;

import io.berth.policy.AccessRule;

/**
 * A rule of access as it was written: it knows where it stands, which is told those who ask why something is allowed. Immutable.
 *
 * @param origin where the rule stands
 */
record AccessRuleText(AccessRule rule, Origin origin) {}
