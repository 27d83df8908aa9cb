package io.berth.auth;

import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.policy.Identity;
import io.berth.policy.Wildcard;
import io.berth.signing.CompactJws;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * People who log in with a browser: their provider (OpenID Connect) says who they are, and they get a key that is a password for a while. The
 * authorization code flow with PKCE, state and nonce, each of which is looked at, once. What the provider says is believed only if it has signed it, for
 * this registry, for this login. Safe for any thread; callers wait for the provider.
 */
public final class SignIn {

  /** Where people begin. */
  public static final String PATH = "/v2/_berth/login";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}");
  private static final Pattern GROUP = Pattern.compile("[^\\p{Cntrl}*]{1,100}");
  private static final int MOST_GROUPS = 500;
  private static final int LONGEST = 4_096;
  private static final int AT_A_TIME = 16;

  private final Map<String, Provider> providers;
  private final SignInStates states;
  private final ApiKeys keys;
  private final InstantSource clock;
  private final String callback;
  private final Semaphore turns = new Semaphore(AT_A_TIME);

  /**
   * A provider.
   *
   * @param issuer with its keys and endpoints
   * @param client what it knows this registry as
   * @param secret what it gave this registry; absent: nothing
   * @param scopes what it is asked for
   * @param username the claim that has somebody's name
   * @param groups the claim that has their groups
   * @param claims what else its tokens have to say: of each of these one of the patterns
   * @param lifetime how long a key lasts that somebody gets
   */
  public record Provider(Issuer issuer, String client, Optional<String> secret, List<String> scopes, String username, String groups,
      Map<String, List<Wildcard>> claims, Duration lifetime) {

    @Override
    public String toString() {
      return "Provider[" + issuer.url() + "]";
    }
  }

  /**
   * Logins with a browser.
   *
   * @param providers by the names that stand before those of their people
   * @param base the URL of the login page of this registry, as the operator says it
   */
  public SignIn(Map<String, Provider> providers, String base, SignInStates states, ApiKeys keys, InstantSource clock) {
    this.providers = Map.copyOf(providers);
    this.callback = base;
    this.states = states;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * A login that was begun.
   *
   * @param location where the browser goes next
   * @param cookie what it has to come back with
   */
  public record Begun(URI location, String cookie) {}

  /** What a browser comes back with; nothing of it is believed. */
  public record Answer(Optional<String> code, Optional<String> state, Optional<String> issuer, Optional<String> error,
      Optional<String> cookie) {}

  /** What came of it. */
  public sealed interface Outcome {

    /** It is they, and this is their key. */
    record Welcome(Identity.User user, ApiKey.Made key) implements Outcome {}

    /** Nobody is let in, for this reason. */
    record Refused(int status, String reason) implements Outcome {}
  }

  /** The names of the providers, sorted. */
  public Set<String> providers() {
    return new TreeSet<>(providers.keySet());
  }

  /** The URL of the login page, as the operator says it. */
  public URI base() {
    return URI.create(callback);
  }

  /**
   * Begins one.
   *
   * @return nothing, if there is no such provider
   * @throws Passwords.UnavailableException if it does not answer
   */
  public Optional<Begun> begin(String name) {
    return Optional.ofNullable(providers.get(name)).map(provider -> {
      SignInStates.State state = states.begin(name);
      String challenge = encoded(Digest.Algorithm.SHA256.of(state.verifier().getBytes(StandardCharsets.US_ASCII)));
      URI endpoint = provider.issuer.endpoints().authorization();
      String query = form("response_type", "code", "client_id", provider.client, "redirect_uri", callback(name), "scope",
          String.join(" ", provider.scopes), "state", state.state(), "nonce", state.nonce(), "code_challenge", challenge,
          "code_challenge_method", "S256");
      return new Begun(URI.create(endpoint + (endpoint.getRawQuery() == null ? "?" : "&") + query), state.cookie());
    });
  }

  /**
   * Ends one.
   *
   * @return nothing, if there is no such provider
   * @throws Passwords.UnavailableException if it does not answer
   */
  public Optional<Outcome> end(String name, Answer answer) {
    return Optional.ofNullable(providers.get(name)).map(provider -> end(name, provider, answer));
  }

  private Outcome end(String name, Provider provider, Answer answer) {
    Optional<SignInStates.State> state = answer.cookie.flatMap(cookie -> states.end(name, cookie, answer.state.orElse("")));
    if (state.isEmpty()) {
      return new Outcome.Refused(400, "this login is over, or was not begun in this browser");
    }
    if (answer.issuer.isPresent() && !answer.issuer.get().equals(provider.issuer.url())) {
      return new Outcome.Refused(400, "this is an answer of somebody else than the provider");
    }
    if (answer.error.isPresent()) {
      return new Outcome.Refused(403, "the provider has not let you in");
    }
    if (answer.code.isEmpty() || answer.code.get().isEmpty() || answer.code.get().length() > LONGEST) {
      return new Outcome.Refused(400, "the provider's answer can't be read");
    }
    if (!turns.tryAcquire()) {
      throw new Passwords.UnavailableException("more people log in with their browser than " + AT_A_TIME + " at a time", null);
    }
    try {
      JsonNode claims = redeem(name, provider, answer.code.get(), state.get());
      return claims == null ? new Outcome.Refused(403, "the provider does not vouch for this login") : welcome(name, provider, claims);
    } finally {
      turns.release();
    }
  }

  /** What the token says that the code stands for; {@code null} if there is none, or none that can be believed. */
  private @Nullable JsonNode redeem(String name, Provider provider, String code, SignInStates.State state) {
    String form = form("grant_type", "authorization_code", "code", code, "redirect_uri", callback(name), "client_id", provider.client,
        "code_verifier", state.verifier());
    Optional<String> authorization = provider.secret
        .map(secret -> "Basic " + Base64.getEncoder()
            .encodeToString((encoded(provider.client) + ":" + encoded(secret)).getBytes(StandardCharsets.UTF_8)));
    Optional<byte[]> body = provider.issuer.post(provider.issuer.endpoints().token(), form, authorization);
    if (body.isEmpty()) {
      return null;
    }
    try {
      return CompactJws.parse(Json.parse(body.get()).path("id_token").asString("")).filter(token -> isGood(token, provider, state.nonce()))
          .map(CompactJws::payload).orElse(null);
    } catch (Json.InvalidJson e) {
      return null;
    }
  }

  private boolean isGood(CompactJws token, Provider provider, String nonce) {
    JsonNode claims = token.payload();
    Instant now = clock.instant();
    boolean isNow = Workloads.time(claims.path("exp")).filter(now::isBefore).isPresent() && claims.has("iat")
        && Workloads.begun(claims.path("iat"), now) && Workloads.begun(claims.path("nbf"), now);
    JsonNode party = claims.path("azp");
    boolean isOurs = claims.path("iss").isString() && claims.path("iss").asString().equals(provider.issuer.url())
        && Workloads.isFor(claims.path("aud"), List.of(provider.client)) && (party.isMissingNode() ? claims.path("aud").size() <= 1
            : party.isString() && party.asString().equals(provider.client));
    return isNow && isOurs && claims.path("nonce").isString() && claims.path("nonce").asString().equals(nonce)
        && claims.path("sub").isString() && provider.issuer.hasSigned(token);
  }

  private Outcome welcome(String name, Provider provider, JsonNode claims) {
    if (!Workloads.hasClaims(claims, provider.claims)) {
      return new Outcome.Refused(403, "people like you are not let in here: ask those who run this registry");
    }
    JsonNode who = claims.path(provider.username);
    boolean isUnverified = provider.username.equals("email") && !claims.path("email_verified").asBoolean(false);
    if (!who.isString() || !NAME.matcher(who.asString()).matches() || isUnverified) {
      return new Outcome.Refused(403,
          "the provider does not say what you are called, or not in letters, digits and . _ @ + -: ask those who run this registry");
    }
    var user = new Identity.User(name + "/" + who.asString(), groups(claims.path(provider.groups)), Map.of(), false);
    return new Outcome.Welcome(user, keys.signedIn(user, provider.lifetime));
  }

  private static Set<String> groups(JsonNode claim) {
    var groups = new TreeSet<String>();
    for (JsonNode one : claim.isArray() ? claim : List.of(claim)) {
      if (one.isString() && GROUP.matcher(one.asString()).matches() && groups.size() < MOST_GROUPS) {
        groups.add(one.asString());
      }
    }
    return groups;
  }

  private String callback(String name) {
    return callback + "/" + name + "/callback";
  }

  private static String encoded(Digest digest) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(HexFormat.of().parseHex(digest.encoded()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String form(String... namesAndValues) {
    var form = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      form.append(i == 0 ? "" : "&").append(namesAndValues[i]).append('=').append(encoded(namesAndValues[i + 1]));
    }
    return form.toString();
  }
}
