import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What calls about tags cost in a repository with few tags and in one with many. `java TagScale.java HOST:PORT FEW MANY SECONDS` fills both by
 * batches, unless they are filled, and asks the one and the other in turns, so that both have the same noise; each operation for so many seconds,
 * after a fourth of that as warm-up, and 500 times at least. FEW is 1,000 or more. Prints a table of the medians in microseconds, and their ratios.
 *
 * <p>The tags are made in no order, and point at 100 manifests in turns. A hundred more (`alias-…`) point at one manifest, `moves` has moved a hundred times in the
 * first repository and ten thousand times in the second.
 */
final class TagScale {

  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final int MANIFESTS = 100;
  private static final int BATCH = 1_000;
  private static final int PAGE = 100;
  private static final int FEWEST = 500; // turns that are measured
  private static final long STEP = 7_368_787; // a prime: steps through all numbers below any other size in an order that looks like none

  private final Wire wire;
  private final Random random = new Random(1);
  private final List<String> digests = new ArrayList<>();
  private String alias = "";

  private TagScale(InetSocketAddress server) throws IOException {
    wire = new Wire(server, false, null);
  }

  /** A repository with so many tags, one of which has moved so often. */
  private record Place(String name, int tags, int moves) {

    String path(String rest) {
      return "/v2/" + name + "/" + rest;
    }

    /** The change set that made the last of the tags, before the others. */
    int filled() {
      return (tags + BATCH - 1) / BATCH;
    }
  }

  public static void main(String[] arguments) throws Exception {
    int few = Integer.parseInt(arguments[1]);
    int many = Integer.parseInt(arguments[2]);
    double seconds = Double.parseDouble(arguments[3]);
    var scale = new TagScale(Wire.address(arguments[0]));
    var small = new Place("scale/few", few, 100);
    var large = new Place("scale/many", many, 10_000);
    scale.fill(small);
    scale.fill(large);
    if (seconds > 0) {
      scale.measure(small, large, seconds);
    }
  }

  // --- filling

  private void fill(Place place) throws IOException {
    digests.clear();
    String config = wire.pushBlob(place.name, "{}".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i <= MANIFESTS; i++) {
      String manifest = manifest(config, i);
      digests.add(Wire.digest(manifest.getBytes(StandardCharsets.UTF_8)));
    }
    alias = digests.removeLast();
    try {
      wire.get(place.path("tags/moves"));
      return;
    } catch (Wire.OtherStatus nothing) {
      // it is to be filled
    }
    for (int i = 0; i <= MANIFESTS; i++) {
      String manifest = manifest(config, i);
      wire.pushManifest(place.name, Wire.digest(manifest.getBytes(StandardCharsets.UTF_8)), IMAGE, manifest);
    }
    long began = System.nanoTime();
    for (int from = 0; from < place.tags; from += BATCH) {
      var operations = new ArrayList<String>();
      for (int i = from; i < Math.min(place.tags, from + BATCH); i++) {
        operations.add(put(name((int) (i * STEP % place.tags)), digests.get(i % MANIFESTS)));
      }
      batch(place, operations);
    }
    System.out.printf(Locale.ROOT, "%s: %,d tags in batches of %,d: %,.0f tags/s%n", place.name, place.tags, BATCH, place.tags / since(began));
    var aliases = new ArrayList<String>();
    for (int i = 0; i < PAGE; i++) {
      aliases.add(put("alias-%03d".formatted(i), alias));
    }
    batch(place, aliases);
    began = System.nanoTime();
    for (int i = 0; i < place.moves; i++) {
      put(place, "moves", i % MANIFESTS);
    }
    System.out.printf(Locale.ROOT, "%s: %,d moves of one tag, one after the other: %,.0f moves/s%n", place.name, place.moves,
        place.moves / since(began));
  }

  private static double since(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static String manifest(String config, int number) {
    return """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},\
        "layers":[],"annotations":{"number":"%d"}}""".formatted(IMAGE, config, number);
  }

  private static String name(int number) {
    return "t%07d".formatted(number);
  }

  private static String object(String digest) {
    return "{\"target\":{\"digest\":\"" + digest + "\"}}";
  }

  private static String put(String tag, String digest) {
    return "{\"op\":\"put\",\"tag\":\"" + tag + "\",\"object\":" + object(digest) + "}";
  }

  private void batch(Place place, List<String> operations) throws IOException {
    byte[] body = ("{\"operations\":[" + String.join(",", operations) + "]}").getBytes(StandardCharsets.UTF_8);
    wire.send(200, body, Wire.head("POST", place.path("tags/"), "Content-Length: " + body.length, "Content-Type: application/json"));
  }

  private void put(Place place, String tag, int manifest) throws IOException {
    byte[] body = object(digests.get(manifest)).getBytes(StandardCharsets.UTF_8);
    byte[] head = Wire.head("PUT", place.path("tags/" + tag), "Content-Length: " + body.length, "Content-Type: application/json");
    try {
      wire.send(200, body, head);
    } catch (Wire.OtherStatus made) {
      if (!made.getMessage().startsWith("HTTP/1.1 201")) {
        throw made;
      }
    }
  }

  // --- measuring

  private interface Operation {
    void run(Place place) throws IOException;
  }

  private void measure(Place small, Place large, double seconds) throws IOException {
    System.out.printf(Locale.ROOT, "%n| operation | %,d tags | %,d tags | ratio |%n|---|---|---|---|%n", small.tags, large.tags);
    compare("a tag as an object", small, large, seconds, place -> wire.get(place.path("tags/" + any(place))));
    compare("its manifest, by one of 500 tags", small, large, seconds, place -> wire.get(place.path("manifests/" + name(random.nextInt(FEWEST)))));
    int[] fresh = {FEWEST, FEWEST};
    compare("its manifest, by a tag that nobody asked for since the start", small, large, 0,
        place -> wire.get(place.path("manifests/" + name(place == small ? fresh[0]++ : fresh[1]++))));
    compare("a tag as it was, `?at=`", small, large, seconds,
        place -> wire.get(place.path("tags/moves?at=" + (place.filled() + 1 + place.moves / 2))));
    compare("page of 100 names", small, large, seconds, place -> wire.get(place.path("tags/list?n=100&last=" + begin(place))));
    compare("page of 100 objects", small, large, seconds, place -> wire.get(place.path("tags/?n=100&last=" + begin(place))));
    compare("the same, signed", small, large, seconds,
        place -> wire.send(200, new byte[0], Wire.head("GET", place.path("tags/?n=100&last=" + begin(place)),
            "Accept: application/vnd.docker.distribution.tags.v1+jws")));
    compare("all 100 tags of one image, `?target=`", small, large, seconds, place -> wire.get(place.path("tags/?target=" + alias)));
    compare("some 5 tags of an image of many, `?target=&n=5`", small, large, seconds,
        place -> wire.get(place.path("tags/?n=5&target=" + digests.get(random.nextInt(MANIFESTS)))));
    compare("page of 100 objects of the past, `?at=`", small, large, seconds,
        place -> wire.get(place.path("tags/?n=100&at=" + place.filled() + "&last=" + begin(place))));
    compare("page of 100, the newest first (draft)", small, large, seconds,
        place -> wire.send(200, new byte[0], Wire.head("GET", place.path("tags/list?sort_by=created_at&sort_order=desc&n=100"),
            "Accept: application/vnd.oci.image.index.v1+json")));
    compare("history of a tag that never moved", small, large, seconds, place -> wire.get(place.path("_oci/tag-history/" + any(place))));
    compare("100 of the history of 100 and of 10,000 moves", small, large, seconds,
        place -> wire.get(place.path("_oci/tag-history/moves?n=100")));
    compare("`PUT` of a tag, which moves", small, large, seconds, place -> put(place, any(place), random.nextInt(MANIFESTS)));
    compare("batch of 10 moves", small, large, seconds, this::ten);
  }

  private void ten(Place place) throws IOException {
    var operations = new ArrayList<String>();
    int first = random.nextInt(place.tags - 10);
    for (int i = first; i < first + 10; i++) {
      operations.add(put(name(i), digests.get(random.nextInt(MANIFESTS))));
    }
    batch(place, operations);
  }

  private String any(Place place) {
    return name(random.nextInt(place.tags));
  }

  /** Where a page of a hundred begins that is full. */
  private String begin(Place place) {
    return name(random.nextInt(place.tags / 2));
  }

  private void compare(String what, Place small, Place large, double seconds, Operation operation) throws IOException {
    if (seconds > 0) {
      turns(small, large, seconds / 4, 1, operation);
    }
    long[][] times = turns(small, large, seconds, FEWEST, operation);
    double few = median(times[0]);
    double many = median(times[1]);
    System.out.printf(Locale.ROOT, "| %s | %,.0f µs | %,.0f µs | %.2f |%n", what, few, many, many / few);
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

  private static double median(long[] times) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] / 1e3;
  }
}
