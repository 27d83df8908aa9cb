package io.berth.policy;

import java.util.Locale;

/** Kinds of requests that are counted together where somebody asks too often. */
public enum RateClass {
  /** To show who one is: tokens, {@code /v2/}. */
  LOGIN("logs in or asks for tokens"),
  /** To read manifests. */
  PULL("reads manifests"),
  /** To read blobs. */
  BLOB("reads blobs"),
  /** To change something in a repository: each request of an upload is one. */
  PUSH("pushes, tags or deletes"),
  /** To look around: lists, histories, graphs, and what is no request that the registry knows. */
  LIST("asks for lists"),
  /** To administer. */
  ADMIN("administers");

  private final String deed;

  RateClass(String deed) {
    this.deed = deed;
  }

  /** What someone does who does that, in words. */
  public String deed() {
    return deed;
  }

  /** As settings have it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
