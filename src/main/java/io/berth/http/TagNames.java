package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The names of tags in their objects: {@code host/repository:tag}, as one types them. A statement about a tag of another registry is none about
 * ours, so the host counts. Immutable.
 *
 * @param canonical the registry's own host and port ({@code http.host}), in small letters
 * @param aliases others by which it is known
 */
public record TagNames(Optional<String> canonical, Set<String> aliases) {

  /** Known by no name. */
  public static final TagNames NONE = new TagNames(Optional.empty(), Set.of());

  /** The name of a tag in answers: with the registry's own host, or the one that the client has used. */
  String of(Request request, RepositoryName repository, Tag tag) {
    return repository(request, repository) + ":" + tag;
  }

  /** The name of a repository in answers. */
  String repository(Request request, RepositoryName repository) {
    return canonical.or(() -> request.header("Host").filter(Origin::isHost)).orElse("localhost") + "/" + repository;
  }

  /**
   * The name of a repository in what the registry signs. What a client calls us counts only if it is a name of ours, or one of this machine:
   * otherwise a stranger could have us sign for another registry.
   */
  String toSign(Request request, RepositoryName repository) {
    Optional<String> asked = request.header("Host").map(host -> host.toLowerCase(Locale.ROOT));
    String host = asked.filter(aliases::contains).or(() -> canonical).or(() -> asked.filter(own -> isLocal(request)))
        .orElseThrow(() -> new RegistryException(406, ErrorCode.UNSUPPORTED,
            "this registry does not know for sure what it is called, so it signs nothing: set http.host, or tags.aliases"));
    return host + "/" + repository;
  }

  /** Whether a name is that of the tag. What a client calls us counts only on this machine: elsewhere anyone could call us anything. */
  boolean isOf(Request request, String name, RepositoryName repository, Tag tag) {
    int slash = name.indexOf('/');
    if (slash < 0 || !name.substring(slash + 1).equals(repository + ":" + tag)) {
      return false;
    }
    return isHost(request, name.substring(0, slash));
  }

  /** Whether a host is this registry. The same holds for what a client calls us. */
  boolean isHost(Request request, String name) {
    String host = name.toLowerCase(Locale.ROOT);
    return canonical.filter(host::equals).isPresent() || aliases.contains(host)
        || isLocal(request) && request.header("Host").filter(own -> own.toLowerCase(Locale.ROOT).equals(host)).isPresent();
  }

  /** Whether a host is ours as far as a hint goes: what the client itself calls us will do. */
  boolean isOurs(Request request, String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return canonical.filter(name::equals).isPresent() || aliases.contains(name)
        || request.header("Host").filter(own -> own.toLowerCase(Locale.ROOT).equals(name)).isPresent();
  }

  /** Whether what a client calls us is to be believed: it is on this machine, and nobody has said what we are called. */
  private boolean isLocal(Request request) {
    return canonical.isEmpty() && (request.origin().client().equals(Origin.LOCAL) || request.remote() instanceof InetSocketAddress peer
        && peer.getAddress().isLoopbackAddress() && request.origin().client().equals(peer.getAddress().getHostAddress()));
  }
}
