package io.berth.http;

import io.berth.auth.RateLimits;
import io.berth.auth.RateLimits.Excess;
import io.berth.oci.ErrorCode;
import io.berth.policy.Identity;
import io.berth.policy.RateClass;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Turns those away who ask too often, in words that they can act on. Addresses are those that trusted proxies tell, and of others that of the socket; who
 * comes by a Unix socket without a word on from where is not counted. Never blocks. Safe for any thread.
 */
final class Rates {

  private final RateLimits limits;
  private final CallParser parser;
  private final Audit audit;

  Rates(RateLimits limits, CallParser parser, Audit audit) {
    this.limits = limits;
    this.parser = parser;
    this.audit = audit;
  }

  /** The answer to an address that asks too often; {@code null} if it does not. Looks at nothing but where the request goes and comes from. */
  @Nullable Reply ofAddress(Request request) {
    if (limits.isOpenToAddresses() || request.origin().isLocal()) {
      return null;
    }
    RateClass kind = of(call(request));
    InetAddress address = address(request.origin().client());
    if (kind == null || address == null) {
      return null;
    }
    return limits.ask(kind, address, request.origin().network())
        .map(excess -> refuse(request, null, kind, excess, "your address", "address")).orElse(null);
  }

  /** The same for somebody who is known. */
  @Nullable Reply ofIdentity(Request request, Call call, Identity identity) {
    RateClass kind = of(call);
    return kind == null ? null
        : limits.ask(kind, identity).map(excess -> refuse(request, identity, kind, excess, identity.name(), "identity")).orElse(null);
  }

  private Reply refuse(Request request, @Nullable Identity identity, RateClass kind, Excess excess, String who, String setting) {
    long seconds = Math.max(1, (excess.after().toNanos() + 999_999_999L) / 1_000_000_000L);
    String words = who + " " + kind.deed() + " more often than " + excess.allowed() + ": wait " + seconds
        + " s, do less at a time, or ask the operator for more (http.limits.rates." + setting + "." + kind.word() + ")";
    Reply reply = Problems.reply(429, new Headers().add("Retry-After", Long.toString(seconds)), ErrorCode.TOOMANYREQUESTS, words);
    audit.limited(request, identity, "http.limits.rates." + setting + "." + kind.word(), reply);
    return reply;
  }

  private @Nullable Call call(Request request) {
    try {
      Call call = parser.parse(request);
      request.trail().call(call);
      return call;
    } catch (RuntimeException _) {
      return null; // handle() says what is wrong
    }
  }

  /** A name that a proxy gives instead of an address is nobody's in particular. */
  private static @Nullable InetAddress address(String client) {
    try {
      return InetAddress.ofLiteral(client);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /** As what a request counts; {@code null} for one that is always answered. */
  static @Nullable RateClass of(@Nullable Call call) {
    return switch (call) {
      case null -> RateClass.LIST;
      case Call.Live _, Call.Ready _ -> null;
      case Call.Ping _, Call.IssueToken _, Call.OfAccounts(AccountCall.BeginLogin _), Call.OfAccounts(AccountCall.EndLogin _) ->
          RateClass.LOGIN;
      case Call.GetManifest _ -> RateClass.PULL;
      case Call.GetBlob _ -> RateClass.BLOB;
      case Call.StartUpload _, Call.PushBlob _, Call.MountBlob _, Call.UploadStatus _, Call.AppendUpload _, Call.FinishUpload _, Call.CancelUpload _, Call.PutManifest _, Call.DeleteManifest _, Call.DeleteBlob _, Call.PutTag _, Call.DeleteTag _, Call.ChangeTags _, Call.CopyManifest _ ->
          RateClass.PUSH;
      case Call.ListTags _, Call.DescribeTags _, Call.ListTagObjects _, Call.WatchTags _, Call.GetTag _, Call.GetTagHistory _, Call.GetKeys _, Call.ListReferrers _, Call.ListReferences _, Call.Catalogue _, Call.Discover _, Call.GetGraph _, Call.GetStatistics _, Call.GetCompleteness _, Call.ListCompleteness _, Call.WatchCompleteness _ ->
          RateClass.LIST;
      case Call.GetUsage _, Call.GetBacklog _, Call.CollectGarbage _, Call.DeleteRepository _, Call.OfAccounts _ -> RateClass.ADMIN;
    };
  }
}
