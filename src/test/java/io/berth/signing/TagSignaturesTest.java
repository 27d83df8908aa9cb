package io.berth.signing;

import static io.berth.signing.Signers.PAYLOAD;
import static io.berth.signing.Signers.jws;
import static io.berth.signing.Signers.signature;
import static io.berth.signing.Signers.signer;
import static io.berth.signing.Signers.trust;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import io.berth.Law;
import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.RegistryException;
import io.berth.oci.SignedTag;
import io.berth.oci.SignedTag.Form;
import io.berth.oci.TagObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Which documents are signed tag objects, whose signatures count, and how the forms become each other. */
final class TagSignaturesTest {

  private static SignedTag signed(Form form, String... names) {
    var document = new SignedTag(form, PAYLOAD.getBytes(UTF_8));
    for (String name : names) {
      document = TagSignatures.sign(document.bytes(), signer(name), form);
    }
    return document;
  }

  private static SignedTag tag(Form form, String text) {
    return new SignedTag(form, text.getBytes(UTF_8));
  }

  private static String text(SignedTag document) {
    return new String(document.bytes(), UTF_8);
  }

  private static void isRefused(Form form, String document, String why) {
    assertThatThrownBy(() -> TagSignatures.parse(tag(form, document))).isInstanceOfSatisfying(RegistryException.class, e -> {
      assertThat(e.status()).isEqualTo(400);
      assertThat(e.problems()).extracting(RegistryException.Problem::code).containsExactly(ErrorCode.MANIFEST_INVALID);
      assertThat(e).message().containsIgnoringCase(why);
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"ES256", "ES384", "EdDSA", "PS256", "RS256"})
  void aSignatureOfEachAlgorithmIsVerifiedInEachForm(String name) throws Exception {
    for (Form form : Form.values()) {
      TagSignatures document = TagSignatures.parse(signed(form, name));

      assertThat(document.payload()).isEqualTo(PAYLOAD.getBytes(UTF_8));
      assertThat(document.object()).isEqualTo(TagObject.parse(PAYLOAD.getBytes(UTF_8)));
      assertThat(document.verify(trust(name, name + " of another"))).containsExactly(name);
      assertThat(document.verify(trust(name + " of another", "ES256 x", "ES384 x", "EdDSA x", "PS256 x"))).isEmpty();
      assertThat(document.verify(TrustedKeys.NONE)).isEmpty();
      JsonNode first = Json.parse(document.as(Form.JWS).orElseThrow().bytes()).path("signatures").path(0);
      JsonNode header = Json.parse(Base64Url.decodeOrNull(first.path("protected").asString()));
      assertThat(header.path("alg").asString()).isEqualTo(name);
    }
  }

  @Test
  void severalPartiesSignAndThoseWhomNobodyKnowsDoNotCount() {
    TagSignatures document = TagSignatures.parse(signed(Form.PRETTYJWS, "ES256", "EdDSA", "PS256", "ES256 of a stranger"));

    assertThat(document.count()).isEqualTo(4);
    assertThat(document.verify(trust("PS256", "ES256", "ES384"))).containsExactlyInAnyOrder("ES256", "PS256");
  }

  @Test
  void aKeyVerifiesWithItsOwnAlgorithmOnly() {
    byte[] onlyRs256 = Signers.rsaPublicJwk("PS256", JWSAlgorithm.RS256);

    assertThat(TagSignatures.parse(signed(Form.JWS, "PS256")).verify(trust(Map.of("strict", onlyRs256)))).isEmpty();
    String other = text(signed(Form.JWS, "ES256")).replace(encodedStart("ES256"), encodedStart("RS256"));
    assertThat(TagSignatures.parse(tag(Form.JWS, other)).verify(trust("ES256", "PS256"))).isEmpty();
  }

  private static String encodedStart(String algorithm) {
    return Signers.base64("{\"alg\":\"" + algorithm + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ES256", "ES384", "EdDSA", "PS256", "RS256"})
  void whateverByteIsChangedTheSignatureNoLongerCounts(String name) throws Exception {
    TrustedKeys keys = trust(name);
    for (Form form : Form.values()) {
      String document = text(signed(form, name));
      List<String> parts = form == Form.JWS ? partsOfJws(document) : partsOfPretty(document);

      Law.forAll(150, random -> changed(random, document, parts), changed -> assertThat(verified(form, changed, keys)).isEmpty());
    }
  }

  private static Set<String> verified(Form form, String document, TrustedKeys keys) {
    try {
      return TagSignatures.parse(tag(form, document)).verify(keys);
    } catch (RegistryException e) {
      assertThat(e.status()).isEqualTo(400);
      return Set.of();
    }
  }

  private static List<String> partsOfJws(String document) throws Json.InvalidJson {
    JsonNode json = Json.parse(document.getBytes(UTF_8));
    JsonNode signature = json.path("signatures").path(0);
    return List.of(json.path("payload").asString(), signature.path("protected").asString(), signature.path("signature").asString());
  }

  private static List<String> partsOfPretty(String document) throws Json.InvalidJson {
    JsonNode signature = Json.parse(document.getBytes(UTF_8)).path("signatures").path(0);
    String head = document.substring(0, document.lastIndexOf(",\"signatures\""));
    return List.of(head, signature.path("protected").asString(), signature.path("signature").asString(),
        document.substring(document.lastIndexOf(']') + 1));
  }

  private static String changed(RandomGenerator random, String document, List<String> parts) {
    String part = parts.get(random.nextInt(parts.size()));
    int at = document.lastIndexOf(part) + random.nextInt(part.length());
    char other;
    do {
      other = random.nextBoolean() ? (char) (document.charAt(at) ^ 1 << random.nextInt(7)) : "AZaz09-_ \n\"}".charAt(random.nextInt(12));
    } while (other == document.charAt(at));
    return document.substring(0, at) + other + document.substring(at + 1);
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void theFormsBecomeEachOtherWithTheSamePayloadAndSignatures(Form form) {
    TagSignatures one = TagSignatures.parse(signed(form, "ES256", "EdDSA"));
    Form otherForm = form == Form.JWS ? Form.PRETTYJWS : Form.JWS;

    TagSignatures other = TagSignatures.parse(one.as(otherForm).orElseThrow());

    assertThat(other.payload()).isEqualTo(one.payload());
    assertThat(other.verify(trust("ES256", "EdDSA"))).hasSize(2);
    assertThat(other.as(form)).isEqualTo(one.as(form));
  }

  @Test
  void itsOwnFormIsTheDocumentItself() {
    SignedTag document = tag(Form.JWS, jws("{\"alg\":\"ES256\"}", ",\"header\":{\"kid\":\"x\"}").replace(",\"sig", " ,\n\"sig"));

    assertThat(TagSignatures.parse(document).as(Form.JWS)).containsSame(document);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"formatLength\":10,\"formatTail\":\"Cn0K\"", ",\"formatLength\":100000,\"formatTail\":\"Cn0K\"",
    ",\"formatLength\":-1,\"formatTail\":\"Cn0K\"", ",\"formatLength\":\"1\",\"formatTail\":\"Cn0K\"", ",\"formatLength\":10",
    ",\"formatTail\":\"Cn0K\"", ",\"formatLength\":10,\"formatTail\":\"Cn0L\""})
  void whatDoesNotSayExactlyHowItIsWrittenIsNotMadePretty(String format) {
    assertThat(TagSignatures.parse(tag(Form.JWS, jws("{\"alg\":\"ES256\"" + format + "}", ""))).as(Form.PRETTYJWS)).isEmpty();
  }

  @Test
  void aPrettyDocumentIsNotMadeWhereOneSignatureDoesNotSayHow() {
    String document = text(signed(Form.JWS, "ES256")).replace("}]}", "}," + signature("{\"alg\":\"ES256\"}", "") + "]}");
    TagSignatures parsed = TagSignatures.parse(tag(Form.JWS, document));

    assertThat(parsed.as(Form.PRETTYJWS)).isEmpty();
    assertThatThrownBy(() -> TagSignatures.sign(document.getBytes(UTF_8), signer("EdDSA"), Form.PRETTYJWS))
        .isInstanceOf(RegistryException.class).hasMessageContaining("sign as jws");
    assertThat(TagSignatures.parse(TagSignatures.sign(document.getBytes(UTF_8), signer("EdDSA"), Form.JWS)).verify(trust("ES256", "EdDSA")))
        .hasSize(2);
  }

  @Test
  void theFlattenedSerializationIsOneSignature() {
    String general = text(signed(Form.JWS, "ES256"));
    String flattened = general.replace("\"signatures\":[{", "").replace("}]}", "}");

    TagSignatures document = TagSignatures.parse(tag(Form.JWS, flattened));

    assertThat(document.verify(trust("ES256"))).containsExactly("ES256");
    assertThat(document.as(Form.PRETTYJWS)).isPresent().isEqualTo(TagSignatures.parse(tag(Form.JWS, general)).as(Form.PRETTYJWS));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"alg":"none"}                          | algorithm "none"
      {"alg":"HS256"}                         | algorithm "HS256"
      {"alg":"ES512"}                         | algorithm "ES512"
      {"alg":"es256"}                         | algorithm "es256"
      {"alg":["ES256"]}                       | does not say the algorithm
      {}                                      | does not say the algorithm
      []                                      | must be a JSON object
      {"alg":"ES256"                          | not valid JSON
      {"alg":"none","alg":"ES256"}            | duplicate
      {"alg":"ES256","jwk":{}}                | brings a key
      {"alg":"ES256","jku":"https://a"}       | brings a key
      {"alg":"ES256","x5u":"https://a"}       | brings a key
      {"alg":"ES256","x5c":[]}                | brings a key
      {"alg":"ES256","crit":["exp"],"exp":1}  | crit
      {"alg":"ES256","b64":false}             | b64
      """)
  void headersThatAskForTrustOrForMoreThanIsUnderstoodAreRefused(String header, String why) {
    isRefused(Form.JWS, jws(header, ""), why);
    isRefused(Form.PRETTYJWS,
        PAYLOAD.stripTrailing().replaceFirst("}$", ",\"signatures\":[" + signature(header, "").replace("$", "") + "]}"), why);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"jwk":{}}                | brings a key
      {"x5c":[]}                | brings a key
      {"jku":"https://a"}       | brings a key
      {"x5u":"https://a"}       | brings a key
      {"crit":[]}               | crit
      {"b64":true}              | b64
      {"alg":"ES256"}           | must be in the protected one
      {"formatLength":1}        | must be in the protected one
      {"kid":"b"}               | in both of its headers
      "kid"                     | must be a JSON object
      null                      | must be a JSON object
      """)
  void unprotectedHeadersSayNothingThatMatters(String header, String why) {
    isRefused(Form.JWS, jws("{\"alg\":\"ES256\",\"kid\":\"a\"}", ",\"header\":" + header), why);
  }

  @Test
  void documentsOfAnotherShapeAreRefused() {
    String good = jws("{\"alg\":\"ES256\"}", "");
    String one = signature("{\"alg\":\"ES256\"}", "");

    TagSignatures.parse(tag(Form.JWS, good));
    isRefused(Form.JWS, "eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "compact serialization");
    isRefused(Form.JWS, "[]", "is a JSON object");
    isRefused(Form.JWS, "", "not valid JSON");
    isRefused(Form.JWS, good + "{}", "not valid JSON");
    isRefused(Form.JWS, PAYLOAD, "has a member \"name\"");
    isRefused(Form.JWS, good.replace("\"payload\"", "\"more\":1,\"payload\""), "a member \"more\"");
    isRefused(Form.JWS, good.replace("{\"protected\"", "{\"more\":1,\"protected\""), "a member \"more\"");
    isRefused(Form.JWS, good.replace("\"payload\"", "\"signature\":\"YQ\",\"payload\""), "a member \"signature\"");
    isRefused(Form.JWS, good.replace("\"payload\"", "\"payload\":\"e30\",\"payload\""), "duplicate");
    isRefused(Form.JWS, good.replace("\"protected\"", "\"protected\":\"e30\",\"protected\""), "duplicate");
    isRefused(Form.JWS, good.replace("\"payload\":\"", "\"payload\":\"="), "payload is not base64url");
    isRefused(Form.JWS, good.replace("\"protected\":\"", "\"protected\":\"="), "header is not base64url");
    isRefused(Form.JWS, good.replace("\"signature\":\"", "\"signature\":\"="), "signature is not base64url");
    isRefused(Form.JWS, good.replaceFirst("\"signature\":\"[^\"]*\"", "\"signature\":\"\""), "signature is not base64url");
    isRefused(Form.JWS, "{\"payload\":\"\",\"signatures\":[" + one + "]}", "payload is not base64url, or empty");
    isRefused(Form.JWS, "{\"signatures\":[" + one + "]}", "'payload' is missing");
    isRefused(Form.JWS, good.replace("[" + one + "]", "[]"), "one signature or more");
    isRefused(Form.JWS, good.replace("[" + one + "]", one), "must be an array");
    isRefused(Form.JWS, good.replace(one, "7"), "must be a JSON object");
    isRefused(Form.JWS, good.replace(one, (one + ",").repeat(16) + one), "more than 16 signatures");
    isRefused(Form.JWS, " ".repeat(65_536) + good, "larger than 65536 bytes");
    isRefused(Form.PRETTYJWS, PAYLOAD, "one signature or more");
  }

  @Test
  void base64HasOneSpellingOnly() {
    String good = jws("{\"alg\":\"ES256\"}", "").replaceFirst("\"signature\":\"[^\"]*\"", "\"signature\":\"YQ\"");

    TagSignatures.parse(tag(Form.JWS, good));
    isRefused(Form.JWS, good.replace("\"YQ\"", "\"YR\""), "not base64url");
    isRefused(Form.JWS, good.replace("\"YQ\"", "\"YQ==\""), "not base64url");
    isRefused(Form.JWS, good.replace("\"YQ\"", "\"Y\""), "not base64url");
  }

  @Test
  void onlyCompleteAndUnderstoodObjectsAreSigned() {
    for (String payload : List.of(PAYLOAD.replace("\"name\": \"host/app:1.0\",", ""), PAYLOAD.replace("\"size\": 8,", ""),
        PAYLOAD.replaceFirst("\"mediatype\": [^,]*,", ""))) {
      isRefused(Form.JWS, jws("{\"alg\":\"ES256\"}", "").replace(Signers.base64(PAYLOAD), Signers.base64(payload)),
          "nothing can be filled in");
      assertThatThrownBy(() -> TagSignatures.sign(payload.getBytes(UTF_8), signer("ES256"), Form.JWS)).isInstanceOf(RegistryException.class)
          .hasMessageContaining("nothing can be filled in");
    }
    String unknown = PAYLOAD.replace("\"name\"", "\"until\": 2030, \"name\"");
    isRefused(Form.JWS, jws("{\"alg\":\"ES256\"}", "").replace(Signers.base64(PAYLOAD), Signers.base64(unknown)), "no field \"until\"");
  }

  @Test
  void atMost16Sign() {
    SignedTag document = signed(Form.JWS, "ES256");
    for (int i = 1; i < 16; i++) {
      document = TagSignatures.sign(document.bytes(), signer("ES256"), Form.JWS);
    }
    byte[] full = document.bytes();

    assertThatThrownBy(() -> TagSignatures.sign(full, signer("ES256"), Form.JWS)).isInstanceOf(RegistryException.class)
        .hasMessageContaining("more than 16 signatures");
  }
}
