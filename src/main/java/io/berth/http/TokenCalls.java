package io.berth.http;

import io.berth.auth.Challenge;
import io.berth.auth.Holder;
import io.berth.auth.ResourceScope;
import io.berth.auth.TokenService;
import io.berth.auth.TokenService.Ask;
import io.berth.auth.TokenService.Outcome;
import io.berth.auth.TokenService.Proof;
import io.berth.oci.ErrorCode;
import io.berth.oci.ImageRefs;
import io.berth.oci.Json;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Identity;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * The service that makes tokens, as the clients of registries speak to it: a query with credentials in the header, or a form of OAuth 2.0 (RFC
 * 6749) with them in the body. Errors are those of the distribution specification, and of RFC 6749 beside them. Safe for any thread.
 */
final class TokenCalls {

  private static final int FORM_BYTES = 64 << 10;
  private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
  private static final String TYPE = "urn:ietf:params:oauth:token-type:";
  private static final Set<String> SUBJECTS = Set.of(TYPE + "id_token", TYPE + "jwt", TYPE + "access_token");
  private static final String FORM = "application/x-www-form-urlencoded";

  private final Optional<TokenService> service;
  private final Function<Request, Optional<Holder>> holder;
  private final Bodies bodies;
  private final Audit audit;

  /**
   * The calls.
   *
   * @param holder whom the certificate of a client names
   */
  TokenCalls(Optional<TokenService> service, Function<Request, Optional<Holder>> holder, Bodies bodies, Audit audit) {
    this.service = service;
    this.holder = holder;
    this.bodies = bodies;
    this.audit = audit;
  }

  /** A form that is none, in the words of RFC 6749. */
  private static final class BadForm extends Exception {

    private static final long serialVersionUID = 1;

    private final String error;

    BadForm(String error, String message) {
      super(message, null, false, false);
      this.error = error;
    }
  }

  Reply issue(Call.IssueToken call, Request request) {
    if (service.isEmpty()) {
      throw CallParser.notFound();
    }
    try {
      Ask ask = call.form() ? form(request) : query(request);
      return answer(service.get().issue(ask), request);
    } catch (BadForm e) {
      return error(400, new Headers(), ErrorCode.UNSUPPORTED, e.error, String.valueOf(e.getMessage()));
    }
  }

  private Ask query(Request request) {
    Query query = Query.form(request.rawQuery());
    boolean offline = query.all("offline_token").contains("true") || query.all("access_type").contains("offline");
    Optional<String> authorization = request.header("Authorization");
    Proof proof = holder.apply(request).filter(_ -> authorization.isEmpty()).<Proof>map(Proof.Certificate::new)
        .orElseGet(() -> new Proof.Header(authorization));
    return new Ask(proof, ResourceScope.parse(query.all("scope")), tags(request), offline,
        request.origin().network());
  }

  private Ask form(Request request) throws BadForm {
    String type = request.header("Content-Type").orElse("").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!type.equals(FORM)) {
      throw new BadForm("invalid_request", "a token is asked for with a form (" + FORM + ")");
    }
    Query form;
    try (Bodies.Document document = bodies.read(request, FORM_BYTES, "a request for a token")) {
      form = Query.form(new String(document.bytes(), StandardCharsets.ISO_8859_1));
    }
    boolean offline = form.all("access_type").contains("offline");
    form.one("username").ifPresent(request.trail()::account);
    return new Ask(proof(form), ResourceScope.parse(form.all("scope")), tags(request), offline,
        request.origin().network());
  }

  /** The tags of repositories of ours that the client says this is about. A hint: what can't be read says nothing. */
  private static Map<RepositoryName, List<Tag>> tags(Request request) {
    var tags = new HashMap<RepositoryName, List<Tag>>();
    for (ImageRefs.Ref ref : request.trail().refs().refs()) {
      if (ref.here() && ref.repository() != null && ref.tag() != null) {
        tags.computeIfAbsent(ref.repository(), _ -> new ArrayList<>()).add(ref.tag());
      }
    }
    return tags;
  }

  private static Proof proof(Query form) throws BadForm {
    return switch (form.one("grant_type").orElse("")) {
      case "password" -> new Proof.Password(required(form, "username"), required(form, "password"));
      case "refresh_token" -> new Proof.Refresh(required(form, "refresh_token"));
      case EXCHANGE -> exchange(form);
      case "" -> throw new BadForm("invalid_request", "the form has no grant_type");
      default -> throw new BadForm("unsupported_grant_type", "grant_type may be password, refresh_token or " + EXCHANGE);
    };
  }

  /** A job brings a token of its platform (RFC 8693). On behalf of others nobody acts here. */
  private static Proof exchange(Query form) throws BadForm {
    String token = required(form, "subject_token");
    if (!SUBJECTS.contains(required(form, "subject_token_type"))) {
      throw new BadForm("invalid_request", "subject_token_type may be " + TYPE + "id_token");
    }
    if (form.has("actor_token") || !form.one("requested_token_type").orElse(TYPE + "access_token").equals(TYPE + "access_token")) {
      throw new BadForm("invalid_request", "only an access token is made, and only for whom subject_token is about");
    }
    return new Proof.Job(token);
  }

  private static String required(Query form, String name) throws BadForm {
    String value = form.one(name).orElse("");
    if (value.isEmpty()) {
      throw new BadForm("invalid_request", "the form has no " + name);
    }
    return value;
  }

  private Reply answer(Outcome outcome, Request request) {
    return switch (outcome) {
      case Outcome.Issued issued -> {
        request.trail().identity(issued.identity());
        Reply reply = JsonReply.of(200, unkept(), json(issued));
        if (!(issued.identity() instanceof Identity.Anonymous)) {
          audit.issued(request, issued.identity(), issued.scope(), reply);
        }
        yield reply;
      }
      case Outcome.Unknown(String reason) -> {
        String challenge = new Challenge("Berth", Optional.empty()).text(_ -> Optional.empty());
        Reply reply = error(401, unkept().add("WWW-Authenticate", challenge), ErrorCode.UNAUTHORIZED, "invalid_grant", reason);
        audit.notIssued(request, reason, reply);
        yield reply;
      }
      case Outcome.Throttled(Duration after) -> {
        Reply reply = error(429, unkept().add("Retry-After", Long.toString(Math.max(1, after.toSeconds()))), ErrorCode.TOOMANYREQUESTS,
            "invalid_grant", "too many logins failed: try again later");
        audit.notIssued(request, "too many logins failed", reply);
        yield reply;
      }
    };
  }

  /** Some clients read the one name of the token, some the other. */
  private static ObjectNode json(Outcome.Issued issued) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("token", issued.token()).put("access_token", issued.token())
        .put("token_type", "Bearer").put("issued_token_type", TYPE + "access_token")
        .put("expires_in", Duration.between(issued.issued(), issued.expires()).toSeconds())
        .put("issued_at", issued.issued().truncatedTo(ChronoUnit.SECONDS).toString()).put("scope", issued.scope());
    if (issued.refresh() != null) {
      json.put("refresh_token", issued.refresh());
    }
    return json;
  }

  private static Headers unkept() {
    return new Headers().add("Cache-Control", "no-store");
  }

  private static Reply error(int status, Headers headers, ErrorCode code, String error, String message) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.putArray("errors").addObject().put("code", code.name()).put("message", message);
    return JsonReply.of(status, headers, json.put("error", error).put("error_description", message));
  }
}
