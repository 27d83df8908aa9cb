import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What it costs to ask what points at a manifest, with few referrers among few manifests and with many among many. `java ReferenceScale.java HOST:PORT
 * FEW MANY MANIFESTS SECONDS` fills two repositories, unless they are filled, and asks the one and the other in turns, so that both have the same noise;
 * each question for so many seconds, after a fourth of that as warm-up, and 200 times at least. FEW is 100 or more, MANY ten times that or more. Prints a
 * table in microseconds.
 *
 * <p>The first repository holds an image and its FEW referrers. The second holds MANIFESTS manifests: an image with MANY referrers, which came one by one among the
 * others; and these are images, each with a referrer of its own. A tenth of the referrers are of the type `…sbom`, the others are bundles of signatures. Each
 * has a layer of 5 KiB; the others share theirs.
 */
final class ReferenceScale {

  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final String SBOM = "application/vnd.example.sbom+json";
  private static final int PUSHERS = 16;
  private static final int LAYER = 5 << 10;
  private static final int PAGE = 100;
  private static final int DEFAULT_PAGE = 1_000;
  private static final int FEWEST = 200; // turns that are measured
  private static final String EMPTY = Wire.digest("{}".getBytes(StandardCharsets.UTF_8));
  private static final Pattern DIGEST = Pattern.compile("\"digest\":\"([^\"]+)\"");
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");

  private final InetSocketAddress server;
  private final Random random = new Random(1);
  private Wire wire;

  private ReferenceScale(InetSocketAddress server) throws IOException {
    this.server = server;
    connect();
  }

  /**
   * A repository.
   *
   * @param middle where a page of the second half of the referrers begins
   */
  private record Place(String name, int referrers, int manifests, String[] middle) {

    String path(String rest) {
      return "/v2/" + name + "/" + rest;
    }

    /** Every so many manifests one of the referrers comes. */
    int stride() {
      return manifests / referrers;
    }
  }

  public static void main(String[] arguments) throws Exception {
    int few = Integer.parseInt(arguments[1]);
    int many = Integer.parseInt(arguments[2]);
    double seconds = Double.parseDouble(arguments[4]);
    var scale = new ReferenceScale(Wire.address(arguments[0]));
    var small = new Place("references/few", few, few, new String[1]);
    var large = new Place("references/many", many, Integer.parseInt(arguments[3]), new String[1]);
    scale.fill(small);
    scale.fill(large);
    if (seconds > 0) {
      scale.measure(small, large, seconds);
    }
  }

  private void connect() throws IOException {
    wire = new Wire(server, false, null);
  }

  // --- filling

  private void fill(Place place) throws Exception {
    try {
      wire.get(place.path("manifests/filled"));
      return;
    } catch (Wire.OtherStatus nothing) {
      // it is to be filled
    }
    wire.pushBlob(place.name, "{}".getBytes(StandardCharsets.UTF_8));
    wire.pushBlob(place.name, layer(0));
    wire.pushManifest(place.name, "image", IMAGE, image());
    long began = System.nanoTime();
    var shares = new ArrayList<Callable<Integer>>();
    for (int i = 0; i < PUSHERS; i++) {
      int first = i;
      shares.add(() -> push(place, first));
    }
    try (var pushers = Executors.newFixedThreadPool(PUSHERS)) {
      for (Future<Integer> share : pushers.invokeAll(shares)) {
        share.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("filling failed", e);
    }
    connect(); // the other one has rested for too long
    wire.pushManifest(place.name, "filled", IMAGE, image());
    System.out.printf(Locale.ROOT, "%s: %,d manifests over %d connections: %,.0f/s%n", place.name, place.manifests, PUSHERS,
        place.manifests / since(began));
  }

  /** Every 16th manifest, over a connection of its own. */
  private int push(Place place, int first) throws IOException {
    int count = 0;
    try (Wire own = new Wire(server, false, null)) {
      for (int i = first; i < place.manifests; i += PUSHERS, count++) {
        if (i % place.stride() == 0) {
          referrer(own, place, i, i / place.stride() % 10 == 0 ? SBOM : BUNDLE);
        } else {
          // An image, or what is about the one before.
          put(own, place, i % 2 == 1 ? other(i) : manifest(BUNDLE, layer(0), subject(other(i - 1)), i));
        }
      }
    }
    return count;
  }

  private static String referrer(Wire wire, Place place, long number, String type) throws IOException {
    wire.pushBlob(place.name, layer(number));
    return put(wire, place, manifest(type, layer(number), subject(image()), number));
  }

  private static String put(Wire wire, Place place, String manifest) throws IOException {
    String digest = Wire.digest(manifest.getBytes(StandardCharsets.UTF_8));
    wire.pushManifest(place.name, digest, IMAGE, manifest);
    return digest;
  }

  private static byte[] layer(long number) {
    byte[] layer = new byte[LAYER];
    new Random(number).nextBytes(layer);
    return layer;
  }

  private static String image() {
    return manifest("application/vnd.example.image", layer(0), "", -1);
  }

  private static String other(int number) {
    return manifest("application/vnd.example.image", layer(0), "", number);
  }

  private static String subject(String manifest) {
    byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
    return ",\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(IMAGE, Wire.digest(bytes), bytes.length);
  }

  /** As cosign makes them. */
  private static String manifest(String type, byte[] layer, String subject, long number) {
    return """
        {"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},\
        "layers":[{"mediaType":"%s","digest":"%s","size":%d}]%s,"annotations":{"dev.sigstore.bundle.content":"dsse-envelope",\
        "dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1","number":"%d"}}"""
        .formatted(IMAGE, type, EMPTY, type, Wire.digest(layer), layer.length, subject, number);
  }

  // --- measuring

  private interface Operation {
    void run(Place place) throws IOException;
  }

  private void measure(Place small, Place large, double seconds) throws IOException {
    String subject = Wire.digest(image().getBytes(StandardCharsets.UTF_8));
    String list = "referrers/" + subject;
    String references = "manifests/" + subject + "/references";
    for (Place place : List.of(small, large)) {
      check(place, list, Math.min(place.referrers, DEFAULT_PAGE));
      check(place, list + "?artifactType=" + SBOM, Math.min(place.referrers / 10, DEFAULT_PAGE));
      check(place, references + "?n=" + PAGE, PAGE);
      place.middle[0] = middle(place, list);
    }
    System.out.printf(Locale.ROOT, "%n| question | answer | %,d among %,d: p50 | p99 | %,d among %,d: p50 | p99 | ratio |%n|---|---|---|---|---|---|---|%n",
        small.referrers, small.manifests, large.referrers, large.manifests);
    compare("referrers", small, large, seconds, place -> wire.get(place.path(list)));
    compare("referrers, of one type", small, large, seconds, place -> wire.get(place.path(list + "?artifactType=" + SBOM)));
    compare("references", small, large, seconds, place -> wire.get(place.path(references)));
    compare("references, by tag", small, large, seconds, place -> wire.get(place.path("manifests/image/references")));
    compare("= referrers, `n=100`", small, large, seconds, place -> wire.get(place.path(list + "?n=100")));
    compare("= referrers of one type, `n=10`", small, large, seconds, place -> wire.get(place.path(list + "?n=10&artifactType=" + SBOM)));
    compare("= references, `n=100`", small, large, seconds, place -> wire.get(place.path(references + "?n=100")));
    compare("= references of one kind and type, `n=10`", small, large, seconds,
        place -> wire.get(place.path(references + "?n=10&kind=subject&artifactType=" + SBOM)));
    compare("= `n=10` from the middle", small, large, seconds, place -> wire.get(place.middle[0] + "&n=10"));
    compare("= with content, `data=blobs&n=100`", small, large, seconds, place -> wire.get(place.path(list + "?n=100&data=blobs")));
    compare("= the same one by one, in 201 requests", small, large, seconds, place -> oneByOne(place, list));
    compare("= referrers of something else", small, large, seconds, place -> wire.get(place.path("referrers/" + Wire.digest(layer(random.nextInt())))));
    var pushed = new ArrayList<String>();
    compare("= `PUT` of a referrer, with its layer", small, large, seconds,
        place -> pushed.add(place.path("manifests/" + referrer(wire, place, System.nanoTime(), BUNDLE))));
    for (String path : pushed) {
      wire.send(202, new byte[0], Wire.head("DELETE", path)); // for the next run
    }
  }

  /** What has a hundred signatures down to their bytes, by the specification. */
  private void oneByOne(Place place, String list) throws IOException {
    for (String manifest : digests(ask(place, list + "?n=" + PAGE))) {
      String layer = digests(ask(place, "manifests/" + manifest)).get(1);
      wire.get(place.path("blobs/" + layer));
    }
  }

  private String ask(Place place, String question) throws IOException {
    return new String(wire.answer(200, new byte[0], Wire.head("GET", place.path(question))), StandardCharsets.UTF_8);
  }

  private static List<String> digests(String document) {
    return DIGEST.matcher(document).results().map(found -> found.group(1)).toList();
  }

  private void check(Place place, String question, int entries) throws IOException {
    if (digests(ask(place, question)).size() != entries) {
      throw new IOException(place.path(question) + " does not have " + entries + " entries");
    }
  }

  /** The second half, without its limit of entries. */
  private String middle(Place place, String list) throws IOException {
    String at = place.path(list + "?n=" + place.referrers / 2);
    wire.get(at);
    for (int left = place.referrers / 2 - 10_000; left > 0; left -= 10_000) {
      wire.get(next());
    }
    return next().replaceAll("[?]n=[0-9]+&", "?");
  }

  private String next() throws IOException {
    Matcher next = NEXT.matcher(wire.link());
    if (!next.find()) {
      throw new IOException("there is no further page");
    }
    return next.group(1);
  }

  private static double since(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private void compare(String what, Place small, Place large, double seconds, Operation operation) throws IOException {
    turns(small, large, seconds / 4, 1, operation);
    long[][] times = turns(small, large, seconds, FEWEST, operation);
    double few = percentile(times[0], 50);
    double many = percentile(times[1], 50);
    long before = wire.received();
    operation.run(large);
    System.out.printf(Locale.ROOT, "| %s | %,d KB | %,.0f µs | %,.0f µs | %,.0f µs | %,.0f µs | %.2f |%n", what, (wire.received() - before) / 1000, few,
        percentile(times[0], 99), many, percentile(times[1], 99), many / few);
  }

  /** In turns, so that whatever else happens on the machine happens to both. */
  private static long[][] turns(Place small, Place large, double seconds, int least, Operation operation) throws IOException {
    var times = new long[2][1 << 20];
    int count = 0;
    for (long began = System.nanoTime(); (since(began) < seconds || count < least) && count < times[0].length; count++) {
      boolean swapped = count % 2 == 1;
      times[swapped ? 1 : 0][count] = time(swapped ? large : small, operation);
      times[swapped ? 0 : 1][count] = time(swapped ? small : large, operation);
    }
    return new long[][] {Arrays.copyOf(times[0], count), Arrays.copyOf(times[1], count)};
  }

  private static long time(Place place, Operation operation) throws IOException {
    long began = System.nanoTime();
    operation.run(place);
    return System.nanoTime() - began;
  }

  private static double percentile(long[] times, int percent) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e3;
  }
}
