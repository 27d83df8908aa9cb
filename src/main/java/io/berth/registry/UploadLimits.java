package io.berth.registry;

/**
 * How many unfinished uploads there may be at a time.
 *
 * @param total of all users
 * @param perUser of one; who comes without credentials is counted by the address
 */
public record UploadLimits(int total, int perUser) {

  /** What suits most registries. */
  public static final UploadLimits DEFAULT = new UploadLimits(50_000, 10_000);
}
