package io.berth.cli.tag;

import io.berth.client.Credentials;
import io.berth.client.RegistryAddress;
import io.berth.client.RegistrySession;
import io.berth.client.StoredCredentials;
import io.berth.client.TagClient;
import io.berth.client.Trust;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import io.berth.oci.RegistryException;
import io.berth.oci.Tag;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;

/** Which registry a command is for, who asks, and where answers are printed. */
final class TagTarget {

  private static final URI DEFAULT = URI.create("http://127.0.0.1:5000");

  @Spec(Spec.Target.MIXEE) private @Nullable CommandSpec spec;

  @Option(names = "--registry", paramLabel = "URL", description = {"Where to ask, whatever host the tag is written with.",
    "Default: that host, or http://127.0.0.1:5000 if there is none."}) private @Nullable URI registry;

  @Option(names = "--plain-http",
      description = "Speak http to a host that is not this machine, credentials included.") private boolean plainHttp;

  @Option(names = "--user", paramLabel = "NAME", description = {"Who asks; the password is taken from the variable BERTH_PASSWORD.",
    "Default: what 'docker login' or 'podman login' stored."}) private @Nullable String user;

  @Option(names = "--authfile", paramLabel = "FILE",
      description = "Stored credentials in docker's form, instead of $REGISTRY_AUTH_FILE and docker's config.json.") private @Nullable Path file;

  @Option(names = "--tls-ca", paramLabel = "FILE",
      description = {"Speak https, also to this machine, and trust the certificates of this PEM",
        "file and what they have signed, instead of those that the system trusts."}) private @Nullable Path authority;

  PrintWriter out() {
    return spec().commandLine().getOut();
  }

  PrintWriter err() {
    return spec().commandLine().getErr();
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return spec;
  }

  ParameterException wrong(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  /** Everything but ASCII is escaped, since strangers' strings may act on a terminal. */
  void print(JsonNode document) {
    out().println(Json.MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(document));
  }

  /** A tag that was written so, with the host by which it is known. */
  Reference tag(String text) {
    Reference reference = reference(text);
    if (reference.tag() == null || reference.digest() != null) {
      throw wrong(text + ": expected a tag, [HOST/]REPOSITORY:TAG");
    }
    return reference;
  }

  /** A repository that was written so, with the host by which it is known. */
  Reference repository(String text) {
    Reference reference = reference(text);
    if (reference.tag() != null || reference.digest() != null) {
      throw wrong(text + ": expected a repository, [HOST/]REPOSITORY");
    }
    return reference;
  }

  Reference reference(String text) {
    try {
      Reference reference = Reference.parse(text);
      if (reference.host() != null) {
        return reference;
      }
      String host = at(registry == null ? DEFAULT : registry).host();
      return host == null ? reference : reference.at(host);
    } catch (RegistryException e) {
      throw wrong(text + ": " + e.getMessage());
    }
  }

  /** A sequence number or a time, as the registry takes them. */
  String moment(@Nullable String text) {
    if (text == null || text.matches("[0-9]{1,18}")) {
      return text == null ? "" : text;
    }
    try {
      OffsetDateTime.parse(text);
      return text;
    } catch (DateTimeParseException e) {
      throw wrong(text + ": expected a sequence number, or a time as in 2030-01-31T12:00:00Z");
    }
  }

  TagClient open(Reference reference) {
    return new TagClient(session(reference), reference.repository());
  }

  RegistrySession session(Reference reference) {
    RegistryAddress address = address(reference);
    return new RegistrySession(address, credentials(address), Optional.ofNullable(authority).map(Trust::in));
  }

  /** Whoever names an authority wants TLS. */
  private RegistryAddress address(Reference reference) {
    if (authority == null) {
      return registry != null ? at(registry) : reference.host() == null ? at(DEFAULT) : RegistryAddress.of(reference.host(), plainHttp);
    }
    String host = reference.host() == null ? DEFAULT.getRawAuthority() : reference.host();
    RegistryAddress address = at(registry == null ? URI.create("https://" + host) : registry);
    if (plainHttp || !address.base().getScheme().equals("https")) {
      throw wrong("--tls-ca is for https, and this would be http");
    }
    return address;
  }

  private RegistryAddress at(URI url) {
    try {
      return RegistryAddress.at(url, plainHttp);
    } catch (IllegalArgumentException e) {
      throw wrong("--registry: " + e.getMessage());
    }
  }

  private Optional<Credentials> credentials(RegistryAddress address) {
    Map<String, String> environment = System.getenv();
    if (user != null) {
      return Optional.of(new Credentials(user, environment.getOrDefault("BERTH_PASSWORD", "")));
    }
    return new StoredCredentials(file, Path.of(System.getProperty("user.home", ".")), environment).find(address.authority());
  }

  /** The tag of a reference that has one. */
  static Tag tagOf(Reference reference) {
    if (reference.tag() == null) {
      throw new IllegalArgumentException("no tag: " + reference);
    }
    return reference.tag();
  }
}
