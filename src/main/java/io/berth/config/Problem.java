package io.berth.config;

/**
 * Something in the configuration that can't be, in words and with the remedy. Never holds a secret.
 *
 * @param origin where it stands
 * @param path the setting; empty if it is none in particular
 */
public record Problem(Origin origin, String path, String message) {

  @Override
  public String toString() {
    return switch (origin) {
      case Origin.Flag flag -> flag + ": " + message;
      case Origin.Default _ -> path + ": " + message;
      case Origin.File _, Origin.Variable _ -> origin + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    };
  }
}
