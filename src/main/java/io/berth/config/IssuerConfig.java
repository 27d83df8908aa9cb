package io.berth.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An issuer of tokens elsewhere, as CNCF Distribution has it. Immutable.
 *
 * @param realm where clients get them; absent: at {@code path} of the host of this registry
 * @param service for whom they have to be
 * @param issuer by whom
 * @param roots certificates in PEM, whose keys count and those that they have signed
 * @param jwks keys, as a JSON Web Key Set
 * @param algorithms names of algorithms; none: all that are known
 */
public record IssuerConfig(Optional<URI> realm, String path, String service, String issuer, Optional<Path> roots, Optional<Path> jwks,
    List<String> algorithms) {

  public IssuerConfig {
    algorithms = List.copyOf(algorithms);
  }
}
