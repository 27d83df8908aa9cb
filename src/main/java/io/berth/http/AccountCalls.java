package io.berth.http;

import io.berth.auth.Account;
import io.berth.auth.AccountDoor;
import io.berth.auth.Accounts;
import io.berth.auth.ApiKey;
import io.berth.auth.ApiKeys;
import io.berth.auth.Credentials;
import io.berth.auth.KeySecret;
import io.berth.auth.Logins;
import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Scope;
import io.berth.registry.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls about accounts and keys. Secrets are shown once, to who has them made, and no cache keeps them. Safe for any thread. */
final class AccountCalls {

  private static final int LONGEST_PAGE = 1_000;
  private static final Duration GRACE = Duration.ofDays(1);
  private static final Duration LONGEST_GRACE = Duration.ofDays(30);
  private static final MediaType JSON = new MediaType("application/json");

  private final Optional<AccountDoor> door;
  private final SignInCalls signIn;
  private final Bodies bodies;
  private final Locations locations;

  /** Without a {@code door}, there are no accounts. */
  AccountCalls(Optional<AccountDoor> door, SignInCalls signIn, Bodies bodies, Locations locations) {
    this.door = door;
    this.signIn = signIn;
    this.bodies = bodies;
    this.locations = locations;
  }

  Reply answer(AccountCall call, Caller caller, Request request) {
    if (call instanceof AccountCall.BeginLogin(String provider)) {
      return signIn.begin(provider);
    }
    if (call instanceof AccountCall.EndLogin(String provider)) {
      return signIn.end(provider, request);
    }
    AccountDoor open = door.orElseThrow(
        () -> new RegistryException(404, ErrorCode.UNSUPPORTED, "this registry keeps no accounts (auth.accounts.enabled)"));
    return switch (call) {
      case AccountCall.SetUp _ -> setUp(open, request);
      case AccountCall.ListAccounts list -> list(open, list, request);
      case AccountCall.AddAccount(Account.Kind kind) -> kind == Account.Kind.USER ? addUser(open, request) : addRobot(open, request);
      case AccountCall.GetAccount(Account.Kind kind, String login) -> reply(200, json(open.accounts().find(kind, login)));
      case AccountCall.ChangeAccount change -> change(open, change, request);
      case AccountCall.RemoveAccount(Account.Kind kind, String login) -> {
        open.accounts().remove(kind, login);
        yield done();
      }
      case AccountCall.RotateRobot(String login) -> rotate(open, login, request);
      case AccountCall.Revoke _ -> {
        open.accounts().revoke(read(request, Set.of("identity")).text("identity"));
        yield done();
      }
      case AccountCall.ChangePassword _ -> changePassword(open, caller, request);
      case AccountCall.ListKeys list -> keys(open, list, caller, request);
      case AccountCall.AddKey _ -> addKey(open, caller, request);
      case AccountCall.RemoveKey(String id) -> {
        open.keys().remove(caller.rights(), id, caller.rights().decide(new Scope.Administration()).allowed());
        yield done();
      }
      case AccountCall.RotateKey(String id) -> {
        AccountBody body = read(request, Set.of("graceSeconds"));
        yield reply(201, json(open.keys().rotate(caller.rights(), id, grace(body))));
      }
      case AccountCall.BeginLogin _, AccountCall.EndLogin _ -> throw new IllegalStateException("which is for those who log in");
    };
  }

  /** Nobody's browser can be made to send such a request from another site without asking here first. */
  private AccountBody read(Request request, Set<String> fields) {
    if (!request.header("Content-Type").map(MediaType::parse).filter(JSON::equals).isPresent()) {
      throw new RegistryException(415, ErrorCode.UNSUPPORTED, "send JSON, and say so: Content-Type: application/json");
    }
    UploadCalls.requirePlain(request);
    try (var document = bodies.read(request, AccountBody.BYTES, "a request about accounts")) {
      var body = new AccountBody(document.bytes(), fields);
      Stream.of("login", "identity").filter(fields::contains).forEach(name -> body.optionalText(name).ifPresent(request.trail()::account));
      return body;
    }
  }

  private Reply setUp(AccountDoor open, Request request) {
    AccountBody body = read(request, Set.of("token", "login", "password"));
    if (!open.setup().is(body.text("token"))) {
      throw new RegistryException(403, ErrorCode.DENIED,
          "that is not the token of this registry's setup, or it is used up: start the registry"
              + " without an administrator for another one");
    }
    Account made = open.accounts().addFirst(body.text("login"), body.text("password"));
    open.setup().end();
    return reply(201, json(made));
  }

  private Reply list(AccountDoor open, AccountCall.ListAccounts call, Request request) {
    int n = Math.min(call.n(), LONGEST_PAGE);
    return page(request, n, open.accounts().list(call.kind(), call.last(), n + 1), Account::login, call.kind().noun() + "s",
        AccountCalls::json);
  }

  private <T> Reply page(Request request, int n, List<T> found, Function<T, String> position, String name,
      Function<T, ObjectNode> json) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode list = body.putArray(name);
    found.stream().limit(n).map(json).forEach(list::add);
    Reply reply = reply(200, body);
    if (n > 0 && found.size() > n) {
      Links.addNext(reply.headers(), locations.of(request), request, n, position.apply(found.get(n - 1)));
    }
    return reply;
  }

  private Reply addUser(AccountDoor open, Request request) {
    AccountBody body = read(request, Set.of("login", "password", "groups", "administrator", "expires"));
    var wanted = new Accounts.Wanted(body.text("login"), body.texts("groups").orElse(List.of()),
        body.truth("administrator").orElse(false), body.time("expires"));
    return reply(201, json(open.accounts().addUser(wanted, body.text("password"))));
  }

  private Reply addRobot(AccountDoor open, Request request) {
    AccountBody body = read(request, Set.of("login", "groups", "expires", "ceiling", "keyExpires"));
    var wanted = new Accounts.Wanted(body.text("login"), body.texts("groups").orElse(List.of()), false, body.time("expires"));
    ApiKey.Made made = open.accounts().addRobot(wanted, body.ceiling("ceiling"), body.time("keyExpires"));
    ObjectNode answer = json(open.accounts().find(Account.Kind.ROBOT, wanted.login()));
    answer.set("key", json(made));
    return reply(201, answer);
  }

  private Reply change(AccountDoor open, AccountCall.ChangeAccount call, Request request) {
    Set<String> fields = call.kind() == Account.Kind.USER ? Set.of("password", "groups", "administrator", "disabled", "expires")
        : Set.of("groups", "disabled", "expires");
    AccountBody body = read(request, fields);
    var change = new Accounts.Change(body.optionalText("password"), body.texts("groups"), body.truth("administrator"),
        body.truth("disabled"), body.has("expires") ? Optional.of(new Accounts.Expiry(body.time("expires"))) : Optional.empty());
    return reply(200, json(open.accounts().change(call.kind(), call.login(), change)));
  }

  private Reply rotate(AccountDoor open, String login, Request request) {
    AccountBody body = read(request, Set.of("graceSeconds", "expires"));
    return reply(201, json(open.accounts().rotate(login, grace(body), body.time("expires"))));
  }

  private static Duration grace(AccountBody body) {
    return body.seconds("graceSeconds", GRACE, LONGEST_GRACE);
  }

  /** Only who knows the old one, and has not come with something that is good for less. A key is none: it may end in a minute. */
  private Reply changePassword(AccountDoor open, Caller caller, Request request) {
    AccountBody body = read(request, Set.of("current", "password"));
    if (!(caller.identity() instanceof Identity.User user) || caller.rights().ceiling().isPresent()) {
      throw new RegistryException(403, ErrorCode.DENIED, "come with your name and password to change it");
    }
    if (KeySecret.parse(body.text("current")).isPresent()) {
      throw new RegistryException(403, ErrorCode.DENIED, "that is a key, and not the current password");
    }
    switch (open.logins().login(new Credentials.Basic(user.login(), body.text("current")), caller.address())) {
      case Logins.Outcome.Known(var who) when who.identity().name().equals(user.name()) && who.ceiling().isEmpty() ->
          open.accounts().change(Account.Kind.USER, user.login(),
              new Accounts.Change(Optional.of(body.text("password")), Optional.empty(), Optional.empty(), Optional.empty(),
                  Optional.empty()));
      case Logins.Outcome.Known _, Logins.Outcome.Refused _ ->
          throw new RegistryException(403, ErrorCode.DENIED, "that is not the current password");
      case Logins.Outcome.Throttled _ -> throw new RegistryException(ErrorCode.TOOMANYREQUESTS, "too many logins failed: try again later");
    }
    return done();
  }

  private Reply keys(AccountDoor open, AccountCall.ListKeys call, Caller caller, Request request) {
    int n = Math.min(call.n(), LONGEST_PAGE);
    String owner = call.owner() == null ? caller.identity().name() : call.owner();
    return page(request, n, open.keys().list(owner, call.last(), n + 1), ApiKey::id, "keys", AccountCalls::json);
  }

  private Reply addKey(AccountDoor open, Caller caller, Request request) {
    AccountBody body = read(request, Set.of("description", "ceiling", "expires"));
    var wanted = new ApiKeys.Wanted(body.optionalText("description").orElse(""), body.ceiling("ceiling"), body.time("expires"));
    return reply(201, json(open.keys().add(caller.rights(), wanted)));
  }

  private static Reply done() {
    return new Reply.Empty(204, new Headers());
  }

  private static Reply reply(int status, ObjectNode body) {
    return JsonReply.of(status, new Headers().add("Cache-Control", "no-store"), body);
  }

  private static ObjectNode json(Account account) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("login", account.login());
    account.groups().forEach(json.putArray("groups")::add);
    if (account.kind() == Account.Kind.USER) {
      json.put("administrator", account.administrator());
    }
    json.put("disabled", account.disabled()).put("created", account.created().toString());
    if (account.expires() != null) {
      json.put("expires", account.expires().toString());
    }
    return json;
  }

  private static ObjectNode json(ApiKey.Made made) {
    return json(made.key()).put("secret", made.secret().reveal());
  }

  private static ObjectNode json(ApiKey key) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("id", key.id()).put("owner", key.owner()).put("description", key.description());
    key.ceiling().ifPresent(ceiling -> {
      ArrayNode grants = json.putArray("ceiling");
      ceiling.forEach(grant -> write(grants.addObject(), grant));
    });
    json.put("created", key.created().toString());
    if (key.expires() != null) {
      json.put("expires", key.expires().toString());
    }
    return json;
  }

  private static void write(ObjectNode json, Grant grant) {
    grant.repositories().stream().map(Glob::pattern).forEach(json.putArray("repositories")::add);
    if (!grant.tags().isEmpty()) {
      grant.tags().stream().map(Glob::pattern).forEach(json.putArray("tags")::add);
    }
    grant.actions().stream().map(Action::name).map(name -> name.toLowerCase(Locale.ROOT)).forEach(json.putArray("actions")::add);
  }
}
