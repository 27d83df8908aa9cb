package io.berth.oci;

import static io.berth.oci.Documents.bytes;
import static io.berth.oci.Documents.descriptor;
import static io.berth.oci.Documents.digest;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.imageWith;
import static io.berth.oci.Documents.indexOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.berth.Law;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptors inside manifests, wherever they stand: config, layers, manifests, subject, and the old {@code reference}. */
final class DescriptorTest {

  private static final String TYPE = Documents.MANIFEST;

  private static Manifest parse(String text) {
    return Manifest.parse(null, bytes(text));
  }

  private static void isRefused(String text, String why) {
    assertThatThrownBy(() -> parse(text)).isInstanceOfSatisfying(RegistryException.class, e -> {
      assertThat(e.problems()).extracting(RegistryException.Problem::code).containsExactly(ErrorCode.MANIFEST_INVALID);
      assertThat(e).hasMessageContaining(why);
    });
  }

  /** The same descriptor in every place in which a wrong one is an error. */
  private static void isRefusedEverywhere(String descriptor, String field) {
    isRefused("{\"schemaVersion\":2,\"config\":" + descriptor + "}", "/config" + field);
    isRefused(image("c").replace("\"layers\":[]", "\"layers\":[" + descriptor("x/y", "l") + "," + descriptor + "]"), "/layers/1" + field);
    isRefused(indexOf(descriptor, ""), "/manifests/0" + field);
    isRefused(imageWith(",\"subject\":" + descriptor, "c"), "/subject" + field);
    isRefused(indexOf("", ",\"subject\":" + descriptor), "/subject" + field);
    isRefused("{\"mediaType\":\"application/vnd.example+json\",\"subject\":" + descriptor + "}", "/subject" + field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-1", "-0.5", "1.5", "1.0", "1e0", "9223372036854775808", "-9223372036854775809", "\"1\"", "null", "true", "[]", "{}",
        "99999999999999999999999999999999"})
  void aSizeThatIsNoWholeNumberOfBytesIsRefused(String size) {
    isRefusedEverywhere(descriptor(TYPE, "x").replace("\"size\":1", "\"size\":" + size), "/size");
  }

  @Test
  void aSizeBeyondAllNumbersIsRefused() {
    isRefused(indexOf(descriptor(TYPE, "x").replace("\"size\":1", "\"size\":1e999"), ""), "JSON");
  }

  @Test
  void theLargestSizeIsReadWithoutOverflow() {
    Manifest manifest = parse(indexOf(descriptor(TYPE, "x").replace("\"size\":1", "\"size\":9223372036854775807"), ""));
    assertThat(manifest.edges().getFirst().target().size()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void missingFieldsAreNamed() {
    String whole = descriptor(TYPE, "x");
    isRefusedEverywhere(whole.replace("mediaType", "mediatype"), "/mediaType is missing");
    isRefusedEverywhere(whole.replace("digest", "Digest"), "/digest is missing");
    isRefusedEverywhere(whole.replace("size", "length"), "/size");
    isRefusedEverywhere(whole.replace("\"" + TYPE + "\"", "null"), "/mediaType is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "[]", "\"x\"", "true", "[[]]"})
  void whatIsNoObjectIsNoDescriptor(String value) {
    isRefused("{\"schemaVersion\":2,\"config\":" + value + "}", "/config must be a descriptor");
    isRefused(indexOf(value, ""), "/manifests/0 must be a descriptor");
    isRefused(indexOf("", ",\"subject\":" + value), "/subject must be a descriptor");
  }

  @Test
  void aNullAmongLayersOrManifestsIsRefused() {
    isRefused(indexOf("null", ""), "/manifests/0 must be a descriptor");
    isRefused(image("c").replace("\"layers\":[]", "\"layers\":[null]"), "/layers/0 must be a descriptor");
  }

  @Test
  void aNullSubjectIsNoSubject() {
    assertThat(parse(indexOf("", ",\"subject\":null")).subject()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256:", "sha256:00", "md5:d41d8cd98f00b204e9800998ecf8427e",
    "SHA256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A",
    "sha512:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "sha256:../../../etc/passwd", "blake3:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"})
  void aDigestThatCannotBeVerifiedIsRefused(String digest) {
    isRefusedEverywhere("{\"mediaType\":\"x/y\",\"digest\":\"" + digest + "\",\"size\":1}", "/digest");
  }

  @Test
  void aMediaTypeMayHaveParametersAsPodmanWritesThem() {
    byte[] index =
        ("{\"schemaVersion\":2,\"manifests\":[" + descriptor("text/plain; charset=utf-8", "x") + "]}").getBytes(StandardCharsets.UTF_8);
    assertThat(Manifest.parse(MediaType.OCI_INDEX, index).edges().getFirst().target().mediaType()).isEqualTo(new MediaType("text/plain"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "x/", "; a=b", "x/y z", "*/*"})
  void aMediaTypeThatIsNoneIsRefused(String type) {
    isRefusedEverywhere(descriptor(type, "x"), "/mediaType");
  }

  @Test
  void algorithmsMayBeMixedInOneManifest() {
    String sha512 = "{\"mediaType\":\"x/y\",\"digest\":\"" + Digest.Algorithm.SHA512.of(bytes("l")) + "\",\"size\":1}";
    Manifest manifest = parse(image("c").replace("\"layers\":[]", "\"layers\":[" + sha512 + "]"));
    assertThat(manifest.edges()).extracting(edge -> edge.target().digest().algorithm()).containsExactly(Digest.Algorithm.SHA256,
        Digest.Algorithm.SHA512);
  }

  private static String data(String base64) {
    return ",\"data\":\"" + base64 + "\"";
  }

  @Test
  void embeddedDataMustBeWhatDigestAndSizeName() {
    String right = Base64.getEncoder().encodeToString(bytes("hello"));
    assertThat(parse(indexOf(descriptor(TYPE, "hello", data(right)), "")).edges()).hasSize(1);
    assertThat(parse(indexOf(descriptor(TYPE, "{}", data("e30=")), "")).edges()).hasSize(1);
    assertThat(parse(indexOf(descriptor(TYPE, "", data("")), "")).edges()).hasSize(1);

    isRefusedEverywhere(descriptor(TYPE, "hallo", data(right)), "/data");
    isRefusedEverywhere(descriptor(TYPE, "hello", data(right)).replace("\"size\":5", "\"size\":4"), "/data");
    isRefusedEverywhere(descriptor(TYPE, "hello", data("")), "/data");
  }

  @ParameterizedTest
  @ValueSource(strings = {"aGVsbG8", "aGVsbG8==", "aGVs bG8=", "aGVsbG8=\\n", "!!!!", "aGVsbG8=x", "-_-_", "=", "a"})
  void dataThatIsNoBase64IsRefused(String base64) {
    if (!base64.equals("aGVsbG8")) {
      isRefusedEverywhere(descriptor(TYPE, "hello", data(base64)), "/data");
    }
    isRefusedEverywhere(descriptor(TYPE, "other", data(base64)), "/data");
  }

  @Test
  void dataThatIsNoStringIsRefused() {
    isRefusedEverywhere(descriptor(TYPE, "hello", ",\"data\":5"), "/data");
  }

  @Test
  void theReferenceFieldIsReadWhereverItStands() {
    String reference = ",\"reference\":" + descriptor(TYPE, "r");
    String image = "{\"schemaVersion\":2,\"config\":" + descriptor("x/y", "c", reference) + ",\"layers\":[" + descriptor("x/y", "l0") + ","
        + descriptor("x/y", "l1", reference) + "],\"subject\":" + descriptor(TYPE, "s", reference) + reference + "}";

    assertThat(parse(image).edges()).extracting(Edge::kind, Edge::pointer, edge -> edge.target().digest()).containsExactlyInAnyOrder(
        tuple(Edge.Kind.CONFIG, "/config", digest("c")), tuple(Edge.Kind.REFERENCE, "/config/reference", digest("r")),
        tuple(Edge.Kind.LAYER, "/layers/0", digest("l0")), tuple(Edge.Kind.LAYER, "/layers/1", digest("l1")),
        tuple(Edge.Kind.REFERENCE, "/layers/1/reference", digest("r")), tuple(Edge.Kind.SUBJECT, "/subject", digest("s")),
        tuple(Edge.Kind.REFERENCE, "/subject/reference", digest("r")), tuple(Edge.Kind.REFERENCE, "/reference", digest("r")));
    assertThat(parse(indexOf(descriptor(TYPE, "m", reference), reference)).edges()).extracting(Edge::kind, Edge::pointer)
        .containsExactlyInAnyOrder(
            tuple(Edge.Kind.CHILD, "/manifests/0"), tuple(Edge.Kind.REFERENCE, "/manifests/0/reference"),
            tuple(Edge.Kind.REFERENCE, "/reference"));
    assertThat(parse("{\"mediaType\":\"application/vnd.example+json\"" + reference + "}").edges()).extracting(Edge::kind, Edge::pointer)
        .containsExactly(tuple(Edge.Kind.REFERENCE, "/reference"));
  }

  @Test
  void aReferenceMayReferFurther() {
    String deep = "";
    for (int i = 0; i < 40; i++) {
      deep = ",\"reference\":" + descriptor(TYPE, "r" + i, deep);
    }
    Manifest manifest = parse(indexOf("", deep));
    assertThat(manifest.edges()).hasSize(40).last().isEqualTo(
        new Edge(Edge.Kind.REFERENCE, "/reference".repeat(40), new Descriptor(new MediaType(TYPE), digest("r0"), 2, null)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "7", "\"x\"", "[]", "{}", "{\"mediaType\":\"x/y\"}",
    "{\"mediaType\":\"x/y\",\"digest\":\"sha256:00\",\"size\":1}",
    "{\"mediaType\":\"x/y\",\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"size\":-1}",
    "{\"mediaType\":\"x/y\",\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"size\":2,\"data\":\"AAAA\"}"})
  void aReferenceThatIsNoDescriptorIsAnUnknownField(String reference) {
    assertThat(parse(indexOf(descriptor(TYPE, "m", ",\"reference\":" + reference), ",\"reference\":" + reference)).edges())
        .extracting(Edge::kind).contains(Edge.Kind.CHILD).doesNotContain(Edge.Kind.REFERENCE);
  }

  @Test
  void aDescriptorOneSlipAwayIsReadOrNamedInTheRefusal() {
    Law.forAll(random -> Strings.nearly(random, descriptor(TYPE, "x", data("eA=="))), text -> {
      try {
        for (Edge edge : parse(indexOf(text, "")).edges()) {
          assertThat(edge.target().size()).isNotNegative();
        }
      } catch (RegistryException e) {
        assertThat(e.problems()).extracting(RegistryException.Problem::code).containsExactly(ErrorCode.MANIFEST_INVALID);
      }
    });
  }
}
