package io.berth.config;

import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A platform that vouches for its jobs. Immutable.
 *
 * @param name what rules call it by
 * @param issuer as it stands in its tokens
 * @param audiences for whom its tokens have to be, one of these
 * @param claims what its tokens have to say, of each one of the patterns, in which {@code *} stands for any characters
 * @param plain whether http is spoken with it, on this machine
 */
public record WorkloadConfig(String name, URI issuer, List<String> audiences, Map<String, List<String>> claims, boolean plain) {

  public WorkloadConfig {
    audiences = List.copyOf(audiences);
    var copy = new LinkedHashMap<String, List<String>>();
    claims.forEach((claim, patterns) -> copy.put(claim, List.copyOf(patterns)));
    claims = Collections.unmodifiableMap(copy);
  }
}
