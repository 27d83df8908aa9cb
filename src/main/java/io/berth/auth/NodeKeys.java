package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.berth.metadata.MetadataStore;
import io.berth.signing.InvalidKey;
import io.berth.signing.RegistryKeys;
import io.berth.signing.VerifyingKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of tokens. This node signs with its own, whose private halves are in a folder of its own; it verifies what any node of the registry has
 * signed, since each publishes its public halves in the metadata store. Another key takes over every thirty days: it is published for a day before
 * it signs, and the former one for as long as tokens last that it has signed. Safe for any thread.
 */
public final class NodeKeys {

  /** How long a token may last at most: former keys are published for that time. */
  public static final Duration LONGEST = Duration.ofDays(30);

  private static final Logger LOG = LoggerFactory.getLogger(NodeKeys.class);
  private static final Duration ROTATION = Duration.ofDays(30);
  private static final Duration LOOK = Duration.ofHours(1);
  /** What a node has published and does not publish again is forgotten after this. */
  private static final Duration PUBLISHED = LONGEST.plus(Duration.ofDays(10));
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{43}");

  private final Path folder;
  private final MetadataStore metadata;
  private final InstantSource clock;
  private final Cache<String, VerifyingKey> known = Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(LOOK).build();
  private volatile RegistryKeys own;
  private volatile Instant due;

  private NodeKeys(Path folder, MetadataStore metadata, InstantSource clock, RegistryKeys own) {
    this.folder = folder;
    this.metadata = metadata;
    this.clock = clock;
    this.own = own;
    this.due = Instant.MIN;
  }

  /**
   * Opens the keys of this node, makes the first one if there is none, and publishes them.
   *
   * @throws InvalidKey if the folder can't be used, or others may read it
   */
  public static NodeKeys open(Path folder, MetadataStore metadata, InstantSource clock) throws InvalidKey {
    var keys = new NodeKeys(folder, metadata, clock, RegistryKeys.open(folder, RegistryKeys.OVERLAP, clock.instant()));
    keys.renew(clock.instant());
    return keys;
  }

  /** Signs a payload; {@code typ} says what it is. */
  String sign(byte[] payload, String typ) {
    Instant now = clock.instant();
    if (!now.isBefore(due)) {
      renew(now);
    }
    return own.signCompact(payload, typ, now);
  }

  /** Who signs sees to the keys. What fails is tried again with one of the next signatures, and the present keys go on. */
  private synchronized void renew(Instant now) {
    if (now.isBefore(due)) {
      return;
    }
    due = now.plus(Duration.ofMinutes(1));
    try {
      own = own.newest().plus(ROTATION).isBefore(now) ? own.rotate(now) : RegistryKeys.open(folder, RegistryKeys.OVERLAP, now);
      own.keys(now).forEach((id, jwk) -> metadata.write(tx -> {
        tx.tokenKeys().put(id, jwk, now.plus(PUBLISHED), now);
        return id;
      }));
      due = now.plus(LOOK);
    } catch (InvalidKey | RuntimeException e) {
      LOG.warn("the keys of tokens could not be seen to, and stay as they are: {}", e.toString());
    }
  }

  /** The key of that name, if a node of this registry publishes it. */
  Optional<VerifyingKey> find(String id) {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    VerifyingKey cached = known.getIfPresent(id);
    if (cached != null) {
      return Optional.of(cached);
    }
    Instant now = clock.instant();
    String mine = own.keys(now).get(id);
    Optional<String> jwk = mine == null ? metadata.read(tx -> tx.tokenKeys().find(id, now)) : Optional.of(mine);
    return jwk.flatMap(text -> remembered(id, text));
  }

  private Optional<VerifyingKey> remembered(String id, String jwk) {
    try {
      VerifyingKey key = VerifyingKey.parse(jwk);
      if (!key.id().equals(id)) {
        return Optional.empty();
      }
      known.put(id, key);
      return Optional.of(key);
    } catch (InvalidKey e) {
      LOG.warn("a key of tokens in the metadata store can't be read: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
