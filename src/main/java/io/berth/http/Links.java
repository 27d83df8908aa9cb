package io.berth.http;

import java.util.Optional;

/** The {@code Link} to the next page of a list (RFC 8288): the same request, from another position on. */
final class Links {

  private Links() {}

  /** Adds the link to a path. Parameters other than {@code n} and {@code last} that the list knows are kept. */
  static void addNext(Headers headers, String path, Request request, int n, String last) {
    var query = new Query(request.rawQuery());
    var target = new StringBuilder(path).append("?n=").append(n).append("&last=").append(PercentEncoding.encode(last));
    for (String kept : new String[] {"artifactType", Namespaces.PARAMETER}) {
      Optional<String> value = query.one(kept);
      value.ifPresent(text -> target.append('&').append(kept).append('=').append(PercentEncoding.encode(text)));
    }
    headers.add("Link", "<" + target + ">; rel=\"next\"");
  }
}
