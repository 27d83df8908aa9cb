package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cli.Calls.Answer;
import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import io.berth.http.engine.TestCertificate;
import io.berth.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry whose tokens another service makes, configured as CNCF Distribution is, over the wire. */
@Timeout(120)
final class ForeignIssuerTest {

  private static final String INDEX = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
  private static final String TYPE = "Content-Type: application/vnd.oci.image.index.v1+json";
  private static final String BYTES = "Content-Type: application/octet-stream";
  private static final String WHERE = "Bearer realm=\"https://auth.example.com/token\",service=\"registry.example.com\"";

  @TempDir private static Path certificates;
  private static TestCertificate authority;
  private static TokenMint certified;

  @TempDir private Path folder;

  private TokenMint mint;
  private Wiring berth;
  private Reload reload;
  private Calls calls;

  @BeforeAll
  static void certify() throws Exception {
    authority = TestCertificate.selfSigned(certificates, "authority", "-ext", "bc:c");
    certified = TokenMint.certified(authority.sign(certificates, "mint"));
  }

  @BeforeEach
  void start() throws Exception {
    mint = TokenMint.named("first");
    Files.writeString(folder.resolve("bundle.pem"), authority.certificatePem());
    Files.writeString(folder.resolve("keys.json"), mint.keySet());
    configure("realm: https://auth.example.com/token");
    Configuration first = read();
    berth = Wiring.start(first.serve(), new ByteArrayOutputStream());
    reload = new Reload(berth, this::read, first);
    calls = new Calls(berth.url());
  }

  @AfterEach
  void stop() throws Exception {
    calls.close();
    berth.close();
  }

  private void configure(String place) throws IOException {
    Files.writeString(folder.resolve("config.yml"), """
        http: {addr: '127.0.0.1:0', host: 'https://registry.example.com'}
        storage: {filesystem: {rootdirectory: '%s'}}
        auth:
          token:
            %s
            service: registry.example.com
            issuer: auth.example.com
            rootcertbundle: %s
            jwks: %s
        access:
          rules:
            - {name: public, who: anyone, repositories: [public/**], actions: pull}
            - {name: users, who: 'user:*', repositories: ['**'], actions: admin}
        """.formatted(folder.resolve("data"), place, folder.resolve("bundle.pem"), folder.resolve("keys.json")));
  }

  private Configuration read() throws InvalidConfiguration {
    Path file = folder.resolve("config.yml");
    try {
      return Configuration.read(new Configuration.Sources(Optional.of(new Configuration.File(file.toString(), Files.readString(file))),
          Map.of(), List.of()));
    } catch (IOException e) {
      throw new Refusal(file + ": " + e, e);
    }
  }

  private static Map<String, Object> claims(String... actions) {
    long now = Instant.now().getEpochSecond();
    var claims = new LinkedHashMap<String, Object>();
    claims.put("iss", "auth.example.com");
    claims.put("aud", "registry.example.com");
    claims.put("sub", "alice");
    claims.put("iat", now);
    claims.put("nbf", now);
    claims.put("exp", now + 300);
    claims.put("access", List.of(Map.of("type", "repository", "name", "team/app", "actions", List.of(actions))));
    return claims;
  }

  private static Map<String, Object> with(String claim, Object value) {
    var claims = claims("pull", "push");
    claims.put(claim, value);
    return claims;
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  private Answer asked(String target, String token) throws IOException {
    return calls.get(target, bearer(token));
  }

  private static String challenge(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(401);
    return answer.field("WWW-Authenticate").orElseThrow();
  }

  @Test
  void clientsAreSentToTheServiceThatMakesTokensAndNoneAreMadeHere() throws Exception {
    assertThat(challenge(calls.get("/v2/"))).isEqualTo(WHERE);
    assertThat(challenge(calls.get("/v2/team/app/tags/list"))).isEqualTo(WHERE + ",scope=\"repository:team/app:pull\"");
    assertThat(challenge(calls.call("POST", "/v2/team/app/blobs/uploads/", "")))
        .isEqualTo(WHERE + ",scope=\"repository:team/app:pull,push\"");
    assertThat(calls.get("/token?service=registry.example.com").status()).isEqualTo(404);
    assertThat(calls.get("/v2/public/app/manifests/none").status()).as("what is public asks for none").isEqualTo(404);
  }

  @Test
  void aTokenPushesAndPullsWhetherItsKeyIsNamedOrCertified() throws Exception {
    for (TokenMint one : List.of(mint, certified)) {
      String token = one.token(claims("pull", "push"));
      String blob = "a blob of " + one.header().keySet();
      assertThat(asked("/v2/", token).status()).isEqualTo(200);
      assertThat(calls.call("POST", "/v2/team/app/blobs/uploads/?digest=" + Digest.Algorithm.SHA256.of(blob.getBytes(UTF_8)), blob, BYTES,
          bearer(token)).status()).isEqualTo(201);
      assertThat(calls.call("PUT", "/v2/team/app/manifests/1.0", INDEX, TYPE, bearer(token)).status()).isEqualTo(201);
      assertThat(asked("/v2/team/app/manifests/1.0", one.token(claims("pull"))).body()).isEqualTo(INDEX);
    }
  }

  @Test
  void forWhatATokenDoesNotNameAWiderOneIsAskedFor() throws Exception {
    String token = mint.token(claims("pull"));

    assertThat(challenge(calls.call("PUT", "/v2/team/app/manifests/1.0", INDEX, TYPE, bearer(token))))
        .isEqualTo(WHERE + ",scope=\"repository:team/app:pull,push\",error=\"insufficient_scope\"");
    assertThat(challenge(asked("/v2/team/lib/tags/list", token)))
        .isEqualTo(WHERE + ",scope=\"repository:team/lib:pull\",error=\"insufficient_scope\"");
    assertThat(challenge(calls.call("DELETE", "/v2/team/app/manifests/1.0", "", bearer(mint.token(claims("pull", "push"))))))
        .contains("scope=\"repository:team/app:pull,push,delete\",error=\"insufficient_scope\"");
    assertThat(asked("/v2/public/app/manifests/none", token).status()).as("what is public").isEqualTo(404);
  }

  @Test
  void whatIsLateOrForOthersOrSignedByOthersOrByNobodyIsRefused() throws Exception {
    long now = Instant.now().getEpochSecond();
    TestCertificate stranger = TestCertificate.selfSigned(folder, "stranger");
    for (Map.Entry<String, String> refused : Map.of("expired", mint.token(with("exp", now - 120)), "not yet good",
        mint.token(with("nbf", now + 600)), "for another service", mint.token(with("aud", "other.example.com")), "of another issuer",
        mint.token(with("iss", "evil.example.com")), "signed by nobody", TokenMint.unsigned(claims("pull")), "signed by another key",
        TokenMint.named("first").token(claims("pull")), "certified by nobody", TokenMint.certified(stranger).token(claims("pull")))
        .entrySet()) {
      assertThat(challenge(asked("/v2/team/app/tags/list", refused.getValue()))).as(refused.getKey())
          .isEqualTo(WHERE + ",scope=\"repository:team/app:pull\",error=\"invalid_token\"");
    }
    assertThat(asked("/v2/", mint.token(with("exp", now - 5))).status()).as("the clock is a bit late").isEqualTo(200);
    assertThat(asked("/v2/", mint.token(claims("pull"))).status()).isEqualTo(200);
  }

  @Test
  void aReloadTakesOtherKeysAndABrokenFileKeepsThoseThatWere() throws Exception {
    TokenMint next = TokenMint.named("second");
    assertThat(asked("/v2/", mint.token(claims("pull"))).status()).isEqualTo(200);
    assertThat(asked("/v2/", next.token(claims("pull"))).status()).isEqualTo(401);

    Files.writeString(folder.resolve("keys.json"), "{\"keys\": []}");
    assertThat(reload.now()).isFalse();
    assertThat(asked("/v2/", mint.token(claims("pull"))).status()).isEqualTo(200);

    Files.writeString(folder.resolve("keys.json"), next.keySet());
    assertThat(reload.now()).isTrue();
    assertThat(asked("/v2/", next.token(claims("pull"))).status()).isEqualTo(200);
    assertThat(asked("/v2/", mint.token(claims("pull"))).status()).isEqualTo(401);
    assertThat(asked("/v2/", certified.token(claims("pull"))).status()).as("the bundle is as it was").isEqualTo(200);
  }

  @Test
  void onlyAlgorithmsThatAreNamedCount() throws Exception {
    configure("realm: https://auth.example.com/token\n    signingalgorithms: [RS256]");
    assertThat(reload.now()).isTrue();

    assertThat(asked("/v2/", mint.token(claims("pull"))).status()).isEqualTo(401);
  }

  @Test
  void clientsMayBeSentToTheHostOfTheRegistryInstead() throws Exception {
    configure("realm: https://auth.example.com/token\n    autoredirect: true");
    assertThat(reload.now()).isTrue();

    assertThat(challenge(calls.get("/v2/")))
        .isEqualTo("Bearer realm=\"https://registry.example.com/auth/token\",service=\"registry.example.com\"");
    assertThat(calls.get("/auth/token").status()).as("whoever stands before the registry answers there").isEqualTo(404);
  }
}
