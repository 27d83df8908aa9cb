package io.berth.cli;

import io.berth.auth.Directory;
import io.berth.auth.DirectoryTerms;
import io.berth.auth.DirectoryTerms.Protection;
import io.berth.client.RegistryFailure;
import io.berth.client.Trust;
import io.berth.config.LdapConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The directory that people are looked up in: the same one for as long as nothing is changed that is said of it, so that a reload cuts nobody off.
 * For one thread at a time.
 */
final class Directories implements AutoCloseable {

  private @Nullable Open current;
  private @Nullable Open offered;

  /** A directory, and all that was said of it. */
  private record Open(Directory directory, DirectoryTerms terms, String roots) {}

  /**
   * The directory of a configuration, if it has one. It has no connections before somebody logs in.
   *
   * @throws Refusal if a file that is named can't be used
   */
  Optional<Directory> offer(Optional<LdapConfig> config) {
    offered = config.map(this::open).orElse(null);
    return Optional.ofNullable(offered).map(Open::directory);
  }

  private Open open(LdapConfig config) {
    DirectoryTerms terms = terms(config);
    String roots = config.roots().map(file -> text(file, "auth.ldap.rootcertbundle")).orElse("");
    Open former = current;
    return former != null && former.terms.equals(terms) && former.roots.equals(roots) ? former
        : new Open(new Directory(terms, tls(config.roots())), terms, roots);
  }

  /** Goes on with what was offered last, and ends the one before. */
  void keep() {
    Open former = current;
    current = offered;
    if (former != null && !former.equals(current)) {
      former.directory.close();
    }
  }

  private static DirectoryTerms terms(LdapConfig config) {
    Optional<DirectoryTerms.Account> account =
        config.account().map(entry -> new DirectoryTerms.Account(entry.dn(), password(entry.passwordFile(), "auth.ldap.bindpasswordfile")));
    LdapConfig.People people = config.people();
    LdapConfig.Groups groups = config.groups();
    return new DirectoryTerms(config.servers().stream().map(url -> server(url, config.plain())).toList(), account,
        new DirectoryTerms.People(people.dn(), people.base().orElse(""), people.filter(), people.attribute()),
        new DirectoryTerms.Groups(groups.base(), groups.attribute(), groups.filter(), groups.named()), config.remembered(),
        new DirectoryTerms.Patience(config.connectTimeout(), config.timeout()), config.connections());
  }

  private static DirectoryTerms.Server server(URI url, boolean plain) {
    boolean isTls = url.getScheme().equals("ldaps");
    int port = url.getPort() >= 0 ? url.getPort() : isTls ? 636 : 389;
    String host = url.getHost().startsWith("[") ? url.getHost().substring(1, url.getHost().length() - 1) : url.getHost();
    return new DirectoryTerms.Server(host, port, isTls ? Protection.TLS : plain ? Protection.NONE : Protection.START_TLS);
  }

  /** The first line of a file. */
  static String password(Path file, String setting) {
    String password = text(file, setting).lines().findFirst().orElse("");
    if (password.isEmpty()) {
      throw new Refusal(setting + ": " + file + " has no password in its first line");
    }
    return password;
  }

  private static String text(Path file, String setting) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new Refusal(setting + ": " + file + " can't be read: " + e, e);
    }
  }

  private static SSLContext tls(Optional<Path> roots) {
    try {
      return roots.isPresent() ? Trust.in(roots.get()) : SSLContext.getDefault();
    } catch (RegistryFailure e) {
      throw new Refusal("auth.ldap.rootcertbundle: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  @Override
  public void close() {
    offered = null;
    keep();
  }
}
