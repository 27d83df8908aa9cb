package io.berth.signing;

/** Why a file of keys can't be used, in words for an operator: the file, what is wrong with it, and what to do. Never the key. */
public final class InvalidKey extends Exception {

  private static final long serialVersionUID = 1;

  InvalidKey(String message) {
    super(message, null, false, false);
  }
}
