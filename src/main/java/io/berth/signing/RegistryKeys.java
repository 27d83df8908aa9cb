package io.berth.signing;

import io.berth.oci.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys by which a registry signs what it says itself. They lie in a folder, one to a file, whose name is the time from which it signs. The
 * first one is made when there is none. A later one is published at once but signs only after the overlap, so that whoever keeps a copy of the published set
 * has it by then; the former one stays published for thirty overlaps, so that what it has signed can still be verified. Immutable: a rotation,
 * also one by another process, is seen by opening the folder again.
 */
public final class RegistryKeys {

  /** How long a new key is published before it signs, unless somebody says otherwise. */
  public static final Duration OVERLAP = Duration.ofHours(24);

  private static final int OVERLAPS_AFTER = 30;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");
  private static final String ENDING = ".pem";

  /** One key and the time from which it signs. */
  private record Key(Instant from, Path file, SigningKey signing, VerifyingKey verifying) {}

  private final KeyFolder folder;
  private final Duration overlap;
  private final List<Key> keys;

  private RegistryKeys(KeyFolder folder, Duration overlap, List<Key> keys) {
    this.folder = folder;
    this.overlap = overlap;
    this.keys = keys;
  }

  /**
   * Opens the keys in a folder; makes folder and first key if there is none. Of several processes that do so at once, one makes it.
   *
   * @throws InvalidKey if keys can't be read or written, or others may read them
   */
  public static RegistryKeys open(Path path, Duration overlap, Instant now) throws InvalidKey {
    try {
      KeyFolder folder = KeyFolder.open(path);
      return new RegistryKeys(folder, overlap, folder.alone(() -> readOrMake(folder, now)));
    } catch (IOException e) {
      throw unusable(path.toString(), e);
    }
  }

  /**
   * Opens the keys that are in a folder, and writes nothing.
   *
   * @throws InvalidKey if there are none, or they can't be read, or others may read them
   */
  public static RegistryKeys openExisting(Path path, Duration overlap) throws InvalidKey {
    try {
      KeyFolder folder = KeyFolder.existing(path);
      List<Key> keys = read(folder);
      if (keys.isEmpty()) {
        throw none(path);
      }
      return new RegistryKeys(folder, overlap, keys);
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw none(path);
    } catch (IOException e) {
      throw unusable(path.toString(), e);
    }
  }

  private static InvalidKey none(Path path) {
    return new InvalidKey("there are no keys of a registry in " + path + ": its first start makes one");
  }

  private static List<Key> readOrMake(KeyFolder folder, Instant now) throws IOException, InvalidKey {
    List<Key> keys = read(folder);
    if (!keys.isEmpty()) {
      return keys;
    }
    make(folder, now);
    return read(folder);
  }

  /**
   * Makes another key, unless one is waiting already, and removes those that are no longer published.
   *
   * @return the keys from now on
   */
  public RegistryKeys rotate(Instant now) throws InvalidKey {
    try {
      return folder.alone(() -> {
        var current = new RegistryKeys(folder, overlap, read(folder));
        if (current.keys.isEmpty() || !current.newest().isAfter(now)) {
          make(folder, now.plus(overlap));
        }
        for (Key key : current.keys) {
          if (!current.isPublished(key, now)) {
            folder.remove(key.file());
          }
        }
        return new RegistryKeys(folder, overlap, read(folder));
      });
    } catch (IOException e) {
      throw unusable(folder.toString(), e);
    }
  }

  private static InvalidKey unusable(String folder, IOException e) {
    return new InvalidKey(folder + " can't be used for the registry's keys, check its owner and mode: " + e);
  }

  private static void make(KeyFolder folder, Instant from) throws IOException, InvalidKey {
    Instant time = from.truncatedTo(ChronoUnit.SECONDS);
    while (folder.has(name(time))) {
      time = time.plusSeconds(1);
    }
    KeyPair pair = generate();
    String pem = Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded()) + Pem.write("PUBLIC KEY", pair.getPublic().getEncoded());
    folder.add(name(time), pem.getBytes(StandardCharsets.US_ASCII));
  }

  private static KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  private static String name(Instant from) {
    return TIME.format(from.atOffset(ZoneOffset.UTC)) + ENDING;
  }

  /** All keys, in the order in which they sign. */
  private static List<Key> read(KeyFolder folder) throws IOException, InvalidKey {
    var keys = new ArrayList<Key>();
    for (Path file : folder.files()) {
      SigningKey signing = SigningKey.read(file);
      VerifyingKey verifying = signing.publicHalf();
      if (verifying == null) {
        throw new InvalidKey(file + " has no public key beside the private one: add it with 'openssl pkey -in " + file + " -pubout'");
      }
      keys.add(new Key(from(file), file, signing, verifying));
    }
    return List.copyOf(keys);
  }

  private static Instant from(Path file) throws InvalidKey {
    String name = String.valueOf(file.getFileName());
    try {
      return LocalDateTime.parse(name.substring(0, name.length() - ENDING.length()), TIME).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new InvalidKey(file + " is not named after the time from which the key signs, such as 20300131T235959Z" + ENDING);
    }
  }

  /** When the newest key begins to sign, or has begun. */
  public Instant newest() {
    return keys.getLast().from();
  }

  private boolean isPublished(Key key, Instant now) {
    int next = keys.indexOf(key) + 1;
    return next == keys.size() || keys.get(next).from().plus(overlap.multipliedBy(OVERLAPS_AFTER)).isAfter(now);
  }

  /** The newest of those whose time has come; the oldest if the clock is before all of them. */
  private Key signing(Instant now) {
    return keys.stream().filter(key -> !key.from().isAfter(now)).reduce((_, later) -> later).orElse(keys.getFirst());
  }

  /** The public keys by which signatures can be verified, now or soon, as a JSON Web Key Set (RFC 7517). */
  public byte[] jwks(Instant now) {
    return Json.write(Map.of("keys", List.copyOf(published(now).values()))).getBytes(StandardCharsets.UTF_8);
  }

  private Map<String, Map<String, Object>> published(Instant now) {
    var published = new LinkedHashMap<String, Map<String, Object>>();
    for (Key key : keys) {
      if (isPublished(key, now)) {
        var jwk = new LinkedHashMap<String, Object>(key.verifying().jwk().toPublicJWK().toJSONObject());
        jwk.put("kid", key.verifying().id());
        jwk.put("use", "sig");
        jwk.put("alg", key.signing().algorithm().toString());
        published.put(key.verifying().id(), jwk);
      }
    }
    return published;
  }

  /** The same one by one, by their thumbprints. */
  public Map<String, String> keys(Instant now) {
    var texts = new LinkedHashMap<String, String>();
    published(now).forEach((id, jwk) -> texts.put(id, Json.write(jwk)));
    return texts;
  }

  /**
   * Signs a payload by the key whose turn it is.
   *
   * @param typ what the payload is, which the header says
   * @return the compact serialization of RFC 7515
   */
  public String signCompact(byte[] payload, String typ, Instant now) {
    JwsSignature made = signing(now).signing().sign(payload, typ, null);
    return new String(JwsSignature.signed(made.protectedHeader(), payload), StandardCharsets.US_ASCII) + "."
        + Base64Url.encode(made.signature());
  }

  /**
   * Signs a payload by the key whose turn it is.
   *
   * @param typ what the payload is, which the protected header says
   * @return the general JSON serialization of RFC 7515
   */
  public byte[] sign(byte[] payload, String typ, Instant now) {
    return new Jws(payload, List.of(signing(now).signing().sign(payload, typ, null))).render();
  }
}
