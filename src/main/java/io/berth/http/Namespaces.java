package io.berth.http;

import io.berth.oci.RepositoryName;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Other registries whose content is kept here under a prefix (distribution specification, "Registry Proxying"). A client that is told to use
 * this registry as the mirror of another one asks for {@code library/busybox?ns=docker.io}; with {@code docker.io} mapped to {@code mirror/docker},
 * it is given {@code mirror/docker/library/busybox}. A host that is not mapped is ignored.
 *
 * @param prefixes from host to the prefix of its repositories here
 */
public record Namespaces(Map<String, RepositoryName> prefixes) {

  static final String PARAMETER = "ns";

  /** No other registry is kept here. */
  public static final Namespaces NONE = new Namespaces(Map.of());

  /** The local name of a repository of that host. */
  RepositoryName local(Optional<String> host, RepositoryName name) {
    RepositoryName prefix = host.map(prefixes::get).orElse(null);
    return prefix == null ? name : RepositoryName.parse(prefix + "/" + name);
  }

  /** What {@code OCI-Namespace} has to say: the host of the query if it chose what was served. */
  @Nullable String applied(Request request) {
    if (prefixes.isEmpty() || request.rawQuery().isEmpty()) {
      return null;
    }
    return new Query(request.rawQuery()).one(PARAMETER).filter(prefixes::containsKey).orElse(null);
  }
}
