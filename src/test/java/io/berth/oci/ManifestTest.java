package io.berth.oci;

import static io.berth.oci.Documents.CONFIG;
import static io.berth.oci.Documents.LAYER;
import static io.berth.oci.Documents.bytes;
import static io.berth.oci.Documents.descriptor;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.imageWith;
import static io.berth.oci.Documents.index;
import static io.berth.oci.Documents.indexOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.berth.Law;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which documents are manifests, of which type, and what is read from them. Descriptors have a test of their own. */
final class ManifestTest {

  private static final MediaType UNKNOWN = new MediaType("application/vnd.example.thing.v1+json");

  private static Manifest parse(String text) {
    return Manifest.parse(null, bytes(text));
  }

  private static void isRefused(MediaType contentType, String text, String why) {
    assertThatThrownBy(() -> Manifest.parse(contentType, bytes(text))).isInstanceOfSatisfying(RegistryException.class, e -> {
      assertThat(e.problems()).extracting(RegistryException.Problem::code).containsExactly(ErrorCode.MANIFEST_INVALID);
      assertThat(e.status()).isEqualTo(400);
      assertThat(e).hasMessageContaining(why);
    });
  }

  @Test
  void anImageManifestNamesItsConfigAndItsLayersInOrder() {
    Manifest manifest = parse(image("config", "one", "two", "one"));

    assertThat(manifest).isInstanceOf(Manifest.Image.class);
    assertThat(manifest.mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(manifest.edges()).extracting(Edge::kind, Edge::pointer, edge -> edge.target().digest(), edge -> edge.target().size())
        .containsExactly(tuple(Edge.Kind.CONFIG, "/config", Documents.digest("config"), 6L),
            tuple(Edge.Kind.LAYER, "/layers/0", Documents.digest("one"), 3L),
            tuple(Edge.Kind.LAYER, "/layers/1", Documents.digest("two"), 3L),
            tuple(Edge.Kind.LAYER, "/layers/2", Documents.digest("one"), 3L));
    assertThat(manifest.subject()).isNull();
    assertThat(manifest.warnings()).isEmpty();
    assertThat(manifest.annotations()).isEmpty();
  }

  @Test
  void anIndexNamesItsChildrenWithTheirPlatforms() {
    String entries =
        descriptor(Documents.MANIFEST, "a", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}") + ","
            + descriptor(Documents.MANIFEST, "b", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"\"}") + ","
            + descriptor(Documents.INDEX, "c", ",\"platform\":{\"os\":\"linux\"}") + "," + descriptor(LAYER, "d", ",\"platform\":7");
    Manifest manifest = parse(indexOf(entries, ""));

    assertThat(manifest).isInstanceOf(Manifest.Index.class);
    assertThat(manifest.edges()).extracting(Edge::kind, Edge::pointer, edge -> edge.target().platform()).containsExactly(
        tuple(Edge.Kind.CHILD, "/manifests/0", new Platform("linux", "arm", "v7")),
        tuple(Edge.Kind.CHILD, "/manifests/1", new Platform("linux", "amd64", null)), tuple(Edge.Kind.CHILD, "/manifests/2", null),
        tuple(Edge.Kind.CHILD, "/manifests/3", null));
    assertThat(new Platform("linux", "arm", "v7")).hasToString("linux/arm/v7");
    assertThat(new Platform("linux", "amd64", null)).hasToString("linux/amd64");
  }

  @Test
  void aPlatformWithControlCharactersCountsAsAbsent() {
    for (String platform : List.of("{\"os\":\"li\\u0000nux\",\"architecture\":\"arm\"}", "{\"os\":\"linux\",\"architecture\":\"a\\nb\"}",
        "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"\\u007f\"}")) {
      Manifest manifest = parse(indexOf(descriptor(Documents.MANIFEST, "a", ",\"platform\":" + platform), ""));

      assertThat(manifest.edges().getFirst().target().platform()).isNull();
    }
  }

  @Test
  void emptyListsOfLayersAndManifestsAreFine() {
    assertThat(parse(image("config")).edges()).hasSize(1);
    assertThat(parse(indexOf("", "")).edges()).isEmpty();
  }

  @Test
  void layersMayBeAbsentButNotNull() {
    assertThat(parse("{\"schemaVersion\":2,\"config\":" + descriptor(CONFIG, "c") + "}").edges()).hasSize(1);
    isRefused(null, "{\"schemaVersion\":2,\"config\":" + descriptor(CONFIG, "c") + ",\"layers\":null}", "'layers'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[{}]", "null", "1", "\"x\"", "true", "{}", "", "{\"schemaVersion\":2}", "\uFEFF{}", "{}{}"})
  void whatIsNoManifestIsRefused(String text) {
    isRefused(null, text, "");
  }

  @Test
  void anEmptyObjectIsNeitherAnImageNorAnIndex() {
    isRefused(MediaType.OCI_MANIFEST, "{}", "schemaVersion");
    isRefused(MediaType.OCI_INDEX, "{}", "schemaVersion");
    isRefused(MediaType.OCI_MANIFEST, "{\"schemaVersion\":2}", "'config'");
    isRefused(MediaType.OCI_INDEX, "{\"schemaVersion\":2}", "'manifests'");
    isRefused(MediaType.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":null}", "'manifests'");
    isRefused(MediaType.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":{}}", "'manifests'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3", "0", "-2", "2.0", "\"2\"", "null", "[2]", "4294967298", "99999999999999999999999", "2e0"})
  void anotherSchemaVersionIsRefused(String version) {
    isRefused(null, image("c").replace("\"schemaVersion\":2", "\"schemaVersion\":" + version), "");
    isRefused(null, index().replace("\"schemaVersion\":2", "\"schemaVersion\":" + version), "");
  }

  @Test
  void aDocumentThatIsBothAnImageAndAnIndexIsRefused() {
    String layers = ",\"layers\":[" + descriptor(LAYER, "l") + "]";
    String config = ",\"config\":" + descriptor(CONFIG, "c");
    for (MediaType type : new MediaType[] {null, MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, MediaType.DOCKER_LIST,
      MediaType.DOCKER_MANIFEST}) {
      for (String more : new String[] {layers, config, layers + config, ",\"layers\":[]", ",\"config\":null"}) {
        isRefused(type, "{\"schemaVersion\":2,\"manifests\":[]" + more + "}", "either an index or an image manifest");
      }
    }
  }

  @Test
  void aDocumentOfTheOtherKindThanItsTypeIsRefused() {
    isRefused(MediaType.OCI_INDEX, "{\"schemaVersion\":2,\"config\":" + descriptor(CONFIG, "c") + ",\"layers\":[]}", "");
    isRefused(MediaType.OCI_MANIFEST, "{\"schemaVersion\":2,\"manifests\":[]}", "");
    isRefused(null, image("c").replace(Documents.MANIFEST, Documents.INDEX), "");
    isRefused(null, index().replace(Documents.INDEX, Documents.MANIFEST), "");
  }

  @Test
  void theContentTypeMustBeTheMediaTypeOfTheDocument() {
    isRefused(MediaType.OCI_INDEX, image("c"), "Content-Type");
    isRefused(MediaType.DOCKER_MANIFEST, image("c"), "Content-Type");
    isRefused(UNKNOWN, image("c"), "Content-Type");
    assertThat(Manifest.parse(MediaType.OCI_MANIFEST, bytes(image("c"))).mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(Manifest.parse(MediaType.parse(Documents.MANIFEST + "; charset=utf-8"), bytes(image("c"))).mediaType())
        .isEqualTo(MediaType.OCI_MANIFEST);
  }

  @Test
  void withoutAMediaTypeTheContentTypeCountsAndWithoutBothTheContent() {
    String image = "{\"schemaVersion\":2,\"config\":" + descriptor(CONFIG, "c") + ",\"layers\":[]}";
    assertThat(Manifest.parse(MediaType.DOCKER_MANIFEST, bytes(image)).mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST);
    assertThat(parse(image).mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(Manifest.parse(MediaType.DOCKER_LIST, bytes("{\"schemaVersion\":2,\"manifests\":[]}"))).isInstanceOf(Manifest.Index.class);
    assertThat(parse("{\"schemaVersion\":2,\"manifests\":[]}").mediaType()).isEqualTo(MediaType.OCI_INDEX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "text/html", "application/vnd.oci.image.manifest.v1+json; charset=utf-8", "application/octet-stream",
    "image/svg+xml",
    "Application/vnd.oci.image.manifest.v1+json"})
  void aMediaTypeFieldThatIsNoPlainJsonTypeIsRefused(String type) {
    isRefused(null, "{\"schemaVersion\":2,\"mediaType\":\"" + type + "\",\"config\":" + descriptor(CONFIG, "c") + "}", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "[]", "{}", "true"})
  void aMediaTypeFieldThatIsNoStringIsRefused(String type) {
    isRefused(null, "{\"schemaVersion\":2,\"mediaType\":" + type + ",\"config\":" + descriptor(CONFIG, "c") + "}",
        "/mediaType must be a string");
  }

  @Test
  void aManifestIsNeverServedAsSomethingABrowserRuns() {
    isRefused(new MediaType("text/html"), "{\"a\":1}", "JSON media type");
    isRefused(new MediaType("text/html"), image("c").replace(Documents.MANIFEST, "text/html"), "JSON media type");
    isRefused(new MediaType("application/javascript"), "{\"a\":1}", "JSON media type");
  }

  @Test
  void schema1IsRefusedInEveryForm() {
    String signed =
        "{\"schemaVersion\":1,\"name\":\"a\",\"tag\":\"b\",\"fsLayers\":[{\"blobSum\":\"sha256:00\"}],\"history\":[],\"signatures\":[]}";
    MediaType plain = new MediaType("application/vnd.docker.distribution.manifest.v1+json");
    MediaType pretty = new MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws");
    for (MediaType type : new MediaType[] {null, plain, pretty, MediaType.OCI_MANIFEST, MediaType.OCI_INDEX, UNKNOWN,
      new MediaType("application/json")}) {
      isRefused(type, signed, "schema 1");
    }
    isRefused(plain, "not even JSON", "schema 1");
    isRefused(null, "{\"mediaType\":\"" + plain + "\"}", "schema 1");
    isRefused(null, "{\"mediaType\":\"" + pretty + "\"}", "schema 1");
    isRefused(MediaType.OCI_MANIFEST, "{\"schemaVersion\":1}", "schema 1");
    isRefused(MediaType.DOCKER_LIST, "{\"schemaVersion\":1,\"manifests\":[]}", "schema 1");
  }

  @Test
  void anUnknownMediaTypeIsKeptWithItsSubject() {
    String text =
        "{\"mediaType\":\"" + UNKNOWN + "\",\"config\":\"anything\",\"layers\":7,\"artifactType\":\"a/b\",\"annotations\":{\"k\":\"v\"},"
            + "\"subject\":" + descriptor(Documents.MANIFEST, "s") + "}";
    Manifest manifest = Manifest.parse(UNKNOWN, bytes(text));

    assertThat(manifest).isInstanceOf(Manifest.Other.class).isEqualTo(parse(text));
    assertThat(manifest.mediaType()).isEqualTo(UNKNOWN);
    assertThat(manifest.subject().digest()).isEqualTo(Documents.digest("s"));
    assertThat(manifest.artifactType()).isEqualTo(new MediaType("a/b"));
    assertThat(manifest.annotations()).isEqualTo(Map.of("k", "v"));
  }

  @Test
  void whateverElseHasADigestIsMentioned() {
    String blob = "{\"digest\":\"" + Documents.digest("blob") + "\"}";
    String layer = "{\"digest\":\"" + Documents.digest("layer") + "\"}";
    Manifest unknown =
        parse("{\"mediaType\":\"" + UNKNOWN + "\",\"blobs\":[" + blob + "," + blob + "],\"a/b\":{\"~\":" + layer + "},\"digest\":\""
            + Documents.digest("own") + "\",\"other\":{\"digest\":\"none\"},\"subject\":" + descriptor(Documents.MANIFEST, "s") + "}");
    Manifest known = parse(imageWith(",\"extra\":" + blob, "c"));

    assertThat(unknown.edges()).extracting(Edge::kind, Edge::pointer).containsExactly(tuple(Edge.Kind.SUBJECT, "/subject"),
        tuple(Edge.Kind.MENTION, "/blobs/0"), tuple(Edge.Kind.MENTION, "/a~1b/~0"));
    assertThat(known.edges()).extracting(Edge::kind, Edge::pointer).containsExactly(tuple(Edge.Kind.CONFIG, "/config"),
        tuple(Edge.Kind.MENTION, "/extra"));
    assertThat(known.edges().getLast().target().digest()).isEqualTo(Documents.digest("blob"));
  }

  /** Or one document would become gigabytes. */
  @Test
  void aPlaceThatCannotBeNamedShortlyHasANumber() {
    String digest = "{\"digest\":\"" + Documents.digest("a") + "\"}";
    String other = "{\"digest\":\"" + Documents.digest("b") + "\"}";
    Manifest manifest =
        parse("{\"mediaType\":\"" + UNKNOWN + "\",\"" + "x".repeat(40_000) + "\":[" + digest + "],\"\\u0000\":" + other + "}");

    assertThat(manifest.edges()).extracting(Edge::pointer).containsExactly("#1", "#2");
  }

  @Test
  void theArtifactTypeOfAnImageIsItsOwnOrElseThatOfItsConfig() {
    assertThat(parse(image("c")).artifactType()).isEqualTo(new MediaType(CONFIG));
    assertThat(parse(imageWith(",\"artifactType\":\"\"", "c")).artifactType()).isEqualTo(new MediaType(CONFIG));
    assertThat(parse(imageWith(",\"artifactType\":null", "c")).artifactType()).isEqualTo(new MediaType(CONFIG));
    assertThat(parse(imageWith(",\"artifactType\":\"x/y\"", "c")).artifactType()).isEqualTo(new MediaType("x/y"));
  }

  @Test
  void theArtifactTypeOfAnIndexIsItsOwnOrNone() {
    assertThat(parse(index("a")).artifactType()).isNull();
    assertThat(parse(indexOf("", ",\"artifactType\":\"x/y\"")).artifactType()).isEqualTo(new MediaType("x/y"));
    isRefused(null, indexOf("", ",\"artifactType\":\"no type\""), "/artifactType");
    isRefused(null, indexOf("", ",\"artifactType\":5"), "/artifactType");
  }

  @Test
  void anEmptyConfigWithoutArtifactTypeIsAcceptedWithAWarning() {
    String text = "{\"schemaVersion\":2,\"config\":" + descriptor(MediaType.OCI_EMPTY.value(), "{}") + ",\"layers\":[]%s}";
    assertThat(parse(text.formatted("")).warnings()).hasSize(1);
    assertThat(parse(text.formatted(",\"artifactType\":\"x/y\"")).warnings()).isEmpty();
  }

  @Test
  void annotationsAreStrings() {
    assertThat(parse(imageWith(",\"annotations\":{\"a\":\"1\",\"\":\"<script>\"}", "c")).annotations()).containsExactly(Map.entry("a", "1"),
        Map.entry("", "<script>"));
    assertThat(parse(imageWith(",\"annotations\":null", "c")).annotations()).isEmpty();
    isRefused(null, imageWith(",\"annotations\":{\"a\":1}", "c"), "annotation");
    isRefused(null, imageWith(",\"annotations\":{\"a\":null}", "c"), "annotation");
    isRefused(null, imageWith(",\"annotations\":[]", "c"), "annotations");
  }

  @Test
  void unknownFieldsAndTypesAreNoneOfItsBusiness() {
    String layers = descriptor("application/vnd.example.layer", "l", ",\"urls\":[\"file:///etc/passwd\"],\"x\":{\"y\":[1.5]}");
    Manifest manifest = parse("{\"schemaVersion\":2,\"config\":" + descriptor("x/y", "c", ",\"new\":null") + ",\"layers\":[" + layers
        + "],\"signatures\":[],\"history\":{},\"fsLayer\":1}");
    assertThat(manifest.edges()).hasSize(2);
  }

  @Test
  void aMismatchHiddenInADuplicateKeyIsRefused() {
    isRefused(null, image("c").replace("\"config\"", "\"mediaType\":\"" + Documents.INDEX + "\",\"config\""), "uplicate");
    isRefused(null, image("c").replace("\"size\":1", "\"size\":1,\"size\":2"), "uplicate");
    isRefused(null, image("c").replace("\"size\":1", "\"size\":1,\"siz\\u0065\":2"), "uplicate");
  }

  @Test
  void otherEncodingsAreRefused() {
    for (var charset : new Charset[] {StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE}) {
      assertThatThrownBy(() -> Manifest.parse(null, image("c").getBytes(charset))).isInstanceOf(RegistryException.class);
    }
  }

  @Test
  void aManifestOfFourMebibytesIsReadInBoundedTime() {
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
      assertThat(parse(imageWith(",\"annotations\":{\"a\":\"" + "x".repeat(4_000_000) + "\"}", "c")).annotations()).hasSize(1);
      String entry = descriptor(Documents.MANIFEST, "a");
      assertThat(parse(indexOf((entry + ",").repeat(25_000) + entry, "")).edges()).hasSize(25_001);
    });
  }

  @Test
  void aDeepManifestIsRefused() {
    isRefused(null, imageWith(",\"x\":" + "[".repeat(10_000) + "]".repeat(10_000), "c"), "JSON");
    isRefused(UNKNOWN, "{\"x\":".repeat(10_000) + "1" + "}".repeat(10_000), "JSON");
  }

  @Test
  void anyTextIsAManifestOrRefusedInWords() {
    String subject = ",\"subject\":" + descriptor(Documents.MANIFEST, "s", ",\"reference\":" + descriptor(Documents.MANIFEST, "r"));
    Law.forAll(5_000, Strings.around(random -> random.nextBoolean() ? imageWith(subject, "c", "l") : index("a", "b")), text -> {
      try {
        Manifest manifest = parse(text);
        assertThat(manifest.mediaType().isJson()).isTrue();
        assertThat(manifest.edges()).extracting(Edge::pointer).doesNotHaveDuplicates();
      } catch (RegistryException e) {
        assertThat(e.problems()).extracting(RegistryException.Problem::code).containsExactly(ErrorCode.MANIFEST_INVALID);
        assertThat(e.getMessage()).matches("[\\x20-\\x7e]+");
      }
    });
  }
}
