package io.berth.http;

import io.berth.auth.Tokens;
import io.berth.oci.ContentRange;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Call} of a request, or refuses it: a request that is malformed, or that no endpoint knows, gets its 400, 404 or 405 here. Paths
 * are read from the right, since a repository may itself be called {@code a/blobs} or {@code tags}. Pure; safe for any thread.
 */
final class CallParser {

  private static final int POSITION_LENGTH = 1024;

  private final Namespaces namespaces;
  private final Locations locations;

  CallParser(Namespaces namespaces, Locations locations) {
    this.namespaces = namespaces;
    this.locations = locations;
  }

  /**
   * Parses.
   *
   * @throws RegistryException saying what is wrong
   * @throws MethodNotAllowed if the path knows other methods only
   */
  Call parse(Request request) {
    if (!locations.isBelow(request.rawPath()) && request.rawPath().startsWith("/")) {
      throw notFound();
    }
    String path = locations.local(request.rawPath());
    if (path.equals("/v2") || path.equals("/v2/")) {
      return onlyGet(request, new Call.Ping());
    }
    if (!path.startsWith("/")) {
      throw new MethodNotAllowed("GET, HEAD, POST, PUT, PATCH, DELETE"); // the targets of CONNECT and of OPTIONS * are no paths
    }
    if (path.equals("/livez")) {
      return onlyGet(request, new Call.Live());
    }
    if (path.equals("/readyz")) {
      return onlyGet(request, new Call.Ready());
    }
    if (path.equals(Tokens.PATH)) {
      return token(request);
    }
    if (!path.startsWith("/v2/")) {
      throw notFound();
    }
    return parse(request, segments(path.substring("/v2/".length())), new Query(request.rawQuery()));
  }

  private static Call token(Request request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> new Call.IssueToken(false);
      case "POST" -> new Call.IssueToken(true);
      default -> throw new MethodNotAllowed("GET, HEAD, POST");
    };
  }

  /** Decodes each segment once. What decodes to a slash or anything else outside the grammar of names fits nowhere. */
  private static List<String> segments(String path) {
    var segments = new ArrayList<String>();
    for (String raw : path.split("/", -1)) {
      String segment = PercentEncoding.decode(raw);
      if (segment.indexOf('/') >= 0 || segment.indexOf('\\') >= 0) {
        throw new RegistryException(ErrorCode.NAME_INVALID, "a slash or backslash in a path may not be encoded");
      }
      segments.add(segment);
    }
    return segments;
  }

  private Call parse(Request request, List<String> path, Query query) {
    int size = path.size();
    String last = path.getLast();
    String beforeLast = size >= 2 ? path.get(size - 2) : "";
    if (path.getFirst().equals("_berth") && size >= 2) {
      Optional<AccountCall> call = AccountCall.parse(request, path.subList(1, size), query);
      if (call.isPresent()) {
        return new Call.OfAccounts(call.get());
      }
    }
    if (size >= 3) {
      switch (beforeLast) {
        case "manifests" -> {
          return manifest(request, pulled(request, query, name(path, 2)), last, query);
        }
        case "blobs" -> {
          if (!last.equals("uploads")) {
            return blob(request, pulled(request, query, name(path, 2)), Digest.parse(last));
          }
        }
        case "tags" -> {
          RepositoryName repository = pulled(request, query, name(path, 2));
          return last.isEmpty() ? TagCallParser.all(request, repository, query) : TagCallParser.one(request, repository, last, query);
        }
        case "tag-history" -> {
          if (size >= 4 && path.get(size - 3).equals("_oci")) {
            return TagCallParser.history(request, pulled(request, query, name(path, 3)), last, query);
          }
        }
        case "referrers" -> {
          return onlyGet(request, new Call.ListReferrers(
              pulled(request, query, name(path, 2)), Digest.parse(last), ReferrerQuery.ofSubjects(query)));
        }
        case "uploads" -> {
          if (size >= 4 && path.get(size - 3).equals("blobs")) {
            return last.isEmpty() ? startUpload(request, name(path, 3), query) : upload(request, name(path, 3), last, query);
          }
        }
        case "_berth" -> {
          if (last.equals("repository")) {
            return only(request, Map.of("DELETE", new Call.DeleteRepository(name(path, 2), query.dryRun())));
          }
          if (last.equals("usage")) {
            return onlyGet(request, new Call.GetUsage(name(path, 2)));
          }
          if (last.equals("stats")) {
            return onlyGet(request, StatisticsCalls.parse(pulled(request, query, name(path, 2)), query));
          }
          if (last.equals("completeness")) {
            return onlyGet(request, CompletenessCalls.parse(request, pulled(request, query, name(path, 2)), query));
          }
          if (last.equals("copy")) {
            return only(request, Map.of("POST", new Call.CopyManifest(name(path, 2))));
          }
        }
        case "completeness" -> {
          if (size >= 4 && path.get(size - 3).equals("_berth")) {
            return onlyGet(request, new Call.GetCompleteness(pulled(request, query, name(path, 3)), asked(last)));
          }
        }
        case "graph" -> {
          if (size >= 4 && path.get(size - 3).equals("_berth")) {
            return onlyGet(request, GraphCalls.parse(pulled(request, query, name(path, 3)), last, query));
          }
        }
        default -> {
          // not one of the endings of two segments
        }
      }
    }
    if (size >= 4 && last.equals("references") && path.get(size - 3).equals("manifests")) {
      return onlyGet(request,
          new Call.ListReferences(pulled(request, query, name(path, 3)), asked(beforeLast), ReferrerQuery.ofReferences(query)));
    }
    if (size == 1 && last.equals("_catalog")) {
      return onlyGet(request, new Call.Catalogue(query.n(Limits.PAGE), position(query), query.completeness()));
    }
    if (size == 2 && beforeLast.equals("_berth") && last.equals("keys")) {
      return onlyGet(request, new Call.GetKeys());
    }
    if (size == 2 && beforeLast.equals("_berth") && last.equals("gc")) {
      return only(request, Map.of("GET", new Call.GetBacklog(), "POST", new Call.CollectGarbage()));
    }
    if (size >= 3 && last.equals("discover") && beforeLast.equals("ext") && path.get(size - 3).equals("_oci")) {
      return onlyGet(request, new Call.Discover(size == 3 ? null : name(path, 3)));
    }
    if (size >= 3 && last.equals("uploads") && beforeLast.equals("blobs")) {
      return startUpload(request, name(path, 2), query);
    }
    throw notFound();
  }

  /** The repository's name: all but the last {@code ending} segments. */
  private static RepositoryName name(List<String> path, int ending) {
    return RepositoryName.parse(String.join("/", path.subList(0, path.size() - ending)));
  }

  /** On a pull, the repository may be asked for by the name it has at another host ({@code ns}). */
  private RepositoryName pulled(Request request, Query query, RepositoryName name) {
    return isGet(request) ? namespaces.local(query.one(Namespaces.PARAMETER), name) : name;
  }

  private static Call manifest(Request request, RepositoryName repository, String name, Query query) {
    return switch (request.method()) {
      case "GET", "HEAD" -> new Call.GetManifest(repository, asked(name));
      case "PUT" -> new Call.PutManifest(repository, TagOrDigest.parse(name), tags(name, query),
          request.header("Content-Type").map(MediaType::parse).orElse(null));
      case "DELETE" -> new Call.DeleteManifest(repository, TagOrDigest.parse(name), query.dryRun());
      default -> throw new MethodNotAllowed("GET, HEAD, PUT, DELETE");
    };
  }

  /** A name that is asked for. */
  private static TagOrDigest asked(String name) {
    if (name.indexOf(':') < 0 && !Tag.isValid(name)) {
      throw new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "this is not a tag, so nothing can be tagged so");
    }
    return TagOrDigest.parse(name);
  }

  private static List<Tag> tags(String name, Query query) {
    List<String> tags = query.all("tag");
    if (!tags.isEmpty() && name.indexOf(':') < 0) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "the parameter 'tag' goes with a push by digest");
    }
    if (tags.size() > Limits.TAGS_PER_PUSH) {
      throw new RegistryException(414, ErrorCode.MANIFEST_INVALID, "at most " + Limits.TAGS_PER_PUSH + " tags go with one push");
    }
    return tags.stream().map(Tag::parse).toList();
  }

  private static Call blob(Request request, RepositoryName repository, Digest digest) {
    return only(request, Map.of("GET", new Call.GetBlob(repository, digest), "DELETE", new Call.DeleteBlob(repository, digest)));
  }

  private static Call startUpload(Request request, RepositoryName repository, Query query) {
    Optional<String> mount = query.one("mount");
    Optional<String> digest = query.one("digest");
    Call call;
    if (mount.isPresent()) {
      RepositoryName from = query.one("from").filter(RepositoryName::isValid).map(RepositoryName::new).orElse(null);
      call = new Call.MountBlob(repository, Digest.parse(mount.get()), from, !query.has("from"));
    } else if (digest.isPresent()) {
      call = new Call.PushBlob(repository, Digest.parse(digest.get()));
    } else {
      call = new Call.StartUpload(repository,
          query.one("digest-algorithm").map(Digest.Algorithm::parse).orElse(Digest.Algorithm.SHA256));
    }
    return only(request, Map.of("POST", call));
  }

  private static Call upload(Request request, RepositoryName repository, String upload, Query query) {
    return switch (request.method()) {
      case "GET", "HEAD" -> new Call.UploadStatus(repository, upload);
      case "PATCH" -> new Call.AppendUpload(repository, upload, range(request));
      case "PUT" -> {
        String digest = query.one("digest").orElseThrow(
            () -> new RegistryException(ErrorCode.DIGEST_INVALID, "to finish an upload, say its digest: ?digest=<algorithm>:<hex>"));
        yield new Call.FinishUpload(repository, upload, Digest.parse(digest), range(request));
      }
      case "DELETE" -> new Call.CancelUpload(repository, upload);
      default -> throw new MethodNotAllowed("GET, HEAD, PATCH, PUT, DELETE");
    };
  }

  private static @Nullable ContentRange range(Request request) {
    return request.header("Content-Range").map(ContentRange::parse).orElse(null);
  }

  /** A position in a list, which need not be anything that exists. */
  static String position(Query query) {
    String last = query.one("last").orElse("");
    if (last.length() > POSITION_LENGTH) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED, "last is too long");
    }
    return Positions.shown(last);
  }

  static Call onlyGet(Request request, Call call) {
    return only(request, Map.of("GET", call));
  }

  private static Call only(Request request, Map<String, Call> byMethod) {
    Call call = byMethod.get(isGet(request) ? "GET" : request.method());
    if (call == null) {
      List<String> allowed = new ArrayList<>(byMethod.keySet());
      if (byMethod.containsKey("GET")) {
        allowed.add("HEAD");
      }
      throw new MethodNotAllowed(String.join(", ", allowed.stream().sorted().toList()));
    }
    return call;
  }

  private static boolean isGet(Request request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  static RegistryException notFound() {
    return new RegistryException(404, ErrorCode.UNSUPPORTED, "there is no such endpoint");
  }
}
