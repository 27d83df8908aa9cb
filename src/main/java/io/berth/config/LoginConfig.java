package io.berth.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A provider with which people log in with a browser. Immutable.
 *
 * @param name what stands before their names
 * @param issuer as it stands in its tokens
 * @param client what it knows this registry as
 * @param secretFile a file whose first line is the secret that it gave this registry; absent: it gave none
 * @param scopes what it is asked for
 * @param username the claim that has somebody's name
 * @param groups the claim that has their groups
 * @param claims what else its tokens have to say, of each one of the patterns
 * @param lifetime how long what people get lasts
 * @param plain whether http is spoken with it, on this machine
 */
public record LoginConfig(String name, URI issuer, String client, Optional<Path> secretFile, List<String> scopes, String username,
    String groups, Map<String, List<String>> claims, Duration lifetime, boolean plain) {

  public LoginConfig {
    scopes = List.copyOf(scopes);
    var copy = new LinkedHashMap<String, List<String>>();
    claims.forEach((claim, patterns) -> copy.put(claim, List.copyOf(patterns)));
    claims = Collections.unmodifiableMap(copy);
  }
}
