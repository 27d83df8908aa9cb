import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What a {@code HEAD} of a blob costs who may pull some tags, as multiples of what it costs who may pull everything. `java ScopedReads.java HOST:PORT
 * TAGS SECONDS` pushes, as alice, a fifth of TAGS images `dev-…` and then TAGS images `release-…`, unless they are there, each with a layer of its own and one that all
 * share; the first 400 `dev-…` and the `release-…` in the middle share another one. Then alice, who may pull everything, and bob, who may pull `release-*`, ask in turns, so that all
 * have the same noise; he with the tag in `OCI-Ref`, with a tag that is a lie, and without any; and carol, who may do what he may, and has pulled that one by its
 * tag, as clients do. Prints a table of the medians in microseconds, and their ratios.
 */
final class ScopedReads {

  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String REPOSITORY = "scoped/app";

  private final Wire wire;
  private final int tags;
  private final Random random = new Random(1);
  private final String base = digest("shared");
  private final String rare = digest("rare");

  private ScopedReads(InetSocketAddress server, int tags) throws IOException {
    this.wire = new Wire(server, false, null);
    this.tags = tags;
  }

  public static void main(String[] arguments) throws Exception {
    var reads = new ScopedReads(Wire.address(arguments[0]), Integer.parseInt(arguments[1]));
    reads.fill();
    double seconds = Double.parseDouble(arguments[2]);
    if (seconds > 0) {
      reads.measure(seconds);
    }
  }

  private static String as(String user) {
    return "Authorization: Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
  }

  // --- filling

  private void fill() throws IOException {
    try {
      wire.head(200, Wire.head("HEAD", "/v2/" + REPOSITORY + "/tags/release-" + (tags - 1), as("alice")));
      return;
    } catch (Wire.OtherStatus nothing) {
      // it is to be filled
    }
    String config = blob("{}");
    blob("shared");
    blob("rare");
    for (int i = 0; i < tags / 5; i++) {
      image("dev-" + i, config, i < 400 ? rare : base);
    }
    for (int i = 0; i < tags; i++) {
      image("release-" + i, config, i == tags / 2 ? rare : base);
    }
  }

  private static String digest(String content) {
    return Wire.digest(content.getBytes(StandardCharsets.UTF_8));
  }

  private String blob(String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    String digest = Wire.digest(bytes);
    wire.send(201, bytes, Wire.head("POST", "/v2/" + REPOSITORY + "/blobs/uploads/?digest=" + digest, as("alice"),
        "Content-Length: " + bytes.length, "Content-Type: application/octet-stream"));
    return digest;
  }

  /** Of three layers: its own, the one of all, and another one of four bytes, or the one of all again. */
  private void image(String tag, String config, String other) throws IOException {
    byte[] manifest = """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},\
        "layers":[{"mediaType":"%s","digest":"%s","size":6},{"mediaType":"%3$s","digest":"%s","size":%d},{"mediaType":"%3$s","digest":"%s","size":%d}]}"""
        .formatted(IMAGE, config, LAYER, base, blob(tag), tag.length(), other, other.equals(rare) ? 4 : 6).getBytes(StandardCharsets.UTF_8);
    wire.send(201, manifest, Wire.head("PUT", "/v2/" + REPOSITORY + "/manifests/" + tag, as("alice"), "Content-Length: " + manifest.length,
        "Content-Type: " + IMAGE));
  }

  // --- measuring

  private record Way(String name, String user, String said) {}

  private void measure(double seconds) throws IOException {
    System.out.printf(Locale.ROOT, "| `HEAD` of | asked by | p50 | ratio |%n|---|---|---|---|%n");
    List<Way> ways = List.of(new Way("who may pull everything", "alice", ""), new Way("who may pull some tags, with the tag", "bob", "release-"),
        new Way("with a tag that is a lie", "bob", "dev-"), new Way("without a tag", "bob", ""));
    compare("a layer of one image", ways, seconds, null);
    compare("a layer of all images", ways, seconds, base);
    var pulled = new ArrayList<>(ways);
    pulled.add(new Way("without a tag, by who has pulled the image", "carol", ""));
    wire.send(200, new byte[0], Wire.head("GET", "/v2/" + REPOSITORY + "/manifests/release-" + tags / 2, as("carol")));
    compare("a layer of one image and many that he may not pull", pulled, seconds, rare);
  }

  private void compare(String what, List<Way> ways, double seconds, String shared) throws IOException {
    var times = new ArrayList<List<Long>>();
    ways.forEach(_ -> times.add(new ArrayList<>()));
    long warm = System.nanoTime() + (long) (seconds / 4 * 1e9);
    long end = warm + (long) (seconds * 1e9);
    for (int i = 0; System.nanoTime() < end || i < 2_000; i++) {
      int way = i % ways.size();
      long time = ask(ways.get(way), shared);
      if (System.nanoTime() > warm) {
        times.get(way).add(time);
      }
    }
    double whole = median(times.getFirst());
    for (int way = 0; way < ways.size(); way++) {
      double median = median(times.get(way));
      System.out.printf(Locale.ROOT, "| %s | %s | %.0f µs | %.2f |%n", what, ways.get(way).name, median, median / whole);
    }
  }

  private long ask(Way way, String shared) throws IOException {
    int number = rare.equals(shared) ? tags / 2 : random.nextInt(tags);
    String digest = shared == null ? digest("release-" + number) : shared;
    String path = "/v2/" + REPOSITORY + "/blobs/" + digest;
    byte[] head = way.said.isEmpty() ? Wire.head("HEAD", path, as(way.user))
        : Wire.head("HEAD", path, as(way.user), "OCI-Ref: registry.test/" + REPOSITORY + ":" + way.said + number);
    long began = System.nanoTime();
    wire.head(200, head);
    return System.nanoTime() - began;
  }

  private static double median(List<Long> times) {
    long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] / 1e3;
  }
}
