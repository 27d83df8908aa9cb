package io.berth.oci;

/**
 * How much was pulled.
 *
 * @param pulls manifests that were sent whole
 * @param blobs blobs, or parts of blobs, that were sent as far as they were asked for
 * @param bytes of both, what broke off included
 */
public record PullCounts(long pulls, long blobs, long bytes) {

  public static final PullCounts NONE = new PullCounts(0, 0, 0);

  /** Both together. */
  public PullCounts plus(PullCounts other) {
    return new PullCounts(pulls + other.pulls, blobs + other.blobs, bytes + other.bytes);
  }
}
