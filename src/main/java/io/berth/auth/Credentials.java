package io.berth.auth;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** What a request carries to show who sends it. Never printed. */
public sealed interface Credentials {

  /** Nothing. */
  record None() implements Credentials {}

  /** Something that is none of the schemes, or malformed. */
  record Unreadable() implements Credentials {}

  /** User name and password of HTTP Basic authentication (RFC 7617), in UTF-8. */
  record Basic(String user, String password) implements Credentials {

    @Override
    public String toString() {
      return "Basic[user=" + user + ", password=•••]";
    }
  }

  /** A bearer token (RFC 6750). */
  record Bearer(String token) implements Credentials {

    /** The longest that is looked at, in characters. */
    public static final int LONGEST = 16_384;

    @Override
    public String toString() {
      return "Bearer[•••]";
    }
  }

  /** Reads the {@code Authorization} header. */
  static Credentials parse(Optional<String> header) {
    if (header.isEmpty()) {
      return new None();
    }
    String text = header.get();
    int space = text.indexOf(' ');
    String value = space < 0 ? "" : text.substring(space + 1).strip();
    return switch (space < 0 ? "" : text.substring(0, space).toLowerCase(Locale.ROOT)) {
      case "basic" -> basic(value);
      case "bearer" -> value.isEmpty() || value.length() > Bearer.LONGEST ? new Unreadable() : new Bearer(value);
      default -> new Unreadable();
    };
  }

  private static Credentials basic(String value) {
    String text;
    try {
      byte[] bytes = Base64.getDecoder().decode(value);
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return new Unreadable();
    }
    int colon = text.indexOf(':');
    return colon <= 0 || text.chars().anyMatch(Character::isISOControl) ? new Unreadable()
        : new Basic(text.substring(0, colon), text.substring(colon + 1));
  }
}
