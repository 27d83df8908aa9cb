package io.berth.auth;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The service that makes tokens for whoever shows who they are, and for strangers. A token is good for what was asked for as far as the rules of
 * the moment allow it; less than was asked for is no error. Safe for any thread.
 */
public final class TokenService {

  /** What docker's users are shown after a revocation: when its token is refused, it sends that once more as the password of nobody. */
  private static final String UNREADABLE =
      "the Authorization header has no user name with its password; a token that was kept instead is not valid any more: log in again";

  private final AccessPolicy policy;
  private final Logins logins;
  private final Epochs epochs;
  private final Tokens tokens;
  private final Terms terms;
  private final InstantSource clock;

  /**
   * What tokens are like.
   *
   * @param access how long those last that are shown with requests
   * @param refresh those that others are got with; zero: there are none
   * @param binds whether a token is bound to the tags that a client says it is for
   */
  public record Terms(Duration access, Duration refresh, boolean binds) {}

  public TokenService(AccessPolicy policy, Logins logins, Epochs epochs, Tokens tokens, Terms terms, InstantSource clock) {
    this.policy = policy;
    this.logins = logins;
    this.epochs = epochs;
    this.tokens = tokens;
    this.terms = terms;
    this.clock = clock;
  }

  /** How a client shows who it is. */
  public sealed interface Proof {

    /** In the {@code Authorization} header: a name with its password, or nothing. */
    record Header(Optional<String> authorization) implements Proof {}

    /** By the certificate of the connection, which names them. */
    record Certificate(Holder holder) implements Proof {}

    /** In the body: a name and a password. */
    record Password(String user, String password) implements Proof {

      @Override
      public String toString() {
        return "Password[user=" + user + ", password=•••]";
      }
    }

    /** A token of the platform that a job runs on. */
    record Job(String token) implements Proof {

      @Override
      public String toString() {
        return "Job[•••]";
      }
    }

    /** A token that was given for that. */
    record Refresh(String token) implements Proof {

      @Override
      public String toString() {
        return "Refresh[•••]";
      }
    }
  }

  /**
   * What is asked for.
   *
   * @param tags the tags of repositories that the client says the token is for; where there are some, it is good for no more
   * @param offline whether a token is wanted, too, with which others can be got
   * @param address where the request comes from, as much of it as one subscriber has
   */
  public record Ask(Proof proof, List<ResourceScope> scopes, Map<RepositoryName, List<Tag>> tags, boolean offline, String address) {}

  /** What came of it. */
  public sealed interface Outcome {

    /**
     * A token.
     *
     * @param access what it is good for
     * @param refresh a token with which others can be got; {@code null}: there is none
     */
    record Issued(Identity identity, String token, List<ResourceScope> access, Instant issued, Instant expires, @Nullable String refresh)
        implements Outcome {

      /** What it is good for, as clients write it. */
      public String scope() {
        return ResourceScope.text(access);
      }

      @Override
      public String toString() {
        return "Issued[" + identity.name() + "]";
      }
    }

    /** Nobody is known by that: 401. */
    record Unknown(String reason) implements Outcome {}

    /** Too much was tried: 429. */
    record Throttled(Duration after) implements Outcome {}
  }

  /**
   * Somebody who has shown who they are.
   *
   * @param until when what they showed ends
   * @param lasting whether what is known of them holds for as long as their epoch does
   * @param key which key they showed; absent: none
   */
  private record Known(Identity identity, Optional<List<Grant>> ceiling, long epoch, Optional<Instant> until, boolean lasting,
      Optional<String> key) {}

  /** Makes a token; may take long on purpose, since passwords are hashed slowly. */
  public Outcome issue(Ask ask) {
    return switch (ask.proof) {
      case Proof.Header(Optional<String> authorization) -> switch (Credentials.parse(authorization)) {
        case Credentials.None _ -> issue(stranger(), ask);
        case Credentials.Basic basic -> login(basic, ask);
        case Credentials.Bearer _, Credentials.Unreadable _ ->
            new Outcome.Unknown(UNREADABLE);
      };
      case Proof.Certificate(Holder(Identity holder, Instant until)) ->
          issue(new Known(holder, Optional.empty(), epochs.epoch(holder), Optional.of(until), false, Optional.empty()), ask);
      case Proof.Password(String user, String password) -> login(new Credentials.Basic(user, password), ask);
      case Proof.Job(String token) -> login(new Credentials.Basic(Workloads.USER, token), ask);
      case Proof.Refresh(String text) -> tokens.verify(text, Token.Use.REFRESH)
          .filter(token -> token.epoch() == epochs.epoch(token.identity()))
          .flatMap(this::refreshing).map(who -> issue(who, ask))
          .orElseGet(() -> new Outcome.Unknown("the refresh token is not valid, or not any more"));
    };
  }

  /** A key that was replaced ends sooner than when the token was made, and with it what was got with it. */
  private Optional<Known> refreshing(Token token) {
    Optional<Instant> end = token.key().isPresent() ? epochs.end(token.key().get()) : Optional.of(Instant.MAX);
    return end.filter(clock.instant()::isBefore).map(_ -> new Known(token.identity(), token.ceiling(), token.epoch(),
        Optional.of(earlier(token.expires(), end)), false, token.key()));
  }

  private Known stranger() {
    var anonymous = new Identity.Anonymous();
    return new Known(anonymous, Optional.empty(), epochs.epoch(anonymous), Optional.empty(), false, Optional.empty());
  }

  private Outcome login(Credentials.Basic basic, Ask ask) {
    return switch (logins.login(basic, ask.address)) {
      case Logins.Outcome.Known(Passwords.Found.Good who) -> issue(known(who), ask);
      case Logins.Outcome.Refused _ -> new Outcome.Unknown("the user name or password is wrong");
      case Logins.Outcome.Throttled(Duration after) -> new Outcome.Throttled(after);
    };
  }

  /** Whom others vouch for may be somebody else tomorrow, and no epoch tells. */
  private Known known(Passwords.Found.Good who) {
    OptionalLong epoch = who.epoch();
    boolean isConstant = who.identity().groups().isEmpty() && who.identity().claims().isEmpty();
    return new Known(who.identity(), who.ceiling(), epoch.isPresent() ? epoch.getAsLong() : epochs.epoch(who.identity()), who.until(),
        !who.fleeting() && (epoch.isPresent() || isConstant), who.key());
  }

  private Outcome issue(Known who, Ask ask) {
    Instant now = clock.instant();
    boolean bound = terms.binds && ask.scopes.stream().anyMatch(scope -> scope.repository().filter(ask.tags::containsKey).isPresent());
    Optional<List<Grant>> ceiling = bound ? Optional.of(bound(who.ceiling, ask)) : who.ceiling;
    var rights = new Rights(policy, who.identity, ceiling, List.of());
    var access = new ArrayList<ResourceScope>();
    var refused = new ArrayList<ResourceScope>();
    for (ResourceScope asked : ask.scopes) {
      var yes = new ArrayList<String>();
      var no = new ArrayList<String>();
      asked.scopes().forEach((action, scope) -> (isAllowed(rights, scope) ? yes : no).add(action));
      asked.only(yes).ifPresent(access::add);
      asked.only(no).ifPresent(refused::add);
    }
    Instant expires = earlier(now.plus(terms.access), who.until);
    var token = new Token(who.identity, who.epoch, ceiling, access, refused, expires, who.until, bound);
    boolean lasts = ask.offline && who.lasting && !terms.refresh.isZero();
    try {
      String refresh = lasts ? tokens.issue(
          new Token(who.identity, who.epoch, who.ceiling, List.of(), List.of(), earlier(now.plus(terms.refresh), who.until),
              Optional.empty(), false,
              who.key),
          Token.Use.REFRESH) : null;
      return new Outcome.Issued(who.identity, tokens.issue(token, Token.Use.ACCESS), access, now, expires, refresh);
    } catch (TokenText.TooLarge e) {
      return new Outcome.Unknown(String.valueOf(e.getMessage()));
    }
  }

  /** What is left of a ceiling for a token that is bound to tags: these, in the repositories that are asked for. */
  private static List<Grant> bound(Optional<List<Grant>> ceiling, Ask ask) {
    var narrow = new ArrayList<Grant>();
    for (ResourceScope scope : ask.scopes) {
      scope.repository().ifPresent(repository -> ask.tags.getOrDefault(repository, List.of())
          .forEach(tag -> ceiling.orElse(List.of(Grant.EVERYTHING)).forEach(grant -> grant.on(repository, tag).ifPresent(narrow::add))));
    }
    return narrow;
  }

  private static boolean isAllowed(Rights rights, Scope scope) {
    return rights.decide(scope).allowed();
  }

  private static Instant earlier(Instant one, Optional<Instant> other) {
    return other.filter(one::isAfter).orElse(one);
  }
}
