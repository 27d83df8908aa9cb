package io.berth.oci;

import static io.berth.oci.Documents.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which documents are tag objects, and what is read from them. */
final class TagObjectTest {

  private static final Digest DIGEST = Documents.digest("manifest");
  private static final String TARGET = "\"target\":{\"digest\":\"" + DIGEST + "\"}";
  private static final String COMPLETE = """
      {"name":"host/app:1.0","description":"first","meta":{"ci":"42"},"target":{"mediatype":"%s","size":8,"digest":"%s"}}"""
      .formatted(Documents.MANIFEST, DIGEST);

  private static TagObject parse(String text) {
    return TagObject.parse(bytes(text));
  }

  private static void isRefused(String text, String why) {
    assertThatThrownBy(() -> parse(text)).isInstanceOfSatisfying(RegistryException.class, e -> {
      assertThat(e.problems()).extracting(RegistryException.Problem::code).containsExactly(ErrorCode.MANIFEST_INVALID);
      assertThat(e.status()).isEqualTo(400);
      assertThat(e).hasMessageContaining(why);
    });
  }

  @Test
  void theDigestOfItsTargetIsEnough() {
    TagObject object = parse("{" + TARGET + "}");

    assertThat(object).isEqualTo(new TagObject(null, null, null, new TagObject.Target(null, null, DIGEST)));
    assertThat(object.isComplete()).isFalse();
  }

  @Test
  void allThatItSaysIsRead() {
    TagObject object = parse(COMPLETE);

    var target = new TagObject.Target(MediaType.OCI_MANIFEST, 8L, DIGEST);
    assertThat(object).isEqualTo(new TagObject("host/app:1.0", "first", "{\"ci\":\"42\"}", target));
    assertThat(object.isComplete()).isTrue();
    assertThat(object).isEqualTo(TagObject.of("host/app:1.0",
        new TagContent(new Descriptor(MediaType.OCI_MANIFEST, DIGEST, 8, null), "first", "{\"ci\":\"42\"}", null)));
  }

  @Test
  void onlyWithNameMediaTypeAndSizeItIsComplete() {
    assertThat(parse(COMPLETE.replace("\"name\":\"host/app:1.0\",", "")).isComplete()).isFalse();
    assertThat(parse(COMPLETE.replace("\"size\":8,", "")).isComplete()).isFalse();
    assertThat(parse(COMPLETE.replace("\"mediatype\":\"" + Documents.MANIFEST + "\",", "")).isComplete()).isFalse();
    assertThat(parse(COMPLETE.replace("\"description\":\"first\",\"meta\":{\"ci\":\"42\"},", "")).isComplete()).isTrue();
  }

  @Test
  void renderingGivesTheBytesOfTheShortestDocument() {
    assertThat(new String(parse(COMPLETE.replace(",", " ,\n")).render(), java.nio.charset.StandardCharsets.UTF_8)).isEqualTo(COMPLETE);
    assertThat(parse("{" + TARGET + "}").render()).isEqualTo(bytes("{" + TARGET + "}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{ \"a\" :\n1.0e2 }", "{\"\\u0041\":\"\u00fc\ud83d\ude00\\n\"}", "{\"meta\":{\"meta\":[{}]}}"})
  void metaIsKeptAsItWasWritten(String meta) {
    assertThat(parse("{\"description\":\"\u00fc\ud83d\ude00\", \"meta\" :  " + meta + " , " + TARGET + "}").meta()).isEqualTo(meta);
    assertThat(parse(" {" + TARGET + ",\"meta\":" + meta + "} ").meta()).isEqualTo(meta);
  }

  @Test
  void whatIsRenderedIsReadAsTheSame() {
    Law.forAll(TagObjectTest::any, object -> assertThat(TagObject.parse(object.render())).isEqualTo(object));
  }

  private static TagObject any(RandomGenerator random) {
    String text = Strings.of(random, Strings.WORD + "\"\\/{}[]:, \u00fc\u2603", 0, 30);
    return new TagObject(random.nextBoolean() ? text : null, random.nextBoolean() ? text : null,
        random.nextBoolean() ? "{\"a\" : [" + Json.write(text) + "]}" : null,
        new TagObject.Target(random.nextBoolean() ? MediaType.OCI_INDEX : null,
            random.nextBoolean() ? random.nextLong(Long.MAX_VALUE) : null,
            DIGEST));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {TARGET,TARGET}                               | duplicate
      {TARGET,                                      | not valid JSON
      {TARGET} {}                                   | not valid JSON
      [{TARGET}]                                    | is a JSON object
      null                                          | is a JSON object
      {}                                            | 'target' is missing
      {"target":null}                               | target must be a JSON object
      {"target":[{"digest":"DIGEST"}]}              | target must be a JSON object
      {"target":"DIGEST"}                           | target must be a JSON object
      {"target":{}}                                 | target/digest is missing
      {"target":{"digest":7}}                       | digest must be a string
      {"target":{"digest":"md5:00"}}                | not a digest that this registry can verify
      {"target":{"digest":"DIGEST","digest":"DIGEST"}} | duplicate
      {"target":{"digest":"DIGEST","size":-1}}      | whole number
      {"target":{"digest":"DIGEST","size":1.0}}     | whole number
      {"target":{"digest":"DIGEST","size":"1"}}     | whole number
      {"target":{"digest":"DIGEST","size":null}}    | whole number
      {"target":{"digest":"DIGEST","size":9223372036854775808}} | whole number
      {"target":{"digest":"DIGEST","mediatype":"a"}}    | not a media type
      {"target":{"digest":"DIGEST","mediatype":null}}   | be left out
      {"target":{"digest":"DIGEST","mediaType":"a/b"}}  | written mediatype
      {"target":{"digest":"DIGEST","urls":[]}}      | target has no field "urls"
      {TARGET,"targets":[]}                         | no field "targets"
      {TARGET,"digest":"DIGEST"}                    | belongs into target
      {TARGET,"signatures":[]}                      | tag.v1+prettyjws
      {TARGET,"name":7}                             | name must be a string
      {TARGET,"name":null}                          | be left out
      {TARGET,"description":["a"]}                  | description must be a string
      {TARGET,"description":"a\\nb"}                | control characters
      {TARGET,"description":"a\\u001b[2J"}          | control characters
      {TARGET,"description":"a\\u0085"}             | control characters
      {TARGET,"description":"\\u202egnp.exe"}       | control characters
      {TARGET,"meta":[]}                            | meta must be a JSON object
      {TARGET,"meta":null}                          | meta must be a JSON object
      {TARGET,"meta":{"a":1,"a":2}}                 | duplicate
      """)
  void whatIsNoTagObjectIsRefusedInWords(String text, String why) {
    assertThatThrownBy(() -> parse(text.replace("TARGET", TARGET).replace("DIGEST", DIGEST.toString())))
        .isInstanceOf(RegistryException.class).message().containsIgnoringCase(why);
  }

  @Test
  void theDescriptionHasAtMost2048Characters() {
    String longest = "x".repeat(2_048);

    assertThat(parse("{\"description\":\"" + longest + "\"," + TARGET + "}").description()).isEqualTo(longest);
    isRefused("{\"description\":\"" + longest + "x\"," + TARGET + "}", "longer than 2048 characters");
  }

  @Test
  void metaHasAtMost16KiBOfUtf8() {
    String longest = "{\"a\":\"" + "\u00e9".repeat((16_384 - 8) / 2) + "\"}";

    assertThat(parse("{\"meta\":" + longest + "," + TARGET + "}").meta()).isEqualTo(longest);
    isRefused("{\"meta\":" + longest.replace("\"}", "x\"}") + "," + TARGET + "}", "larger than 16384 bytes");
  }

  @Test
  void metaHasAtMost16Levels() {
    assertThat(parse("{\"meta\":" + nested(16) + "," + TARGET + "}").meta()).isEqualTo(nested(16));
    isRefused("{\"meta\":" + nested(17) + "," + TARGET + "}", "deeper than 16 levels");
    isRefused("{\"meta\":" + nested(5_000) + "," + TARGET + "}", "not valid JSON");
  }

  private static String nested(int levels) {
    return "{\"a\":" + "[".repeat(levels - 1) + "]".repeat(levels - 1) + (levels == 1 ? "0" : "") + "}";
  }

  @Test
  void aDocumentBeyondTheLimitIsNotRead() {
    isRefused("{".repeat(65_537), "larger than 65536 bytes");
  }

  @Test
  void signedDocumentsAreEqualByTheirBytes() {
    var one = new SignedTag(SignedTag.Form.JWS, bytes("{}"));

    assertThat(one).isEqualTo(new SignedTag(SignedTag.Form.JWS, bytes("{}")))
        .hasSameHashCodeAs(new SignedTag(SignedTag.Form.JWS, bytes("{}")));
    assertThat(one).isNotEqualTo(new SignedTag(SignedTag.Form.PRETTYJWS, bytes("{}")))
        .isNotEqualTo(new SignedTag(SignedTag.Form.JWS, bytes("[]")));
    assertThat(SignedTag.Form.PRETTYJWS).hasToString("prettyjws");
    assertThat(SignedTag.Form.PRETTYJWS.mediaType()).isEqualTo(MediaType.TAG_PRETTYJWS);
  }
}
