package io.berth.http;

import io.berth.auth.Tokens;
import io.berth.oci.RepositoryName;
import io.berth.ops.RequestMetrics;
import io.berth.policy.Scope;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The names of calls for those who count and trace them: as many as there are calls, whatever strangers send. */
public final class Routes {

  private static final Map<Class<?>, String> NAMES =
      kinds(Call.class).collect(Collectors.toUnmodifiableMap(call -> call, Class::getSimpleName));

  private Routes() {}

  /** Calls that have something in common stand below it. */
  private static Stream<Class<?>> kinds(Class<?> call) {
    return call.isSealed() ? Arrays.stream(call.getPermittedSubclasses()).flatMap(Routes::kinds) : Stream.of(call);
  }

  /** The names of all calls. */
  public static Set<String> names() {
    return Set.copyOf(NAMES.values());
  }

  /** The name of a call, {@code GetManifest}. */
  static String name(@Nullable Call call) {
    return call == null ? RequestMetrics.NO_ROUTE : NAMES.getOrDefault(call.getClass(), RequestMetrics.NO_ROUTE);
  }

  /** The path of a call, with placeholders. */
  static String template(Call call) {
    return switch (call) {
      case Call.Ping _ -> "/v2/";
      case Call.Live _ -> "/livez";
      case Call.Ready _ -> "/readyz";
      case Call.IssueToken _ -> Tokens.PATH;
      case Call.Catalogue _ -> "/v2/_catalog";
      case Call.Discover discover -> discover.repository() == null ? "/v2/_oci/ext/discover" : "/v2/{name}/_oci/ext/discover";
      case Call.GetBlob _, Call.DeleteBlob _ -> "/v2/{name}/blobs/{digest}";
      case Call.StartUpload _, Call.PushBlob _, Call.MountBlob _ -> "/v2/{name}/blobs/uploads/";
      case Call.UploadStatus _, Call.AppendUpload _, Call.FinishUpload _, Call.CancelUpload _ -> "/v2/{name}/blobs/uploads/{upload}";
      case Call.GetManifest _, Call.PutManifest _, Call.DeleteManifest _ -> "/v2/{name}/manifests/{reference}";
      case Call.ListTags _, Call.DescribeTags _ -> "/v2/{name}/tags/list";
      case Call.ListTagObjects _, Call.WatchTags _, Call.ChangeTags _ -> "/v2/{name}/tags/";
      case Call.GetTag _, Call.PutTag _, Call.DeleteTag _ -> "/v2/{name}/tags/{tag}";
      case Call.GetTagHistory _ -> "/v2/{name}/_oci/tag-history/{tag}";
      case Call.GetKeys _ -> "/v2/_berth/keys";
      case Call.ListReferrers _ -> "/v2/{name}/referrers/{digest}";
      case Call.ListReferences _ -> "/v2/{name}/manifests/{reference}/references";
      case Call.GetBacklog _, Call.CollectGarbage _ -> "/v2/_berth/gc";
      case Call.CopyManifest _ -> "/v2/{name}/_berth/copy";
      case Call.GetGraph _ -> "/v2/{name}/_berth/graph/{reference}";
      case Call.GetCompleteness _ -> "/v2/{name}/_berth/completeness/{reference}";
      case Call.ListCompleteness _, Call.WatchCompleteness _ -> "/v2/{name}/_berth/completeness";
      case Call.GetUsage _ -> "/v2/{name}/_berth/usage";
      case Call.GetStatistics _ -> "/v2/{name}/_berth/stats";
      case Call.OfAccounts(AccountCall accounts) -> AccountCall.template(accounts);
      case Call.DeleteRepository _ -> "/v2/{name}/_berth/repository";
    };
  }

  /** The repository that a call is about; {@code null} where it is about none. */
  static @Nullable RepositoryName repository(Call call) {
    return call.scope() instanceof Scope.Repository(RepositoryName name, _) ? name : null;
  }
}
