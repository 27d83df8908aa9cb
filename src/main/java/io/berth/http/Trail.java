package io.berth.http;

import io.berth.oci.ImageRefs;
import io.berth.oci.Tag;
import io.berth.ops.RequestSpan;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import java.util.List;
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
  private volatile List<Tag> tags = List.of();
  private volatile String from = "";
  private volatile String account = "";
  private volatile String reason = "";
  private volatile @Nullable Long arrived;
  private volatile boolean searched;

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

  /** To which tags something is to be done, as the body says. */
  void tags(List<Tag> named) {
    tags = List.copyOf(named);
  }

  List<Tag> tags() {
    return tags;
  }

  /** From where something is to be copied. */
  void from(String source) {
    from = source;
  }

  String from() {
    return from;
  }

  /** Whose account, or which key, it is about. */
  void account(String name) {
    account = name;
  }

  String account() {
    return account;
  }

  /** What of a repository somebody may not read was looked at on the way, though the call is about no repository. */
  void searched() {
    searched = true;
  }

  boolean isSearched() {
    return searched;
  }

  /** The document that the request brings is there, or will not come. */
  void arrived() {
    arrived = System.nanoTime();
  }

  /** When that was, as {@link System#nanoTime} told; {@code begun} if it brings none. */
  long arrived(long begun) {
    Long time = arrived;
    return time == null ? begun : time;
  }

  /** Why it could not be done. */
  void reason(String words) {
    reason = words;
  }

  String reason() {
    return reason;
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
