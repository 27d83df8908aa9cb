package io.berth.policy;

/** Where a blob is looked for that is to be mounted and of which the client does not say from where. */
public enum Discovery {
  /** Nowhere. */
  OFF,
  /** In what everybody may read without credentials. */
  PUBLIC,
  /** In what the caller may read. */
  READABLE
}
