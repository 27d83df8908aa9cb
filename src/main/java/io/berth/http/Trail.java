package io.berth.http;

import io.berth.oci.ImageRefs;
import io.berth.ops.RequestSpan;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import org.jspecify.annotations.Nullable;

/**
 * What becomes known about a request on its way, for those who report it in the end. Filled by one thread after the other; may be read at any
 * time from any thread, and then tells what is known so far.
 */
public final class Trail {

  private volatile @Nullable Call call;
  private volatile @Nullable Identity identity;
  private volatile @Nullable Rights rights;
  private volatile ImageRefs refs = ImageRefs.NONE;
  private volatile @Nullable RequestSpan span;
  private volatile boolean seen;

  /** What the request turned out to be. */
  public void call(Call parsed) {
    call = parsed;
  }

  /** What the request is; {@code null} if it is no call, or not yet known to be one. */
  public @Nullable Call call() {
    return call;
  }

  /** Who asks, credentials verified. */
  public void identity(Identity verified) {
    identity = verified;
  }

  /** Who asks; {@code null} while that is not known. */
  public @Nullable Identity identity() {
    return identity;
  }

  /** Who was let in, and what they may do. */
  public void rights(Rights admitted) {
    rights = admitted;
    identity = admitted.identity();
  }

  /** What they may do who were let in; {@code null} if nobody was. */
  public @Nullable Rights rights() {
    return rights;
  }

  /** What the client says that it is about. */
  public void refs(ImageRefs said) {
    refs = said;
  }

  /** What the client says that it is about, which nobody has verified. */
  public ImageRefs refs() {
    return refs;
  }

  /** The observer has seen it begin. */
  void seen(@Nullable RequestSpan begun) {
    span = begun;
    seen = true;
  }

  boolean isSeen() {
    return seen;
  }

  @Nullable RequestSpan span() {
    return span;
  }
}
