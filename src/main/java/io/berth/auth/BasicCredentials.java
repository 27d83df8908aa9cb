package io.berth.auth;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** User name and password of HTTP Basic authentication (RFC 7617), in UTF-8. Never printed. */
record BasicCredentials(String user, String password) {

  private static final String SCHEME = "Basic ";

  /** Reads the header; {@code null} if it is of another scheme or malformed. */
  static @Nullable BasicCredentials parse(String header) {
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String text;
    try {
      byte[] bytes = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return null;
    }
    int colon = text.indexOf(':');
    if (colon <= 0 || text.chars().anyMatch(Character::isISOControl)) {
      return null;
    }
    return new BasicCredentials(text.substring(0, colon), text.substring(colon + 1));
  }

  @Override
  public String toString() {
    return "BasicCredentials[user=" + user + ", password=•••]";
  }
}
