package io.berth.http;

import io.berth.auth.ApiKey;
import io.berth.auth.Passwords;
import io.berth.auth.SignIn;
import io.berth.auth.SignInStates;
import java.net.URI;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Logins with a browser: pages without anything that runs. Nobody is sent anywhere but to a provider that the operator has named, and comes back to
 * the URL that the operator has named; nothing that a request says has a part in either. Safe for any thread.
 */
final class SignInCalls {

  private static final String LATER = "30";

  private final Optional<SignIn> signIn;
  private final Audit audit;

  /** Without {@code signIn}, there are none. */
  SignInCalls(Optional<SignIn> signIn, Audit audit) {
    this.signIn = signIn;
    this.audit = audit;
  }

  /**
   * Sends to a provider; where there are several and none is named, asks which.
   *
   * @param provider {@code null} if none is named
   */
  Reply begin(@Nullable String provider) {
    SignIn open = signIn.orElseThrow(CallParser::notFound);
    List<String> names = List.copyOf(open.providers());
    if (provider == null && names.size() > 1) {
      var page = new Page("Log in to " + open.base().getAuthority());
      names.forEach(name -> page.leads(open.base().getRawPath() + "/" + name, "with " + name));
      return page.reply(200);
    }
    try {
      SignIn.Begun begun = open.begin(provider == null ? names.getFirst() : provider).orElseThrow(CallParser::notFound);
      return new Reply.Empty(303, Page.guarded(new Headers()).add("Location", begun.location().toString())
          .add("Set-Cookie", cookie(open, begun.cookie(), SignInStates.LIFE.toSeconds())));
    } catch (Passwords.UnavailableException e) {
      return away(open);
    }
  }

  /** Lets in, or not, whom a provider has sent back. */
  Reply end(String provider, Request request) {
    SignIn open = signIn.orElseThrow(CallParser::notFound);
    Query query = Query.form(request.rawQuery());
    var answer = new SignIn.Answer(query.one("code"), query.one("state"), query.one("iss"), query.one("error"), cookie(open, request));
    Reply reply;
    try {
      reply = switch (open.end(provider, answer).orElseThrow(CallParser::notFound)) {
        case SignIn.Outcome.Welcome(var user, ApiKey.Made made) -> {
          request.trail().identity(user);
          Reply welcome = welcome(open, user.login(), made);
          audit.keyIssued(request, user, made.key().id(), welcome);
          yield welcome;
        }
        case SignIn.Outcome.Refused(int status, String reason) -> {
          Reply refused = new Page("Not logged in").says(reason + ".").leads(open.base().getRawPath(), "Begin again").reply(status);
          audit.notIssued(request, reason, refused);
          yield refused;
        }
      };
    } catch (Passwords.UnavailableException e) {
      reply = away(open);
    }
    reply.headers().add("Set-Cookie", cookie(open, "", 0));
    return reply;
  }

  private static Reply welcome(SignIn open, String login, ApiKey.Made made) {
    String host = open.base().getAuthority();
    return new Page("Logged in as " + login)
        .says("This is your password here" + (made.key().expires() == null ? ""
            : " until "
                + made.key().expires().truncatedTo(ChronoUnit.SECONDS))
            + ". It is shown this once.")
        .shows(made.secret().reveal()).says("Log in with it:")
        .shows("docker login " + host + " --username " + login).reply(200);
  }

  private static Reply away(SignIn open) {
    Reply.Bytes reply =
        new Page("Try again").says("Nobody can be let in at the moment.").leads(open.base().getRawPath(), "Begin again").reply(503);
    reply.headers().add("Retry-After", LATER);
    return reply;
  }

  /** Its prefix has browsers refuse it from anybody but this host, where they speak TLS. */
  private static String cookieName(SignIn open) {
    return isTls(open.base()) ? "__Host-berth-login" : "berth-login";
  }

  private static boolean isTls(URI base) {
    return "https".equalsIgnoreCase(base.getScheme());
  }

  private static String cookie(SignIn open, String value, long seconds) {
    return cookieName(open) + "=" + value + "; Path=/; Max-Age=" + seconds + "; HttpOnly; SameSite=Lax"
        + (isTls(open.base()) ? "; Secure" : "");
  }

  /** The one cookie of that name; of several, none is believed. */
  private static Optional<String> cookie(SignIn open, Request request) {
    String name = cookieName(open) + "=";
    var found = new ArrayList<String>();
    for (String header : request.headers("Cookie")) {
      for (String one : header.split(";", -1)) {
        if (one.strip().startsWith(name)) {
          found.add(one.strip().substring(name.length()));
        }
      }
    }
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }
}
