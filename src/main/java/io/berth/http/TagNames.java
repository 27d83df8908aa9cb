package io.berth.http;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.net.InetAddress;
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

  /** Whether a name is that of the tag. What a client calls us counts only on this machine: elsewhere anyone could call us anything. */
  boolean isOf(Request request, String name, RepositoryName repository, Tag tag) {
    int slash = name.indexOf('/');
    if (slash < 0 || !name.substring(slash + 1).equals(repository + ":" + tag)) {
      return false;
    }
    String host = name.substring(0, slash).toLowerCase(Locale.ROOT);
    return canonical.filter(host::equals).isPresent() || aliases.contains(host)
        || isLocal(request) && request.header("Host").filter(own -> own.toLowerCase(Locale.ROOT).equals(host)).isPresent();
  }

  private static boolean isLocal(Request request) {
    if (!(request.remote() instanceof InetSocketAddress peer)) {
      return request.origin().client().equals(Origin.LOCAL);
    }
    InetAddress address = peer.getAddress();
    return address.isLoopbackAddress() && request.origin().client().equals(address.getHostAddress());
  }
}
