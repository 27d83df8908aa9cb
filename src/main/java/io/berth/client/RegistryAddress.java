package io.berth.client;

import io.berth.oci.Reference;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a registry is: scheme, host and port, nothing else.
 *
 * @param base {@code http://HOST[:PORT]} or {@code https://HOST[:PORT]}
 * @param secretsAllowed whether credentials may be sent there: over TLS, on this machine, or since the user has said so
 */
public record RegistryAddress(URI base, boolean secretsAllowed) {

  private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[::1\\]");

  /**
   * The registry that references mean by a host: over TLS, unless it is this machine or the user has said otherwise.
   *
   * @param host with its port if it has one, valid
   */
  public static RegistryAddress of(String host, boolean plainHttp) {
    URI https = URI.create("https://" + host);
    return plainHttp || isLoopback(https) ? new RegistryAddress(URI.create("http://" + host), true) : new RegistryAddress(https, true);
  }

  /**
   * The registry at a URL.
   *
   * @throws IllegalArgumentException in words, if it is anything but scheme, host and port
   */
  public static RegistryAddress at(URI url, boolean plainHttp) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    if (!scheme.equals("http") && !scheme.equals("https") || url.getHost() == null || url.getRawUserInfo() != null || url.getPort() > 65_535
        || !path.isEmpty() && !path.equals("/") || url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new IllegalArgumentException("expected http://HOST[:PORT] or https://HOST[:PORT], without name, password and path");
    }
    URI base = URI.create(scheme + "://" + url.getRawAuthority());
    return new RegistryAddress(base, plainHttp || isPrivate(base));
  }

  /** Host and port as {@code Host} says them. */
  public String authority() {
    return base.getRawAuthority();
  }

  /** The host by which references name it; {@code null} if they can't, since it has neither dot nor colon. */
  public @Nullable String host() {
    return Reference.isHost(authority()) ? authority() : null;
  }

  boolean isLoopback() {
    return isLoopback(base);
  }

  /** Whether what is sent there can't be read on the way. */
  static boolean isPrivate(URI url) {
    return "https".equalsIgnoreCase(url.getScheme()) || isLoopback(url);
  }

  static boolean isLoopback(URI url) {
    return url.getHost() != null && LOOPBACK.matcher(url.getHost().toLowerCase(Locale.ROOT)).matches();
  }

  /** Whether a URL is at this registry. */
  boolean has(URI url) {
    return base.getScheme().equalsIgnoreCase(url.getScheme()) && authority().equalsIgnoreCase(url.getRawAuthority());
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
