package io.berth.oci;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reference as people type it: {@code [host[:port]/]name[:tag][@digest]}. What stands before the first slash is a host if it has a dot or a
 * colon, or is {@code localhost}, as docker has it. So there is no reference without host to a repository whose name begins like a host, and each
 * instance says itself again.
 *
 * @param host with its port if it has one, as written; {@code null} if there is none
 */
public record Reference(@Nullable String host, RepositoryName repository, @Nullable Tag tag, @Nullable Digest digest) {

  /** Characters of a host with its port; the domain name system allows no more either. */
  public static final int MAX_HOST = 255;

  private static final String LOCALHOST = "localhost";
  private static final int MAX_PORT = 65_535;
  private static final Pattern HOST = Pattern.compile("(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*+(?<!-))?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*+(?<!-))?)*+"
      + "|\\[[0-9a-fA-F:.]{2,45}\\])(?::([0-9]{1,5}))?");

  public Reference {
    if (host == null ? looksLikeHost(first(repository.value())) : !isHost(host)) {
      throw invalid(host == null ? repository.value() : host + "/" + repository);
    }
  }

  /**
   * Parses a reference.
   *
   * @throws RegistryException {@code NAME_INVALID} if host or name are none, otherwise of its tag or digest
   */
  public static Reference parse(String text) {
    int at = text.indexOf('@');
    Digest digest = at < 0 ? null : Digest.parse(text.substring(at + 1));
    String rest = at < 0 ? text : text.substring(0, at);
    int colon = rest.lastIndexOf(':');
    Tag tag = colon > rest.lastIndexOf('/') ? Tag.parse(rest.substring(colon + 1)) : null;
    String path = tag == null ? rest : rest.substring(0, colon);
    String host = first(path);
    if (!looksLikeHost(host)) {
      return new Reference(null, RepositoryName.parse(path), tag, digest);
    }
    if (!isHost(host)) {
      throw invalid(text);
    }
    return new Reference(host, RepositoryName.parse(path.substring(host.length() + 1)), tag, digest);
  }

  /** Parses a reference, or says nothing where {@link #parse} would throw. */
  public static Optional<Reference> find(String text) {
    try {
      return Optional.of(parse(text));
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  /** What stands before the first slash; nothing if there is no slash. */
  private static String first(String path) {
    return path.substring(0, Math.max(0, path.indexOf('/')));
  }

  private static boolean looksLikeHost(String first) {
    return first.equals(LOCALHOST) || first.indexOf('.') >= 0 || first.indexOf(':') >= 0;
  }

  /** Whether the text is a host, perhaps with a port, that references can name. */
  public static boolean isHost(String text) {
    if (text.length() > MAX_HOST || !looksLikeHost(text)) {
      return false;
    }
    var host = HOST.matcher(text);
    return host.matches() && (host.group(1) == null || Integer.parseInt(host.group(1)) <= MAX_PORT);
  }

  /** The same without tag and digest. */
  public Reference withoutTag() {
    return new Reference(host, repository, null, null);
  }

  /** The same name at a host. */
  public Reference at(String otherHost) {
    return new Reference(otherHost, repository, tag, digest);
  }

  private static RegistryException invalid(String text) {
    return new RegistryException(ErrorCode.NAME_INVALID,
        "not a reference: it is written [HOST[:PORT]/]NAME[:TAG][@DIGEST], and what has a dot or a colon before the first '/' is the host",
        Text.quoted(text));
  }

  @Override
  public String toString() {
    return (host == null ? "" : host + "/") + repository + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }
}
