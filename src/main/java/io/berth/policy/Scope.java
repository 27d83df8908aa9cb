package io.berth.policy;

import io.berth.oci.RepositoryName;

/** What a request needs to be allowed. Every call states one; there is no request without. */
public sealed interface Scope {

  /** Open to everyone, whoever they are: probes. */
  record Public() implements Scope {}

  /** To be let in at all: {@code GET /v2/}. */
  record Entry() implements Scope {}

  /** To see and change what one has oneself to show who one is: a password, keys. */
  record Self() implements Scope {}

  /** To see which repositories exist. */
  record Catalogue() implements Scope {}

  /** To administer the registry as a whole. */
  record Administration() implements Scope {}

  /** To act on one repository. */
  record Repository(RepositoryName name, Action action) implements Scope {}
}
