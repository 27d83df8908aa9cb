package io.berth.policy;

/** What a caller wants to do with a repository. The names are those of token scopes. */
public enum Action {
  PULL,
  PUSH,
  DELETE,
  /** To remove or administer the repository itself. */
  ADMIN
}
