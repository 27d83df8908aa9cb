package io.berth.policy;

import io.berth.oci.RepositoryName;

/** What must hold besides, for a rule to apply. Pure and quick; must not throw: what can't be decided does not hold. */
@FunctionalInterface
public interface Condition {

  Condition ALWAYS = (_, _, _) -> true;

  boolean holds(Identity identity, RepositoryName repository, Action action);
}
