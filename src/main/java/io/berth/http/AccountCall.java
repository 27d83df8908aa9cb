package io.berth.http;

import io.berth.auth.Account;
import io.berth.oci.Limits;
import io.berth.policy.Scope;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request about accounts and keys, parsed: the part of {@link Call} for {@code /v2/_berth/users}, {@code robots} and what belongs to them. */
sealed interface AccountCall {

  /** Objects on a page of which nobody has said how long it is to be. */
  int PAGE = 100;

  /** What the caller must be allowed. */
  default Scope scope() {
    return new Scope.Administration();
  }

  /** Whether it changes anything. */
  default boolean changes() {
    return true;
  }

  /** {@code POST /v2/_berth/setup}: the first administrator. The token that comes with it is what allows it. */
  record SetUp() implements AccountCall {
    @Override
    public Scope scope() {
      return new Scope.Public();
    }
  }

  /** {@code GET /v2/_berth/users}, {@code …/robots}. */
  record ListAccounts(Account.Kind kind, int n, String last) implements AccountCall {
    @Override
    public boolean changes() {
      return false;
    }
  }

  /** {@code POST} to the same. */
  record AddAccount(Account.Kind kind) implements AccountCall {}

  /** {@code GET /v2/_berth/users/<login>}. */
  record GetAccount(Account.Kind kind, String login) implements AccountCall {
    @Override
    public boolean changes() {
      return false;
    }
  }

  /** {@code PATCH /v2/_berth/users/<login>}. */
  record ChangeAccount(Account.Kind kind, String login) implements AccountCall {}

  /** {@code DELETE /v2/_berth/users/<login>}. */
  record RemoveAccount(Account.Kind kind, String login) implements AccountCall {}

  /** {@code POST /v2/_berth/robots/<login>/rotate}. */
  record RotateRobot(String login) implements AccountCall {}

  /** {@code POST /v2/_berth/revocations}. */
  record Revoke() implements AccountCall {}

  /** {@code PUT /v2/_berth/password}: one's own. */
  record ChangePassword() implements AccountCall {
    @Override
    public Scope scope() {
      return new Scope.Self();
    }
  }

  /** {@code GET /v2/_berth/apikeys}: one's own, or an administrator those of {@code owner}. */
  record ListKeys(@Nullable String owner, int n, String last) implements AccountCall {
    @Override
    public Scope scope() {
      return owner == null ? new Scope.Self() : new Scope.Administration();
    }

    @Override
    public boolean changes() {
      return false;
    }
  }

  /** {@code POST} to the same. */
  record AddKey() implements AccountCall {
    @Override
    public Scope scope() {
      return new Scope.Self();
    }
  }

  /** {@code DELETE /v2/_berth/apikeys/<id>}. */
  record RemoveKey(String id) implements AccountCall {
    @Override
    public Scope scope() {
      return new Scope.Self();
    }
  }

  /** {@code POST /v2/_berth/apikeys/<id>/rotate}. */
  record RotateKey(String id) implements AccountCall {
    @Override
    public Scope scope() {
      return new Scope.Self();
    }
  }

  /**
   * {@code GET /v2/_berth/login}, {@code …/login/<provider>}: the beginning of a login with a browser.
   *
   * @param provider {@code null} if none is named
   */
  record BeginLogin(@Nullable String provider) implements AccountCall {
    @Override
    public Scope scope() {
      return new Scope.Public();
    }

    @Override
    public boolean changes() {
      return false;
    }
  }

  /** {@code GET /v2/_berth/login/<provider>/callback}: its end. What allows it comes with it, and a registry that is read-only lets people in. */
  record EndLogin(String provider) implements AccountCall {
    @Override
    public Scope scope() {
      return new Scope.Public();
    }

    @Override
    public boolean changes() {
      return false;
    }
  }

  /** The path of a call, with placeholders. */
  static String template(AccountCall call) {
    return switch (call) {
      case SetUp _ -> "/v2/_berth/setup";
      case ListAccounts(Account.Kind kind, _, _) -> "/v2/_berth/" + kind.noun() + "s";
      case AddAccount(Account.Kind kind) -> "/v2/_berth/" + kind.noun() + "s";
      case GetAccount(Account.Kind kind, _) -> "/v2/_berth/" + kind.noun() + "s/{login}";
      case ChangeAccount(Account.Kind kind, _) -> "/v2/_berth/" + kind.noun() + "s/{login}";
      case RemoveAccount(Account.Kind kind, _) -> "/v2/_berth/" + kind.noun() + "s/{login}";
      case RotateRobot _ -> "/v2/_berth/robots/{login}/rotate";
      case Revoke _ -> "/v2/_berth/revocations";
      case ChangePassword _ -> "/v2/_berth/password";
      case ListKeys _, AddKey _ -> "/v2/_berth/apikeys";
      case RemoveKey _ -> "/v2/_berth/apikeys/{id}";
      case RotateKey _ -> "/v2/_berth/apikeys/{id}/rotate";
      case BeginLogin(String provider) -> "/v2/_berth/login" + (provider == null ? "" : "/{provider}");
      case EndLogin _ -> "/v2/_berth/login/{provider}/callback";
    };
  }

  /** The call that a path below {@code /v2/_berth/} means, if it is one of these. */
  static Optional<AccountCall> parse(Request request, List<String> path, Query query) {
    Optional<Account.Kind> kind = switch (path.getFirst()) {
      case "users" -> Optional.of(Account.Kind.USER);
      case "robots" -> Optional.of(Account.Kind.ROBOT);
      default -> Optional.empty();
    };
    if (kind.isPresent()) {
      return accounts(request, kind.get(), path, query);
    }
    return switch (path.size() == 1 ? path.getFirst() : "") {
      case "setup" -> Optional.of(only(request, "POST", new SetUp()));
      case "revocations" -> Optional.of(only(request, "POST", new Revoke()));
      case "password" -> Optional.of(only(request, "PUT", new ChangePassword()));
      default -> switch (path.getFirst()) {
        case "apikeys" -> keys(request, path, query);
        case "login" -> login(request, path);
        default -> Optional.empty();
      };
    };
  }

  private static Optional<AccountCall> accounts(Request request, Account.Kind kind, List<String> path, Query query) {
    if (path.size() == 1) {
      return Optional.of(switch (request.method()) {
        case "GET", "HEAD" -> new ListAccounts(kind, n(query), CallParser.position(query));
        case "POST" -> new AddAccount(kind);
        default -> throw new MethodNotAllowed("GET, HEAD, POST");
      });
    }
    String login = path.get(1);
    if (path.size() == 2) {
      return Optional.of(switch (request.method()) {
        case "GET", "HEAD" -> new GetAccount(kind, login);
        case "PATCH" -> new ChangeAccount(kind, login);
        case "DELETE" -> new RemoveAccount(kind, login);
        default -> throw new MethodNotAllowed("GET, HEAD, PATCH, DELETE");
      });
    }
    return path.size() == 3 && path.get(2).equals("rotate") && kind == Account.Kind.ROBOT
        ? Optional.of(only(request, "POST", new RotateRobot(login)))
        : Optional.empty();
  }

  private static Optional<AccountCall> login(Request request, List<String> path) {
    return switch (path.size()) {
      case 1 -> Optional.of(only(request, "GET", new BeginLogin(null)));
      case 2 -> Optional.of(only(request, "GET", new BeginLogin(path.get(1))));
      case 3 -> path.get(2).equals("callback") ? Optional.of(only(request, "GET", new EndLogin(path.get(1)))) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<AccountCall> keys(Request request, List<String> path, Query query) {
    return switch (path.size()) {
      case 1 -> Optional.of(switch (request.method()) {
        case "GET", "HEAD" -> new ListKeys(query.one("owner").orElse(null), n(query), CallParser.position(query));
        case "POST" -> new AddKey();
        default -> throw new MethodNotAllowed("GET, HEAD, POST");
      });
      case 2 -> Optional.of(only(request, "DELETE", new RemoveKey(path.get(1))));
      case 3 -> path.get(2).equals("rotate") ? Optional.of(only(request, "POST", new RotateKey(path.get(1)))) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static int n(Query query) {
    return Math.min(query.n(PAGE), Limits.PAGE);
  }

  private static AccountCall only(Request request, String method, AccountCall call) {
    if (!request.method().equals(method)) {
      throw new MethodNotAllowed(method);
    }
    return call;
  }
}
