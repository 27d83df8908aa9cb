package io.berth.auth;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Those who make the tokens that are accepted as bearer tokens: this registry, or another issuer. Safe for any thread. */
public interface Bearers {

  /** What a token says, if one of them made it for us, and its time is not over. May ask for a key and wait for it. */
  Optional<Token> verify(String token);

  /** The same for one that was verified here not long ago, without waiting for anything; else {@code null}. */
  @Nullable Token recall(String token);

  /** Where tokens are had; absent: from this registry. */
  Optional<String> url();

  /** Where they are had from this registry, if they are. */
  String path();

  /** Whom they have to be for. */
  String service();
}
