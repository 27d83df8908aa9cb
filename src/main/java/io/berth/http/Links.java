package io.berth.http;

import org.jspecify.annotations.Nullable;

/** The {@code Link} to the next page of a list (RFC 8288): the same request, from another position on. */
final class Links {

  private Links() {}

  private static final String[] KEPT = {"artifactType", "mediaType", "annotation", "kind", "data", "prefix", "target", "before", "since",
    "digest", "sort_by", "sort_order", "owner", "tag", "from", "to", "completeness", Namespaces.PARAMETER};

  /** Adds the link to a path. Parameters other than {@code n} and {@code last} that the list knows are kept. */
  static void addNext(Headers headers, String path, Request request, int n, String last) {
    addNext(headers, path, request, n, last, null);
  }

  /**
   * The same for a list as of a sequence.
   *
   * @param at as of which all pages are; {@code null}: as of their time
   */
  static void addNext(Headers headers, String path, Request request, int n, String last, @Nullable Long at) {
    var query = new Query(request.rawQuery());
    var target = new StringBuilder(path).append("?n=").append(n).append("&last=").append(PercentEncoding.encode(last));
    for (String kept : KEPT) {
      query.all(kept).forEach(text -> target.append('&').append(kept).append('=').append(PercentEncoding.encode(text)));
    }
    if (at != null) {
      target.append("&at=").append(at);
    }
    headers.add("Link", "<" + target + ">; rel=\"next\"");
  }
}
