package io.berth.policy;

import io.berth.oci.RepositoryName;

/** From where blobs may be mounted, whether the client says from where or leaves it to be found. */
public enum Discovery {
  /** Nowhere. */
  OFF,
  /** In what everybody may read without credentials. */
  PUBLIC,
  /** In what the caller may read. */
  READABLE;

  /** Whether it may be from there, as far as the caller may read there. It follows from rules and credentials, and from nothing that is stored. */
  public boolean allows(Rights rights, RepositoryName from) {
    return !rights.isBoundElsewhere(from) && switch (this) {
      case OFF -> false;
      case PUBLIC -> new Rights(rights.policy(), new Identity.Anonymous()).access(from).mayEverywhere(Action.PULL);
      case READABLE -> true;
    };
  }
}
