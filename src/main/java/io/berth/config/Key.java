package io.berth.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A key of the configuration that Berth knows, and what it makes of it. There is no key that it knows and drops without a word. */
sealed interface Key {

  /** Where it stands: {@code http.tls.certificate}. */
  String path();

  /** What begins the name of every variable of the environment that sets one. */
  String PREFIX = "REGISTRY_";

  /** The variable of the environment that sets it. */
  default String variable() {
    return PREFIX + path().toUpperCase(Locale.ROOT).replace('.', '_');
  }

  /** Whether CNCF Distribution has the key too, and reads it in the same way. */
  sealed interface Kinship {

    /** The same key with the same meaning. */
    record Same() implements Kinship {}

    /** The same key; the difference in one sentence. */
    record Differs(String how) implements Kinship {}

    /** Berth alone has it. */
    record Own() implements Kinship {}
  }

  /**
   * A key that Berth honours.
   *
   * @param byDefault what holds where nothing is said; {@code null}: nothing
   * @param doc what it does, in a sentence
   * @param reloadable whether a running server takes a change of it
   */
  record Setting<T>(String path, Kind<T> kind, @Nullable T byDefault, String doc, Kinship kinship, boolean reloadable) implements Key {

    Setting<T> differs(String how) {
      return new Setting<>(path, kind, byDefault, doc, new Kinship.Differs(how), reloadable);
    }

    Setting<T> own() {
      return new Setting<>(path, kind, byDefault, doc, new Kinship.Own(), reloadable);
    }

    Setting<T> live() {
      return new Setting<>(path, kind, byDefault, doc, kinship, true);
    }
  }

  /**
   * A key of CNCF Distribution, with all below it, that changes nothing in Berth; a warning says so.
   *
   * @param below the keys below it; empty: it is one value
   */
  record Ignored(String path, List<String> below, String reason) implements Key {}

  /**
   * A key of CNCF Distribution, with all below it, that stops Berth from starting, since to go on without it would not be what was asked for.
   *
   * @param below the keys below it; empty: it is one value
   * @param harmless what may be said here, since it asks for nothing
   * @param allowed the same for readers; absent: nothing but to leave it empty
   */
  record Refused(String path, List<String> below, String reason, String remedy, Harmless harmless, Optional<String> allowed)
      implements Key {

    Refused unless(String words, Harmless fine) {
      return new Refused(path, below, reason, remedy, fine, Optional.of(words));
    }
  }

  /** Whether a value asks for nothing that Berth does not do, though the key is refused. */
  @FunctionalInterface
  interface Harmless {
    boolean in(Node value, Node.Section beside);
  }

  /** A key that Berth honours. */
  static <T> Setting<T> setting(String path, Kind<T> kind, @Nullable T byDefault, String doc) {
    return new Setting<>(path, kind, byDefault, doc, new Kinship.Same(), false);
  }

  /** A key that Berth ignores; {@code below} lists the keys below it with blanks between. */
  static Ignored ignored(String path, String below, String reason) {
    return new Ignored(path, words(below), reason);
  }

  /** A key that Berth refuses. */
  static Refused refused(String path, String below, String reason, String remedy) {
    return new Refused(path, words(below), reason, remedy, (_, _) -> false, Optional.empty());
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }
}
