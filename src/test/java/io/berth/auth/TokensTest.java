package io.berth.auth;

import static io.berth.auth.TokenStand.SERVICE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Json;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class TokensTest {

  @TempDir Path folder;

  private TokenStand stand;
  private Tokens tokens;

  @BeforeEach
  void open() {
    stand = new TokenStand(folder);
    tokens = stand.node("one");
  }

  @AfterEach
  void close() {
    stand.close();
  }

  private Token token(Identity identity) {
    return new Token(identity, 7, Optional.empty(), ResourceScope.parse(List.of("repository:a:pull")),
        ResourceScope.parse(List.of("repository:a:push")), stand.clock.instant().plusSeconds(300));
  }

  private String issued() throws TokenText.TooLarge {
    return tokens.issue(token(new Identity.User("alice")), Token.Use.ACCESS);
  }

  private static byte[] decoded(String part) {
    return Base64.getUrlDecoder().decode(part);
  }

  private static String encoded(Object json) {
    return encoded(Json.write(json).getBytes(UTF_8));
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static ObjectNode json(String part) throws Json.InvalidJson {
    return (ObjectNode) Json.parse(decoded(part));
  }

  private static KeyPair pair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static String signed(String header, String payload, KeyPair pair) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(pair.getPrivate());
    signature.update((header + "." + payload).getBytes(UTF_8));
    return header + "." + payload + "." + encoded(signature.sign());
  }

  @Test
  void whatWasIssuedIsReadBack() throws Exception {
    var ceiling = List.of(new Grant(List.of(new Glob("a/**")), List.of(new Glob("v*")), Set.of(Action.PULL, Action.CREATE)));
    Map<String, Object> claims = Map.of("repository", "acme/app", "run", 17L, "protected", true, "ratio", 0.5, "environments",
        List.of("a", "b"), "inner", Map.of("x", "y"));
    for (Identity identity : List.of(new Identity.Anonymous(), new Identity.User("alice", Set.of("dev", "ops"), claims, true),
        new Identity.Robot("builder", Set.of("ci")), new Identity.Workload("github", "repo:acme/app:ref:x", claims))) {
      var token = new Token(identity, 7, Optional.of(ceiling), ResourceScope.parse(List.of("repository:a:pull")),
          ResourceScope.parse(List.of("repository:a:push registry:catalog:*")), stand.clock.instant().plusSeconds(300));

      assertThat(tokens.verify(tokens.issue(token, Token.Use.ACCESS))).contains(token);
      assertThat(stand.node("two").verify(tokens.issue(token, Token.Use.ACCESS))).as("at another node").contains(token);
      var bound = new Token(identity, 7, token.ceiling(), token.access(), token.refused(), token.expires(), token.until(), true);
      assertThat(tokens.verify(tokens.issue(bound, Token.Use.ACCESS))).as("for a tag").contains(bound);
    }
  }

  @Test
  void itSaysWhatTokensOfDockerSay() throws Exception {
    JsonNode claims = json(issued().split("\\.", -1)[1]);

    assertThat(claims.path("iss").asString()).isEqualTo(SERVICE);
    assertThat(claims.path("aud").asString()).isEqualTo(SERVICE);
    assertThat(claims.path("sub").asString()).isEqualTo("user:alice");
    assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(300);
    assertThat(claims.path("jti").asString()).isNotEmpty();
    assertThat(claims.path("access")).hasToString("[{\"type\":\"repository\",\"name\":\"a\",\"actions\":[\"pull\"]}]");
    assertThat(json(issued().split("\\.", -1)[0]).path("alg").asString()).isEqualTo("ES256");
  }

  @Test
  void itEndsWithItsTime() throws Exception {
    String token = issued();
    String other = issued();

    stand.pass(Duration.ofSeconds(299));
    assertThat(tokens.verify(token)).isPresent();
    stand.pass(Duration.ofSeconds(1));
    assertThat(tokens.verify(token)).as("one that was known").isEmpty();
    assertThat(tokens.recall(token)).isNull();
    assertThat(tokens.verify(other)).as("one that was not").isEmpty();
  }

  @Test
  void aTokenForOneThingIsNoneForAnother() throws Exception {
    String refresh = tokens.issue(token(new Identity.User("alice")), Token.Use.REFRESH);

    assertThat(tokens.verify(refresh)).isEmpty();
    assertThat(tokens.verify(issued(), Token.Use.REFRESH)).isEmpty();
    assertThat(tokens.verify(refresh, Token.Use.REFRESH)).isPresent();
  }

  @Test
  void tokensOfAnotherServiceAreRefusedThoughTheKeyIsTheSame() throws Exception {
    assertThat(stand.tokens("one", "other.example").verify(issued())).isEmpty();
  }

  @Test
  void groupsAndClaimsThatDoNotFitAreNotLeftOut() {
    var large = new Identity.Workload("ci", "job", Map.of("text", "x".repeat(10_000)));

    assertThatThrownBy(() -> tokens.issue(token(large), Token.Use.ACCESS)).isInstanceOf(TokenText.TooLarge.class);
  }

  /** Whatever an attacker can make of a token he has, and of a public key. */
  @Test
  void nothingElseIsAccepted() throws Exception {
    String good = issued();
    String[] parts = good.split("\\.", -1);
    String kid = json(parts[0]).path("kid").asString();
    KeyPair own = pair();
    var attacks = new LinkedHashMap<String, String>();
    String none = encoded(Map.of("alg", "none", "typ", "at+jwt", "kid", kid));
    attacks.put("no algorithm", none + "." + parts[1] + ".");
    attacks.put("no algorithm, with a signature", none + "." + parts[1] + "." + parts[2]);
    attacks.put("None", encoded(Map.of("alg", "None", "typ", "at+jwt", "kid", kid)) + "." + parts[1] + "." + parts[2]);
    String shared = encoded(Map.of("alg", "HS256", "typ", "at+jwt", "kid", kid));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(kid.getBytes(UTF_8), "HmacSHA256"));
    attacks.put("a shared secret", shared + "." + parts[1] + "." + encoded(mac.doFinal((shared + "." + parts[1]).getBytes(UTF_8))));
    for (String alg : List.of("RS256", "PS256", "ES384", "ES512", "EdDSA", "es256")) {
      attacks.put(alg, encoded(Map.of("alg", alg, "typ", "at+jwt", "kid", kid)) + "." + parts[1] + "." + parts[2]);
    }
    attacks.put("another's key under our name", signed(parts[0], parts[1], own));
    for (String name : List.of("jwk", "jku", "x5u", "x5c", "x5t", "crit", "b64", "cty", "zip")) {
      ObjectNode header = json(parts[0]).put(name, "https://evil.example/keys");
      attacks.put("a header with " + name, signed(encoded(header), parts[1], own));
    }
    for (String id : List.of("", "../../etc/passwd", "x' OR '1'='1", "A".repeat(43), "a".repeat(5_000))) {
      attacks.put("the key " + id, signed(encoded(json(parts[0]).put("kid", id)), parts[1], own));
    }
    attacks.put("no key", signed(encoded(Map.of("alg", "ES256", "typ", "at+jwt")), parts[1], own));
    attacks.put("another type", encoded(json(parts[0]).put("typ", "JWT")) + "." + parts[1] + "." + parts[2]);
    attacks.put("other claims", parts[0] + "." + encoded(json(parts[1]).put("sub", "user:root")) + "." + parts[2]);
    attacks.put("no signature", parts[0] + "." + parts[1] + ".");
    attacks.put("a signature of zeros", parts[0] + "." + parts[1] + "." + encoded(new byte[64]));
    attacks.put("two parts", parts[0] + "." + parts[1]);
    attacks.put("four parts", good + "." + parts[2]);
    attacks.put("five parts, as if it were encrypted", good + ".." + parts[2]);
    attacks.put("a token in a token", parts[0] + "." + encoded(good.getBytes(UTF_8)) + "." + parts[2]);
    attacks.put("nothing", "");
    attacks.put("dots", "..");
    attacks.put("padding", good + "=");
    attacks.put("another spelling of the signature", good.substring(0, good.length() - 1) + (good.endsWith("A") ? "B" : "A"));
    attacks.put("a huge one", good + "A".repeat(1 << 20));
    attacks.put("blanks", " " + good);

    assertThat(tokens.verify(good)).isPresent();
    attacks.forEach((name, text) -> {
      assertThat(tokens.verify(text)).as(name).isEmpty();
      assertThat(tokens.recall(text)).as(name).isNull();
    });
  }

  @Test
  void claimsThatAreMissingOrOfAnotherKindAreRefusedThoughTheSignatureIsOurs() throws Exception {
    NodeKeys keys = stand.keys("one");
    ObjectNode good = json(issued().split("\\.", -1)[1]);
    assertThat(tokens.verify(keys.sign(Json.write(good).getBytes(UTF_8), "at+jwt"))).isPresent();

    for (String name : List.of("iss", "aud", "exp", "nbf", "iat", "identity")) {
      ObjectNode without = good.deepCopy();
      without.remove(name);
      ObjectNode text = good.deepCopy().put(name, "text");
      ObjectNode huge = good.deepCopy().put(name, Long.MAX_VALUE);
      for (ObjectNode claims : List.of(without, text, huge)) {
        assertThat(tokens.verify(keys.sign(Json.write(claims).getBytes(UTF_8), "at+jwt"))).as("%s", claims).isEmpty();
      }
    }
    long now = stand.clock.instant().getEpochSecond();
    for (Map<String, Long> times : List.of(Map.of("nbf", now + 61), Map.of("iat", now + 61), Map.of("exp", now),
        Map.of("exp", now + 40L * 24 * 3600))) {
      ObjectNode claims = good.deepCopy();
      times.forEach(claims::put);
      assertThat(tokens.verify(keys.sign(Json.write(claims).getBytes(UTF_8), "at+jwt"))).as("%s", times).isEmpty();
    }
  }

  @Test
  void nodesVerifyEachOthersTokensAndNobodyElses() throws Exception {
    Tokens two = stand.node("two");
    Tokens stranger;
    try (var elsewhere = new TokenStand(Files.createDirectory(folder.resolve("elsewhere")))) {
      stranger = elsewhere.node("one");

      assertThat(two.verify(issued())).isPresent();
      assertThat(tokens.verify(two.issue(token(new Identity.User("bob")), Token.Use.ACCESS))).isPresent();
      assertThat(tokens.verify(stranger.issue(token(new Identity.User("mallory")), Token.Use.ACCESS))).isEmpty();
    }
  }

  @Test
  void anotherKeyTakesOverAndWhatTheFormerOneSignedStaysGood() throws Exception {
    String before = json(issued().split("\\.", -1)[0]).path("kid").asString();
    stand.pass(Duration.ofDays(31));
    String waiting = json(issued().split("\\.", -1)[0]).path("kid").asString();
    stand.pass(Duration.ofHours(12));
    var lasting = new Token(new Identity.User("alice"), 0, Optional.empty(), List.of(), List.of(),
        stand.clock.instant().plus(Duration.ofDays(30)));
    String refresh = tokens.issue(lasting, Token.Use.REFRESH);
    stand.pass(Duration.ofHours(13));
    String after = json(issued().split("\\.", -1)[0]).path("kid").asString();

    assertThat(waiting).as("published, and not yet in use").isEqualTo(before);
    assertThat(after).isNotEqualTo(before);
    assertThat(stand.node("two").verify(issued())).isPresent();
    stand.pass(Duration.ofDays(29));
    assertThat(stand.node("three").verify(refresh, Token.Use.REFRESH)).isPresent();
  }

  @Test
  void theKeysOfANodeThatIsGoneAreForgotten() throws Exception {
    Tokens gone = stand.node("gone");
    String token = gone.issue(token(new Identity.User("alice")), Token.Use.ACCESS);
    String kid = json(token.split("\\.", -1)[0]).path("kid").asString();
    assertThat(stand.keys("two").find(kid)).isPresent();

    stand.pass(Duration.ofDays(41));
    assertThat(stand.keys("three").find(kid)).isEmpty();
  }

  @Test
  void privateKeysAreForTheirOwnerOnly() throws Exception {
    try (var files = Files.walk(folder.resolve("one"))) {
      for (Path path : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
            .as(path.toString()).matches("rw.------");
      }
    }
  }
}
