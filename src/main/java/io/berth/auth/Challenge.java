package io.berth.auth;

import java.util.Optional;
import java.util.function.Function;

/**
 * How a client is asked to say who it is. The same for everyone, and for what exists and what does not.
 *
 * @param realm what a client shows to the user whom it asks for a password; visible ASCII without quotes and backslashes
 * @param bearer what a token has to be good for; absent: passwords are asked for
 */
public record Challenge(String realm, Optional<Bearer> bearer) {

  /**
   * A token is wanted.
   *
   * @param url where tokens are had; absent: from this registry
   * @param path where it has them
   * @param service whom the token is for
   * @param scope what it has to be good for; empty: any will do
   * @param error what is wrong with the one that was shown (RFC 6750); empty if there was none
   */
  public record Bearer(Optional<String> url, String path, String service, String scope, String error) {}

  /**
   * The value of {@code WWW-Authenticate}.
   *
   * @param absolute the URL of a path of this registry, as far as the client can be told for sure; where it can't, a password is asked for, which is
   *     accepted everywhere
   */
  public String text(Function<String, Optional<String>> absolute) {
    Optional<String> url = bearer.flatMap(wanted -> wanted.url.or(() -> absolute.apply(wanted.path)));
    if (bearer.isEmpty() || url.isEmpty()) {
      return "Basic realm=\"" + realm + "\", charset=\"UTF-8\"";
    }
    Bearer wanted = bearer.get();
    return "Bearer realm=\"" + url.get() + "\",service=\"" + wanted.service + "\""
        + (wanted.scope.isEmpty() ? "" : ",scope=\"" + wanted.scope + "\"")
        + (wanted.error.isEmpty() ? "" : ",error=\"" + wanted.error + "\"");
  }
}
