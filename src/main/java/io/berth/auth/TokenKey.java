package io.berth.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A token as the key of a cache. To compare it with another of its length takes as long whatever they have in common, so nobody feels his way to one that is
 * remembered. Immutable.
 */
final class TokenKey {

  private final byte[] text;
  private final int hash;

  TokenKey(String text) {
    this.text = text.getBytes(StandardCharsets.ISO_8859_1);
    this.hash = text.hashCode();
  }

  /** In characters. */
  int length() {
    return text.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenKey key && MessageDigest.isEqual(text, key.text);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "TokenKey[•••]";
  }
}
