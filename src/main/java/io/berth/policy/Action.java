package io.berth.policy;

/** What a caller wants to do with a repository. The names are those of rules and of token scopes. */
public enum Action {
  PULL,
  /** To upload, to put manifests, and both to make and to move tags. */
  PUSH,
  /** To upload, to put manifests, and to make tags; not to move them. */
  CREATE,
  /** To upload, to put manifests, and to move tags that exist; not to make them. */
  MOVE,
  DELETE,
  /** To do everything, and to remove or administer the repository itself. */
  ADMIN
}
