package io.berth.auth;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.RepositoryName;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Scope;
import io.berth.policy.Who;
import io.berth.signing.InvalidKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A registry's tokens, its nodes and its time, for tests. */
final class TokenStand implements AutoCloseable {

  static final String SERVICE = "registry.example";
  static final String HERE = "192.0.2.7";
  static final TokenService.Terms TERMS = new TokenService.Terms(Duration.ofMinutes(5), Duration.ofDays(30), true);

  private final Path folder;
  private final MetadataStore store;
  private final AtomicLong ids = new AtomicLong();
  private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
  final InstantSource clock = () -> now;

  TokenStand(Path folder) {
    this.folder = folder;
    this.store = SqliteMetadataStore.open(folder.resolve("metadata.db"));
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  /** The keys of a node. */
  NodeKeys keys(String node) {
    try {
      return NodeKeys.open(folder.resolve(node), store, clock);
    } catch (InvalidKey e) {
      throw new IllegalStateException(e);
    }
  }

  Tokens node(String node) {
    return tokens(node, SERVICE);
  }

  Tokens tokens(String node, String service) {
    return new Tokens(keys(node), service, clock, () -> "id-" + ids.incrementAndGet());
  }

  static AccessRule rule(String who, String repositories, Action... actions) {
    Who whom = who.equals("anyone") ? new Who.Anyone() : new Who.Named(who);
    return new AccessRule(who + " in " + repositories, List.of(whom),
        new Grant(List.of(new Glob(repositories)), List.of(), Set.of(actions)),
        Condition.ALWAYS);
  }

  static AccessPolicy policy(AccessRule... rules) {
    return new AccessPolicy(List.of(rules));
  }

  static Scope scope(String repository, Action action) {
    return new Scope.Repository(RepositoryName.parse(repository), action);
  }

  static Optional<String> basic(String user, String password) {
    return Optional
        .of("Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
  }

  static Optional<String> bearer(String token) {
    return Optional.of("Bearer " + token);
  }

  static TokenService.Ask ask(TokenService.Proof proof, String... scopes) {
    return new TokenService.Ask(proof, ResourceScope.parse(List.of(scopes)), Map.of(), true, HERE);
  }

  @Override
  public void close() {
    store.close();
  }
}
