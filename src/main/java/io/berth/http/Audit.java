package io.berth.http;

import io.berth.auth.Account;
import io.berth.auth.Credentials;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.ops.AuditLog;
import io.berth.ops.AuditLog.Decision;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what became of requests: every change, done or not, every refusal, every login that failed. A question that comes without credentials
 * where some are needed is how each client begins, and none of these; neither are the parts of an upload before its end.
 */
record Audit(AuditLog log) {

  private static final String UNKNOWN = "unknown";

  /** So many tags of one request are looked up in the rules. */
  private static final int LOOKED_UP = 20;

  /** Whether what changes something may go on. */
  boolean isReady() {
    return log.isReady();
  }

  /** A call that was let in, by a rule, and what came of it, unless its handler has said it. */
  void answered(Request request, Call call, Rights rights, String rule, Reply reply) {
    if (call instanceof Call.IssueToken || call instanceof Call.OfAccounts(AccountCall.EndLogin _)) {
      return;
    }
    Decision decision = decision(reply.status());
    boolean isPart = call instanceof Call.StartUpload || call instanceof Call.AppendUpload;
    boolean isChange = call.changes() && !(isPart && decision == Decision.ALLOWED);
    boolean isRefusal = decision == Decision.REFUSED || decision == Decision.LIMITED;
    if (isChange || isRefusal) {
      String reason = decision == Decision.ALLOWED ? byTag(call, rights, request.trail()).orElse(rule) : request.trail().reason();
      write(request, rights.identity().name(), deed(call, request, reply), decision, reason, reply);
    }
  }

  /** Credentials that are nobody's, or not good for this. */
  void challenged(Request request, Optional<Identity> identity, String reason, Reply reply) {
    if (request.header("Authorization").isPresent() || request.certificate().isPresent()) {
      write(request, identity.map(Identity::name).orElse(UNKNOWN), deed(request, reply), Decision.REFUSED, reason, reply);
    }
  }

  /** A login or a token that was refused, whatever it came with. */
  void notIssued(Request request, String reason, Reply reply) {
    write(request, UNKNOWN, deed(request, reply), decision(reply.status()), reason, reply);
  }

  /** Somebody who is known, and may not. */
  void refused(Request request, Identity identity, String rule, Reply reply) {
    write(request, identity.name(), deed(request, reply), Decision.REFUSED, rule, reply);
  }

  /** Too much of something. */
  void limited(Request request, @Nullable Identity identity, String reason, Reply reply) {
    write(request, identity == null ? UNKNOWN : identity.name(), deed(request, reply), Decision.LIMITED, reason, reply);
  }

  /** A key that somebody got who has logged in with a browser. */
  void keyIssued(Request request, Identity identity, String key, Reply reply) {
    request.trail().account(key);
    write(request, identity.name(), deed(request, reply), Decision.ALLOWED, "a login with a browser", reply);
  }

  /** A token, good for what its scopes say. */
  void issued(Request request, Identity identity, String scopes, Reply reply) {
    if (log.tellsTokens()) {
      write(request, identity.name(), deed(request, reply), Decision.ALLOWED, scopes, reply);
    }
  }

  private void write(Request request, String identity, AuditLog.Deed deed, Decision decision, String rule, Reply reply) {
    log.write(new AuditLog.Entry(new AuditLog.Source(request.id(), identity, request.client(), request.method(), request.rawPath(),
        request.trail().refs().text()), deed, decision, rule, reply.status()));
  }

  private static Decision decision(int status) {
    return switch (status) {
      case 401, 403 -> Decision.REFUSED;
      case 429 -> Decision.LIMITED;
      default -> status < 400 ? Decision.ALLOWED : Decision.FAILED;
    };
  }

  private static AuditLog.Deed deed(Request request, Reply reply) {
    Call call = request.trail().call();
    return call == null ? new AuditLog.Deed(Routes.name(null)) : deed(call, request, reply);
  }

  private static AuditLog.Deed deed(Call call, Request request, Reply reply) {
    Trail trail = request.trail();
    RepositoryName repository = Routes.repository(call);
    String action = call instanceof Call.OfAccounts(AccountCall about) ? about.getClass().getSimpleName() : Routes.name(call);
    String digest = reply.headers().first("Docker-Content-Digest").orElseGet(() -> digest(call));
    String named = call instanceof Call.OfAccounts(AccountCall about) ? account(about) : "";
    String account = !named.isEmpty() ? named : trail.account().isEmpty() ? claimed(request, reply) : trail.account();
    return new AuditLog.Deed(action, repository == null ? "" : repository.value(), tags(call, trail).stream().map(Tag::value).toList(),
        digest, trail.from(), account);
  }

  private static String account(AccountCall call) {
    return switch (call) {
      case AccountCall.GetAccount(Account.Kind _, String login) -> login;
      case AccountCall.ChangeAccount(Account.Kind _, String login) -> login;
      case AccountCall.RemoveAccount(Account.Kind _, String login) -> login;
      case AccountCall.RotateRobot(String login) -> login;
      case AccountCall.RemoveKey(String id) -> id;
      case AccountCall.RotateKey(String id) -> id;
      case AccountCall.ListKeys list -> list.owner() == null ? "" : list.owner();
      case AccountCall.SetUp _, AccountCall.ListAccounts _, AccountCall.AddAccount _, AccountCall.Revoke _, AccountCall.ChangePassword _, AccountCall.AddKey _, AccountCall.BeginLogin _, AccountCall.EndLogin _ ->
          "";
    };
  }

  /** As whom somebody came who is not. */
  private static String claimed(Request request, Reply reply) {
    boolean isLogin = reply.status() == 401 || reply.status() == 429;
    return isLogin && Credentials.parse(request.header("Authorization")) instanceof Credentials.Basic(String user, String _) ? user : "";
  }

  private static List<Tag> tags(Call call, Trail trail) {
    var tags = new ArrayList<>(trail.tags());
    TagOrDigest name = name(call);
    if (name instanceof Tag tag) {
      tags.add(tag);
    }
    if (call instanceof Call.PutManifest put) {
      tags.addAll(put.tags());
    }
    return tags.stream().distinct().toList();
  }

  private static String digest(Call call) {
    return name(call) instanceof Digest digest ? digest.toString() : "";
  }

  private static @Nullable TagOrDigest name(Call call) {
    return switch (call) {
      case Call.PutManifest put -> put.name();
      case Call.DeleteManifest delete -> delete.name();
      case Call.GetManifest get -> get.name();
      case Call.PutTag put -> put.tag();
      case Call.DeleteTag delete -> delete.tag();
      case Call.GetTag get -> get.tag();
      case Call.GetTagHistory get -> get.tag();
      case Call.GetBlob get -> get.digest();
      case Call.DeleteBlob delete -> delete.digest();
      case Call.PushBlob push -> push.digest();
      case Call.MountBlob mount -> mount.digest();
      case Call.FinishUpload finish -> finish.digest();
      case Call.ListReferrers list -> list.digest();
      case Call.ListReferences list -> list.name();
      case Call.GetGraph get -> get.name();
      case Call.GetCompleteness get -> get.name();
      case Call.Ping _, Call.Live _, Call.Ready _, Call.IssueToken _, Call.Catalogue _, Call.Discover _, Call.StartUpload _, Call.UploadStatus _, Call.AppendUpload _, Call.CancelUpload _, Call.ListTags _, Call.DescribeTags _, Call.ListTagObjects _, Call.WatchTags _, Call.ChangeTags _, Call.GetKeys _, Call.CopyManifest _, Call.GetUsage _, Call.GetStatistics _, Call.ListCompleteness _, Call.WatchCompleteness _, Call.DeleteRepository _, Call.GetBacklog _, Call.CollectGarbage _, Call.OfAccounts _ ->
          null;
    };
  }

  /** The rules that allow what was done to tags: the gate has only seen that there is something in the repository that may be done. */
  private static Optional<String> byTag(Call call, Rights rights, Trail trail) {
    List<Tag> tags = tags(call, trail).stream().limit(LOOKED_UP).toList();
    if (tags.isEmpty() || !(call.scope() instanceof Scope.Repository(RepositoryName repository, Action action))) {
      return Optional.empty();
    }
    return rights.rules(repository, action == Action.PUSH ? List.of(Action.CREATE, Action.MOVE) : List.of(action), tags);
  }
}
