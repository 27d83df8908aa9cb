import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How long pulls and pushes take. `java Latencies.java HOST:PORT tcp|tls` reads lines of `SECONDS OPERATION=RATE…`, where an operation is one of
 *
 *   pull   a small manifest by its tag
 *   index  an index of about 100 KiB by its tag
 *   list   a page of 200 tags, about 20 KiB, made anew each time
 *   blob   a blob of 256 KiB
 *   push   a layer of 10 KiB, a config and a manifest
 *
 * <p>Each begins at its rate a second over eight connections, whatever the answers do, and its time counts from when it was due; the first second is
 * not measured. Prints for each `OPERATION p50 p99 count failures`, the times in microseconds, and an empty line behind the last. It is one process
 * for all lines, so that it is as warm for one as for the other.
 */
final class Latencies {

  private static final int WORKERS = 8;
  private static final String REPOSITORY = "latencies";
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private final InetSocketAddress server;
  private final boolean tls;
  private final AtomicLong pushes = new AtomicLong(System.nanoTime());
  private String blob = "";

  private Latencies(InetSocketAddress server, boolean tls) {
    this.server = server;
    this.tls = tls;
  }

  public static void main(String[] arguments) throws Exception {
    var latencies = new Latencies(Wire.address(arguments[0]), arguments[1].equals("tls"));
    if (!latencies.isSetUp()) {
      latencies.setUp();
    }
    var input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ");
      for (int i = 1; i < words.length; i++) {
        String[] operation = words[i].split("=");
        latencies.measure(operation[0], Integer.parseInt(operation[1]), Integer.parseInt(words[0]));
      }
      System.out.println();
    }
    System.exit(0);
  }

  private boolean isSetUp() throws IOException {
    byte[] content = new byte[256 * 1024];
    new Random(3).nextBytes(content);
    try (Wire wire = new Wire(server, tls, null)) {
      blob = wire.pushBlob(REPOSITORY, content);
      wire.get("/v2/" + REPOSITORY + "/manifests/index");
      return true;
    } catch (Wire.OtherStatus nothing) {
      return false;
    }
  }

  private void setUp() throws IOException {
    try (Wire wire = new Wire(server, tls, null)) {
      String manifest = push(wire, "small", 1);
      for (int i = 0; i < 200; i++) {
        wire.pushManifest(REPOSITORY, "a-tag-among-many" + "-with-a-long-name".repeat(5) + "-" + i, IMAGE, manifest);
      }
      String entry = "{\"mediaType\":\"" + IMAGE + "\",\"digest\":\"" + Wire.digest(manifest.getBytes()) + "\",\"size\":" + manifest.length()
          + ",\"annotations\":{\"org.example.words\":\"" + "word ".repeat(20) + "\"}}";
      wire.pushManifest(REPOSITORY, "index", INDEX,
          "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[" + (entry + ",").repeat(300) + entry + "]}");
    }
  }

  private static String push(Wire wire, String tag, long number) throws IOException {
    byte[] layer = new byte[10 * 1024];
    new Random(number).nextBytes(layer);
    String config = "{\"number\":" + number + "}";
    String layerDigest = wire.pushBlob(REPOSITORY, layer);
    String configDigest = wire.pushBlob(REPOSITORY, config.getBytes());
    String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + IMAGE + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
        + "\"digest\":\"" + configDigest + "\",\"size\":" + config.length() + "},\"layers\":[{\"mediaType\":"
        + "\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + layerDigest + "\",\"size\":" + layer.length + "}]}";
    wire.pushManifest(REPOSITORY, tag, IMAGE, manifest);
    return manifest;
  }

  private void perform(Wire wire, String operation) throws IOException {
    switch (operation) {
      case "pull" -> wire.get("/v2/" + REPOSITORY + "/manifests/small");
      case "index" -> wire.get("/v2/" + REPOSITORY + "/manifests/index");
      case "list" -> wire.get("/v2/" + REPOSITORY + "/tags/list?n=200");
      case "blob" -> wire.get("/v2/" + REPOSITORY + "/blobs/" + blob);
      case "push" -> push(wire, "pushed", pushes.incrementAndGet());
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private void measure(String operation, int rate, int seconds) throws InterruptedException {
    int all = rate * (seconds + 1);
    long[] times = new long[all];
    var next = new AtomicInteger();
    var failures = new AtomicInteger();
    long begin = System.nanoTime();
    Thread[] workers = new Thread[WORKERS];
    for (int w = 0; w < WORKERS; w++) {
      workers[w] = Thread.ofPlatform().start(() -> {
        Wire wire = null;
        for (int i = next.getAndIncrement(); i < all; i = next.getAndIncrement()) {
          long due = begin + i * 1_000_000_000L / rate;
          for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
            LockSupport.parkNanos(wait);
          }
          try {
            wire = wire == null ? new Wire(server, tls, null) : wire;
            perform(wire, operation);
          } catch (IOException e) {
            failures.incrementAndGet();
            System.err.println(operation + ": " + e);
            wire = null;
          }
          times[i] = (System.nanoTime() - due) / 1000;
        }
      });
    }
    for (Thread worker : workers) {
      worker.join();
    }
    long[] measured = Arrays.copyOfRange(times, rate, all);
    Arrays.sort(measured);
    System.out.println(operation + " " + measured[measured.length / 2] + " " + measured[measured.length * 99 / 100] + " " + measured.length + " "
        + failures);
  }
}
