package io.berth.http;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Positions in lists that a client is to come back with and may not read, since what stands there is not the client's to know. They are good as long
 * as this process runs; one that is not known is taken as it stands. The same position is hidden in the same way. Safe for any thread.
 */
final class Positions {

  /** Begins what is hidden. No name begins so. */
  private static final String MARK = "~";
  private static final int NONCE = 12;
  private static final byte[] SECRET = new byte[32];
  private static final SecretKeySpec KEY;
  private static final SecretKeySpec NONCES;

  static {
    new SecureRandom().nextBytes(SECRET);
    KEY = new SecretKeySpec(SECRET, 0, 16, "AES");
    NONCES = new SecretKeySpec(SECRET, 16, 16, "HmacSHA256");
  }

  private Positions() {}

  /** The position as a client may have it. */
  static String of(String position, boolean readable) {
    return readable ? position : hidden(position);
  }

  private static String hidden(String position) {
    try {
      byte[] text = position.getBytes(StandardCharsets.UTF_8);
      Mac mac = Mac.getInstance(NONCES.getAlgorithm());
      mac.init(NONCES);
      byte[] nonce = Arrays.copyOf(mac.doFinal(text), NONCE);
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(text);
      byte[] all = Arrays.copyOf(nonce, NONCE + sealed.length);
      System.arraycopy(sealed, 0, all, NONCE, sealed.length);
      return MARK + Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES and HMAC", e);
    }
  }

  /** The position that a client came back with. */
  static String shown(String text) {
    if (!text.startsWith(MARK)) {
      return text;
    }
    try {
      byte[] all = Base64.getUrlDecoder().decode(text.substring(MARK.length()));
      return all.length <= NONCE ? text
          : new String(
              cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(all, NONCE)).doFinal(all, NONCE, all.length - NONCE), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return text;
    }
  }

  private static Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, KEY, new GCMParameterSpec(128, nonce));
    return cipher;
  }
}
