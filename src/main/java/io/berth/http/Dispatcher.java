package io.berth.http;

import io.berth.auth.Admission;
import io.berth.auth.Challenge;
import io.berth.auth.Gate;
import io.berth.auth.TokenService;
import io.berth.oci.ErrorCode;
import io.berth.oci.ImageRefs;
import io.berth.oci.Json;
import io.berth.oci.Text;
import io.berth.ops.AuditLog;
import io.berth.ops.Health;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.registry.Caller;
import io.berth.registry.Headroom;
import io.berth.registry.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request's walk: parse, decide, do, answer. The one exhaustive switch over all calls stands here; a call reaches its handler only behind
 * the gate. Safe for any thread.
 */
public final class Dispatcher implements RequestHandler {

  /** How long a document waits for memory. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final List<String> FLAWED =
      List.of(
          "what the request says it is about (OCI-Ref, OCI-Named-Ref or Docker-Manifest-Tag) can't be read, or is too much, and was left out");
  private static final int CLIENT_LENGTH = 200;

  private final CallParser parser;
  private final WireOptions options;
  private final Gate gate;
  private final Audit audit;
  private final Rates rates;
  private final TokenCalls tokens;
  private final BlobCalls blobs;
  private final UploadCalls uploads;
  private final ManifestCalls manifests;
  private final TagCalls tags;
  private final TagListCalls tagLists;
  private final ListCalls lists;
  private final ExtensionCalls extensions;
  private final ReferrerCalls referrers;
  private final DeletionCalls deletions;
  private final Mode mode;
  private final Headroom headroom;
  private final ProbeCalls probes;
  private final GarbageCalls garbage;
  private final GraphCalls graph;
  private final AccountCalls accounts;
  private final StatisticsCalls statistics;
  private final CompletenessCalls completeness;
  private final Padding padding;

  /**
   * The dispatcher over the verbs, which are out of reach while {@code mode} forbids to change anything, and those that store something while
   * there is no {@code headroom}.
   */
  public Dispatcher(Gate gate, Optional<TokenService> tokens, AuditLog log, Verbs verbs, Mode mode, Headroom headroom, Health health,
      WireOptions options) {
    this.parser = new CallParser(options.namespaces(), options.locations());
    this.options = options;
    this.gate = gate;
    this.audit = new Audit(log);
    this.rates = new Rates(options.rates(), parser, audit);
    this.blobs = new BlobCalls(verbs.blobs());
    this.uploads = new UploadCalls(verbs.uploads(), verbs.mounts(), options.chunkMinLength());
    long heap = Runtime.getRuntime().maxMemory();
    var bodies = new Bodies(verbs.arrivals(), new Allowance(heap / 64, PATIENCE), new Allowance(heap / 16, PATIENCE));
    this.tokens = new TokenCalls(tokens, request -> gate.holder(request::certificate), bodies, audit);
    var understanding = new Allowance(heap / 5, PATIENCE);
    this.manifests = new ManifestCalls(verbs.manifests(), bodies, understanding);
    this.tags = new TagCalls(verbs.tags(), verbs.tagLists(), options.tags().names(), options.tags().trusted(), bodies, understanding);
    this.tagLists = new TagListCalls(verbs.tagLists(), tags, new TagEvents(verbs.feeds().tags()), options, understanding);
    this.completeness = new CompletenessCalls(verbs.completeness(), verbs.feeds().presence(), options.locations(), understanding);
    this.lists = new ListCalls(verbs.tagLists(), verbs.repositories(), completeness, options);
    this.extensions = new ExtensionCalls(verbs.accounts().isPresent(), verbs.signIn().isPresent());
    this.referrers = new ReferrerCalls(verbs.referrers(), options.locations(), new Allowance(heap / 8, PATIENCE));
    this.deletions = new DeletionCalls(verbs.repositories(), verbs.deletionPlans());
    this.mode = mode;
    this.headroom = headroom;
    this.graph = new GraphCalls(verbs.copies(), verbs.graphs(), bodies, understanding);
    this.accounts = new AccountCalls(verbs.accounts(), new SignInCalls(verbs.signIn(), audit), bodies, options.locations());
    this.statistics = new StatisticsCalls(verbs.pulls(), verbs.statistics(), options);
    this.garbage = new GarbageCalls(verbs.garbage());
    this.padding = new Padding(options.padding());
    this.probes = new ProbeCalls(health);
  }

  /**
   * A word to an address that asks too often, before anything is done for it. A manifest in the cache, to a caller about whom nothing has to be looked up.
   * Everything else, every mistake too, takes the whole walk.
   */
  @Override
  public @Nullable Reply immediate(Request request) {
    Reply limited = rates.ofAddress(request);
    return limited == null ? atOnce(request) : finished(limited, request);
  }

  private @Nullable Reply atOnce(Request request) {
    if (!request.rawPath().contains("/manifests/") || !isRead(request)) {
      return null;
    }
    request.trail().refs(refs(request));
    try {
      if (parser.parse(request) instanceof Call.GetManifest call
          && gate.admitAtOnce(request.header("Authorization"), gate.holder(request::certificate),
              call.scope()) instanceof Admission.Admitted(Rights rights, _)) {
        Reply reply = manifests.getAtOnce(call, rights.access(call.repository()), request);
        if (reply != null) {
          request.trail().call(call);
          request.trail().rights(rights);
          Reply limited = rates.ofIdentity(request, call, rights.identity());
          return finished(limited == null ? reply : limited, request);
        }
      }
      return null;
    } catch (RuntimeException _) {
      return null; // handle() says what is wrong
    }
  }

  @Override
  public Reply handle(Request request) {
    request.trail().refs(refs(request));
    try {
      Call known = request.trail().call();
      Call call = known == null ? parser.parse(request) : known;
      request.trail().call(call);
      Reply reply = finished(walk(request, call), request);
      reply.headers().change("Location", path -> path.startsWith("/") ? options.locations().to(path, request) : path);
      return reply;
    } catch (RuntimeException e) {
      return finished(Problems.reply(e, request), request);
    }
  }

  private Reply walk(Request request, Call call) {
    switch (gate.admit(request.header("Authorization"), gate.holder(request::certificate), request.origin().network(), call.scope())) {
      case Admission.Admitted(Rights rights, String rule) -> {
        request.trail().rights(rights);
        Reply limited = rates.ofIdentity(request, call, rights.identity());
        if (limited != null) {
          return limited;
        }
        var caller = new Caller(rights, client(request), request.origin().network(), request.trail().refs());
        long begun = System.nanoTime();
        Reply reply = answer(call, caller, request);
        audit.answered(request, call, rights, rule, reply);
        padding.await(begun, call, caller, request.trail(), reply);
        return reply;
      }
      case Admission.Challenged(Challenge challenge, String reason, Optional<Identity> identity) -> {
        identity.ifPresent(request.trail()::identity);
        String wanted = challenge.text(path -> options.locations().absolute(path, request));
        Reply reply = Problems.reply(401, new Headers().add("WWW-Authenticate", wanted), ErrorCode.UNAUTHORIZED, reason);
        audit.challenged(request, identity, reason, reply);
        return reply;
      }
      case Admission.Throttled(Duration after) -> {
        Reply reply = Problems.reply(429, new Headers().add("Retry-After", Long.toString(Math.max(1, after.toSeconds()))),
            ErrorCode.TOOMANYREQUESTS, "too many logins failed: try again later");
        audit.notIssued(request, "too many logins failed", reply);
        return reply;
      }
      case Admission.Refused(Identity identity, String rule) -> {
        request.trail().identity(identity);
        Reply reply = Problems.reply(403, new Headers(), ErrorCode.DENIED, rule);
        audit.refused(request, identity, rule, reply);
        return reply;
      }
    }
  }

  private Reply answer(Call call, Caller caller, Request request) {
    if (mode.isReadOnly() && call.asksForChange()) {
      return Problems.reply(405, new Headers().add("Allow", onlyReading(call)), ErrorCode.UNSUPPORTED,
          "this registry is read-only for now");
    }
    if (call.changes() && !audit.isReady()) {
      return Problems.reply(503, new Headers().add("Retry-After", "30"), ErrorCode.DENIED,
          "no change can be written down in the audit at the moment, so none is made (audit.required): tell the operator");
    }
    try {
      if (call.uploads()) {
        tags.requireWelcome(call, caller);
      }
      if (call.stores()) {
        headroom.require(declaredLength(request));
      }
      return switch (call) {
        case Call.Ping _ -> JsonReply.of(200, new Headers(), Json.MAPPER.createObjectNode());
        case Call.IssueToken issue -> tokens.issue(issue, request);
        case Call.Live _ -> ProbeCalls.live();
        case Call.Ready _ -> probes.ready();
        case Call.GetManifest get -> manifests.get(get, caller, request);
        case Call.PutManifest put -> manifests.put(put, caller, request);
        case Call.DeleteManifest delete when delete.dryRun() ->
            deletions.plan(delete.repository(), delete.name(), Conditions.onManifest(request), caller);
        case Call.DeleteManifest delete -> manifests.delete(delete, caller, request);
        case Call.GetBlob get -> blobs.get(get, caller, request);
        case Call.DeleteBlob delete -> blobs.delete(delete, caller);
        case Call.StartUpload start -> uploads.start(start, caller);
        case Call.PushBlob push -> uploads.push(push, caller, request);
        case Call.MountBlob mount -> uploads.mount(mount, caller, request);
        case Call.UploadStatus status -> uploads.status(status, caller);
        case Call.AppendUpload append -> uploads.append(append, caller, request);
        case Call.FinishUpload finish -> uploads.finish(finish, caller, request);
        case Call.CancelUpload cancel -> uploads.cancel(cancel, caller);
        case Call.ListTags list -> lists.tags(list, caller, request);
        case Call.DescribeTags describe -> tagLists.descriptors(describe, caller, request);
        case Call.ListTagObjects list -> tagLists.objects(list, caller, request);
        case Call.WatchTags watch -> tagLists.watch(watch, caller);
        case Call.ChangeTags change -> tags.change(change, caller, request);
        case Call.GetTag get -> tags.get(get, caller, request);
        case Call.PutTag put -> tags.put(put, caller, request);
        case Call.DeleteTag delete when delete.dryRun() ->
            deletions.plan(delete.repository(), delete.tag(), Conditions.onTag(request), caller);
        case Call.DeleteTag delete -> tags.delete(delete, caller, request);
        case Call.GetTagHistory history -> tagLists.history(history, caller, request);
        case Call.GetKeys _ -> tagLists.keys();
        case Call.ListReferrers list -> referrers.subjects(list, caller, request);
        case Call.ListReferences list -> referrers.references(list, caller, request);
        case Call.Catalogue catalogue -> lists.catalogue(catalogue, caller, request);
        case Call.Discover discover -> extensions.discover(discover);
        case Call.CopyManifest copy -> graph.copy(copy, caller, request);
        case Call.GetGraph get -> graph.get(get, caller, request);
        case Call.GetCompleteness get -> completeness.get(get, caller, request);
        case Call.ListCompleteness list -> completeness.changes(list, caller, request);
        case Call.WatchCompleteness watch -> completeness.watch(watch, caller, request);
        case Call.GetUsage usage -> lists.usage(usage, caller);
        case Call.GetStatistics get -> statistics.get(get, caller, request);
        case Call.GetBacklog _ -> garbage.backlog();
        case Call.CollectGarbage _ -> garbage.collect();
        case Call.OfAccounts(AccountCall about) -> accounts.answer(about, caller, request);
        case Call.DeleteRepository delete -> deletions.repository(delete, caller);
      };
    } catch (RuntimeException e) {
      Reply reply = Problems.reply(e, request);
      if (reply.status() == 405) {
        reply.headers().add("Allow", withoutDelete(call));
      }
      return reply;
    }
  }

  /** How long the body says it is, before any of it is asked for; 0 if it does not. */
  private static long declaredLength(Request request) {
    return request.header("Content-Length").filter(text -> text.matches("[0-9]{1,18}")).map(Long::parseLong).orElse(0L);
  }

  /** What a path answers to while nothing may be changed. */
  private static String onlyReading(Call call) {
    return switch (call) {
      case Call.PutManifest _, Call.DeleteManifest _, Call.DeleteBlob _, Call.AppendUpload _, Call.FinishUpload _, Call.CancelUpload _, Call.CollectGarbage _, Call.ChangeTags _, Call.PutTag _, Call.DeleteTag _ ->
          "GET, HEAD";
      case Call.Ping _, Call.IssueToken _, Call.Live _, Call.Ready _, Call.GetManifest _, Call.GetBlob _, Call.StartUpload _, Call.PushBlob _, Call.MountBlob _, Call.UploadStatus _, Call.ListTags _, Call.DescribeTags _, Call.ListTagObjects _, Call.WatchTags _, Call.GetTag _, Call.GetTagHistory _, Call.GetKeys _, Call.ListReferrers _, Call.ListReferences _, Call.Catalogue _, Call.Discover _, Call.GetUsage _, Call.GetStatistics _, Call.CopyManifest _, Call.GetGraph _, Call.GetCompleteness _, Call.ListCompleteness _, Call.WatchCompleteness _, Call.GetBacklog _, Call.DeleteRepository _, Call.OfAccounts _ ->
          "";
    };
  }

  /** What a path answers to where a rule forbids to delete. */
  private static String withoutDelete(Call call) {
    return call instanceof Call.DeleteManifest || call instanceof Call.DeleteTag ? "GET, HEAD, PUT"
        : call instanceof Call.DeleteBlob ? "GET, HEAD" : call instanceof Call.ChangeTags ? "GET, HEAD, POST" : "";
  }

  @Override
  public void complete(Headers fields) {
    fields.add("Docker-Distribution-Api-Version", "registry/2.0");
    options.headers().forEach((name, values) -> {
      if (fields.first(name).isEmpty()) {
        values.forEach(value -> fields.add(name, value));
      }
    });
    if (fields.first("X-Content-Type-Options").isEmpty()) {
      fields.add("X-Content-Type-Options", "nosniff");
    }
  }

  @Override
  public void ended(Request request, Ending ending) {
    statistics.ended(request, ending);
  }

  /** What every reply carries, and a body kept back from {@code HEAD}. */
  private Reply finished(Reply reply, Request request) {
    complete(reply.headers());
    if (request.trail().refs().flawed()) {
      Warnings.add(reply.headers(), FLAWED);
    }
    String namespace = reply.status() < 400 && isRead(request) ? options.namespaces().applied(request) : null;
    if (namespace != null) {
      reply.headers().add("OCI-Namespace", namespace);
    }
    return reply instanceof Reply.Bytes(int status, Headers headers, byte[] body) && request.method().equals("HEAD")
        ? new Reply.Head(status, headers, body.length)
        : reply;
  }

  private static boolean isRead(Request request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  /** What the client says that the request is about. */
  private ImageRefs refs(Request request) {
    List<String> full = request.headers("OCI-Ref");
    List<String> named = request.headers("OCI-Named-Ref");
    List<String> tags = request.headers("Docker-Manifest-Tag");
    if (full.isEmpty() && named.isEmpty() && tags.isEmpty()) {
      return ImageRefs.NONE;
    }
    return ImageRefs.parse(Stream.concat(full.stream(), named.stream()).toList(), tags,
        host -> options.tags().names().isOurs(request, host));
  }

  private static String client(Request request) {
    return Text.visible(request.header("User-Agent").orElse(""), CLIENT_LENGTH);
  }
}
