package io.berth.http;

import java.net.URI;
import java.util.Optional;

/**
 * Where the registry is found, for paths that come in and for those that go out. Immutable.
 *
 * @param prefix the path above {@code /v2/}; begins and ends with a slash
 * @param relative whether what goes out is a path; if not, scheme and host stand before it where they are known for sure
 * @param external scheme and host, and perhaps a path, under which clients reach the registry; absent: as the {@link Origin} of a request says
 */
public record Locations(String prefix, boolean relative, Optional<URI> external) {

  /** At the top, in paths. */
  public static final Locations PLAIN = new Locations("/", true, Optional.empty());

  public Locations {
    if (!prefix.startsWith("/") || !prefix.endsWith("/")) {
      throw new IllegalArgumentException("a prefix begins and ends with a slash, not so " + prefix);
    }
  }

  /** The path as it would be at the top; as it is, if it does not lie below the prefix, or is no path. */
  String local(String rawPath) {
    return isBelow(rawPath) ? rawPath.substring(prefix.length() - 1) : rawPath;
  }

  /** Whether a path lies below the prefix. */
  boolean isBelow(String rawPath) {
    return rawPath.startsWith(prefix);
  }

  /** The way to the path of a request itself. */
  String of(Request request) {
    return to(local(request.rawPath()), request);
  }

  /** The way to a path of ours ({@code /v2/…}) for whoever sent the request. */
  String to(String path, Request request) {
    String below = prefix.substring(0, prefix.length() - 1) + path;
    if (relative) {
      return request.origin().prefix() + below;
    }
    if (external.isPresent()) {
      String base = external.get().toString();
      return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + below;
    }
    Origin origin = request.origin();
    String full = origin.prefix() + below;
    return origin.host() == null ? full : origin.scheme() + "://" + origin.host() + full;
  }

  /** The same with scheme and host, however locations are written otherwise; nothing where these are not known for sure. */
  Optional<String> absolute(String path, Request request) {
    return external.isPresent() || request.origin().host() != null ? Optional.of(new Locations(prefix, false, external).to(path, request))
        : Optional.empty();
  }
}
