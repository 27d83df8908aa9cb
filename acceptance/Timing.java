import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Whether the time of an answer tells that a blob is in a repository that the caller may not read. `java Timing.java HOST:PORT SAMPLES REPOSITORIES
 * SEED` fills the registry as alice if there are to be no samples, and else asks as eve, over one connection, for blobs that are nowhere (two sets of them), in one repository that she may not
 * read, and in a fifth of all repositories, which she may not read either. Each round asks once for one of each set, in an order drawn by lot. For each pair of sets
 * the difference of the means is judged with Welch's t, over all samples, and over those up to the 0.9 quantile of all sets together. The status is 1
 * if any |t| is 4.5 or more. Of one repository more she may pull some tags, and asks for blobs that are nowhere, in one image of it that she may not pull, and in 400 of these; since such answers are
 * padded, that is done 4 in 100 as often, over eight connections at once.
 */
final class Timing {

  private static final double LIMIT = 4.5;
  private static final double QUANTILE = 0.9;
  private static final int BLOBS = 256;
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final List<String> SETS = List.of("absent", "absent again", "in one", "in many");
  /** Of which she may pull some tags. */
  private static final String PART = "part/app";
  private static final int IMAGES = 400;
  private static final int FEWER = 25;
  private static final int PADDED = 8;

  private final InetSocketAddress server;
  private final int repositories;
  private final int closed;
  private final Random random;
  private final byte[][] once = new byte[BLOBS][24];
  private final byte[][] often = new byte[BLOBS][24];
  private final String[][] digests = new String[SETS.size()][BLOBS];
  private final byte[][] unread = new byte[BLOBS][24];
  private final byte[][] shared = new byte[BLOBS][24];
  private final String[][] within = new String[SETS.size()][BLOBS];

  private Timing(InetSocketAddress server, int repositories, long seed) {
    this.server = server;
    this.repositories = repositories;
    this.closed = repositories * 4 / 5;
    this.random = new Random(seed);
    for (int i = 0; i < BLOBS; i++) {
      random.nextBytes(once[i]);
      random.nextBytes(often[i]);
      digests[0][i] = absent();
      digests[1][i] = absent();
      digests[2][i] = Wire.digest(once[i]);
      digests[3][i] = Wire.digest(often[i]);
    }
    for (int i = 0; i < BLOBS; i++) {
      random.nextBytes(unread[i]);
      random.nextBytes(shared[i]);
      within[0][i] = absent();
      within[1][i] = absent();
      within[2][i] = Wire.digest(unread[i]);
      within[3][i] = Wire.digest(shared[i]);
    }
  }

  public static void main(String[] arguments) throws Exception {
    var timing = new Timing(Wire.address(arguments[0]), Integer.parseInt(arguments[2]), Long.parseLong(arguments[3]));
    int samples = Integer.parseInt(arguments[1]);
    if (samples == 0) {
      timing.fill();
    } else {
      System.exit(timing.measure(samples) ? 0 : 1);
    }
  }

  private static String as(String user) {
    return "Authorization: Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
  }

  private String repository(int number) {
    return (number < closed ? "closed/r" : "open/r") + number;
  }

  // --- filling

  private void fill() throws Exception {
    try (var wire = new Wire(server, false, null)) {
      push(wire, "eve/app", "mine".getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < BLOBS; i++) {
        push(wire, repository(0), often[i]);
        push(wire, repository(i + 1), once[i]);
      }
      image(wire, repository(0), "v1", digests[3], digests[3][0]);
      byte[] own = "what she may read and see".substring(0, 24).getBytes(StandardCharsets.UTF_8);
      push(wire, PART, own);
      image(wire, PART, "v1", new String[] {Wire.digest(own)}, Wire.digest(own));
      for (int i = 0; i < BLOBS; i++) {
        push(wire, PART, unread[i]);
        push(wire, PART, shared[i]);
      }
      image(wire, PART, "secret", within[2], within[2][0]);
      for (int i = 0; i < IMAGES; i++) {
        byte[] config = ("what makes image " + (1_000_000 + i)).getBytes(StandardCharsets.UTF_8);
        push(wire, PART, config);
        image(wire, PART, "secret-" + i, within[3], Wire.digest(config));
      }
    }
    int threads = 4;
    try (var pool = Executors.newFixedThreadPool(threads)) {
      var running = IntStream.range(0, threads).mapToObj(first -> pool.submit(() -> fill(first, threads))).toList();
      for (Future<?> filler : running) {
        filler.get();
      }
    }
  }

  private String absent() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return "sha256:" + HexFormat.of().formatHex(bytes);
  }

  /** Each repository gets a blob of its own, and a quarter of the closed ones the image. */
  private Void fill(int first, int step) throws IOException {
    try (var wire = new Wire(server, false, null)) {
      byte[] order = ("{\"from\": \"" + repository(0) + "\", \"reference\": \"v1\", \"tags\": [\"v1\"]}").getBytes(StandardCharsets.UTF_8);
      for (int i = first; i < repositories; i += step) {
        push(wire, repository(i), ("own " + i).getBytes(StandardCharsets.UTF_8));
        if (i / step % 4 == 3 && i < closed) {
          wire.send(201, order, Wire.head("POST", "/v2/" + repository(i) + "/_berth/copy", as("alice"), "Content-Length: " + order.length,
              "Content-Type: application/json"));
        }
      }
    }
    return null;
  }

  private static void push(Wire wire, String repository, byte[] content) throws IOException {
    wire.send(201, content, Wire.head("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + Wire.digest(content), as("alice"),
        "Content-Length: " + content.length, "Content-Type: application/octet-stream"));
  }

  private static void image(Wire wire, String repository, String tag, String[] blobs, String config) throws IOException {
    var layers = new ArrayList<String>();
    for (String digest : blobs) {
      layers.add(layer(digest));
    }
    byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + IMAGE + "\",\"config\":" + layer(config) + ",\"layers\":["
        + String.join(",", layers) + "]}").getBytes(StandardCharsets.UTF_8);
    wire.send(201, manifest, Wire.head("PUT", "/v2/" + repository + "/manifests/" + tag, as("alice"), "Content-Length: " + manifest.length,
        "Content-Type: " + IMAGE));
  }

  private static String layer(String digest) {
    return "{\"mediaType\":\"application/octet-stream\",\"digest\":\"" + digest + "\",\"size\":24}";
  }

  // --- measuring

  /** What eve asks of a blob; {@code number} is that of the blob within its set, so that all sets are asked the same. */
  private record Question(String name, String method, int status, Target target) {

    byte[] head(String digest, int number) {
      String length = method.equals("POST") ? "Content-Length: 0" : "Accept: */*";
      return Wire.head(method, target.of(digest, number), as("eve"), length);
    }
  }

  private interface Target {
    String of(String digest, int number);
  }

  private List<Question> questions() {
    String mount = "/v2/eve/app/blobs/uploads/?mount=";
    String open = repository(repositories - 1);
    return List.of(new Question("mount without origin", "POST", 202, (digest, _) -> mount + digest),
        new Question("mount from an origin that she may not read", "POST", 202,
            (digest, number) -> mount + digest + "&from=" + repository(number + 1)),
        new Question("mount from an origin that she may read", "POST", 202, (digest, _) -> mount + digest + "&from=" + open),
        new Question("HEAD of a blob", "HEAD", 404, (digest, _) -> "/v2/" + open + "/blobs/" + digest),
        new Question("GET of a blob", "GET", 404, (digest, _) -> "/v2/" + open + "/blobs/" + digest));
  }

  /** The same of a repository of which she may read a part. */
  private static List<Question> paddedQuestions() {
    String mount = "/v2/eve/app/blobs/uploads/?mount=";
    return List.of(
        new Question("mount from an origin of which she may read a part", "POST", 202, (digest, _) -> mount + digest + "&from=" + PART),
        new Question("HEAD of a blob, where she may read a part", "HEAD", 404, (digest, _) -> "/v2/" + PART + "/blobs/" + digest),
        new Question("GET of a blob, where she may read a part", "GET", 404, (digest, _) -> "/v2/" + PART + "/blobs/" + digest));
  }

  private boolean measure(int samples) throws Exception {
    System.out.println("| question | pair | means | difference | t | up to the 0.9 quantile | t |");
    System.out.println("|---|---|---|---|---|---|---|");
    boolean equal = true;
    Predicate<String> chosen = Pattern.compile(Objects.requireNonNullElse(System.getenv("TIMING_QUESTIONS"), "")).asPredicate();
    for (Question question : questions().stream().filter(question -> chosen.test(question.name)).toList()) {
      equal &= judge(question, times(question, digests, samples));
    }
    for (Question question : paddedQuestions().stream().filter(question -> chosen.test(question.name)).toList()) {
      equal &= judge(question, paddedTimes(question, Math.max(1, samples / FEWER / PADDED)));
    }
    return equal;
  }

  private static boolean judge(Question question, long[][] times) {
    boolean equal = true;
    double[][] all = Arrays.stream(times).map(set -> Arrays.stream(set).mapToDouble(time -> time / 1e3).toArray()).toArray(double[][]::new);
    double end = quantile(all);
    double[][] cropped = Arrays.stream(all).map(set -> Arrays.stream(set).filter(time -> time <= end).toArray()).toArray(double[][]::new);
    for (int other = 1; other < SETS.size(); other++) {
      var whole = new Welch(all[0], all[other]);
      var part = new Welch(cropped[0], cropped[other]);
      boolean differ = Math.abs(whole.t) >= LIMIT || Math.abs(part.t) >= LIMIT;
      equal &= !differ;
      System.out.printf(Locale.ROOT, "| %s | %s, %s | %.2f, %.2f µs | %+.3f | %+.2f | %+.3f | %+.2f%s |%n", question.name, SETS.getFirst(),
          SETS.get(other), whole.first, whole.second, whole.second - whole.first, whole.t, part.second - part.first, part.t,
          differ ? " **differ**" : "");
    }
    return equal;
  }

  private static double quantile(double[][] all) {
    double[] sorted = Arrays.stream(all).flatMapToDouble(Arrays::stream).sorted().toArray();
    return sorted[(int) (sorted.length * QUANTILE)];
  }

  private long[][] paddedTimes(Question question, int samples) throws Exception {
    long[][] all = new long[SETS.size()][samples * PADDED];
    try (var pool = Executors.newFixedThreadPool(PADDED)) {
      var running = IntStream.range(0, PADDED).mapToObj(_ -> pool.submit(() -> times(question, within, samples))).toList();
      for (int i = 0; i < PADDED; i++) {
        long[][] some = running.get(i).get();
        for (int set = 0; set < all.length; set++) {
          System.arraycopy(some[set], 0, all[set], i * samples, samples);
        }
      }
    }
    return all;
  }

  private long[][] times(Question question, String[][] asked, int samples) throws IOException {
    byte[][][] heads = new byte[SETS.size()][BLOBS][];
    for (int set = 0; set < SETS.size(); set++) {
      for (int i = 0; i < BLOBS; i++) {
        heads[set][i] = question.head(asked[set][i], i);
      }
    }
    int warm = asked == digests ? Math.max(2_000, samples / 10) : 100;
    long[][] times = new long[SETS.size()][samples];
    int[] order = IntStream.range(0, SETS.size()).toArray();
    try (var connection = new Connection(server)) {
      for (int round = -warm; round < samples; round++) {
        shuffle(order);
        int number = random.nextInt(BLOBS);
        for (int set : order) {
          long time = connection.time(heads[set][number], question.status, question.method.equals("HEAD"));
          if (round >= 0) {
            times[set][round] = time;
          }
          connection.cancel();
        }
      }
    }
    return times;
  }

  private void shuffle(int[] order) {
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
  }

  /** Welch's t of the difference of two means whose variances may differ. */
  private static final class Welch {

    private final double first;
    private final double second;
    private final double t;

    Welch(double[] one, double[] other) {
      first = Arrays.stream(one).average().orElseThrow();
      second = Arrays.stream(other).average().orElseThrow();
      t = (second - first) / Math.sqrt(variance(one, first) / one.length + variance(other, second) / other.length);
    }

    private static double variance(double[] values, double mean) {
      return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum() / (values.length - 1);
    }
  }

  /** One connection; every request is cancelled that has begun an upload, so that there are never more than one. */
  private static final class Connection implements AutoCloseable {

    private static final byte[] LOCATION = "\r\nlocation: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "\r\ncontent-length: ".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] head = new byte[8192];
    private int size;

    Connection(InetSocketAddress server) throws IOException {
      socket = Wire.socket(server, false, null, 0, "http/1.1");
      socket.setSoTimeout(60_000);
      in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      out = socket.getOutputStream();
    }

    long time(byte[] request, int expected, boolean isHead) throws IOException {
      long began = System.nanoTime();
      out.write(request);
      answer(isHead);
      long time = System.nanoTime() - began;
      int status = Integer.parseInt(new String(head, 9, 3, StandardCharsets.US_ASCII));
      if (status != expected) {
        throw new IOException("answered with " + status + " instead of " + expected);
      }
      return time;
    }

    private void answer(boolean isHead) throws IOException {
      size = 0;
      while (size < 4 || head[size - 1] != '\n' || head[size - 3] != '\n') {
        int next = in.read();
        if (next < 0) {
          throw new EOFException("the connection was closed");
        }
        head[size++] = (byte) next;
      }
      String length = field(LENGTH);
      in.skipNBytes(isHead || length == null ? 0 : Long.parseLong(length));
    }

    void cancel() throws IOException {
      String location = field(LOCATION);
      if (location != null) {
        out.write(Wire.head("DELETE", location, as("eve")));
        answer(false);
      }
    }

    private String field(byte[] name) {
      for (int at = 0; at + name.length < size; at++) {
        if (matches(name, at)) {
          int end = at + name.length;
          while (head[end] != '\r') {
            end++;
          }
          return new String(head, at + name.length, end - at - name.length, StandardCharsets.US_ASCII);
        }
      }
      return null;
    }

    private boolean matches(byte[] name, int at) {
      for (int i = 0; i < name.length; i++) {
        byte found = head[at + i];
        if ((found >= 'A' && found <= 'Z' ? found + 32 : found) != name[i]) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
