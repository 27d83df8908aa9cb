import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * One client of {@code acceptance/torture}: a process that pushes in every way there is, mounts, moves tags and deletes, until its input ends.
 * Before each request that changes something it writes a line with the effects that this may have, after the answer one that says that they
 * are acknowledged. When the server does not answer it says so, and rests until it is told to go on; an upload that broke off goes on then.
 *
 * <pre>
 * I number key=value;key=value    about to ask; the keys and values are explained at {@link Torture}
 * A number                        acknowledged
 * L words                         what was acknowledged of an unfinished upload is gone
 * E words                         an answer that nobody expects
 * P                               no answer; resting
 * </pre>
 *
 * {@code java Pusher URL NUMBER SEED}
 */
final class Pusher {

  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String SHARED = "torture/shared";
  private static final int KEPT = 200;

  private record Blob(String repository, String digest, int size) {
    String effect() {
      return "b " + repository + " " + digest + "=" + size;
    }

    String descriptor(String type) {
      return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }
  }

  private record Image(String repository, String digest, byte[] bytes, String blobs, String tag, List<String> tags) {}

  /** An upload that broke off, and how much of it was acknowledged. */
  private static final class Unfinished {
    private final String repository;
    private final byte[] content;
    private final String location;
    private int acknowledged;
    private boolean closing;

    Unfinished(String repository, byte[] content, String location) {
      this.repository = repository;
      this.content = content;
      this.location = location;
    }
  }

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
  private final String url;
  private final Random random;
  private final String own;
  private final List<Blob> loose = new ArrayList<>();
  private final List<Image> images = new ArrayList<>();
  private final List<Image> shared = new ArrayList<>();
  private Unfinished unfinished;
  private int number;
  private int tags;

  private Pusher(String url, int client, long seed) {
    this.url = url;
    this.random = new Random(seed * 1_000 + client);
    this.own = "torture/c" + client + "/";
  }

  public static void main(String[] arguments) throws Exception {
    var pusher = new Pusher(arguments[0], Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
    var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (orders.readLine() != null) {
      try {
        while (true) {
          pusher.step();
        }
      } catch (IOException e) {
        System.out.println("P");
      }
    }
  }

  private void step() throws IOException, InterruptedException {
    if (unfinished != null) {
      resume();
      return;
    }
    int dice = random.nextInt(100);
    if (dice < 20) {
      remember(monolithic(repository(), content()));
    } else if (dice < 30) {
      remember(atOnce(repository(), content()));
    } else if (dice < 50) {
      chunked();
    } else if (dice < 70) {
      image();
    } else if (dice < 85) {
      moveShared();
    } else if (dice < 90) {
      mount();
    } else {
      delete();
    }
  }

  // --- pushing -------------------------------------------------------------------------------------------------------

  private String repository() {
    return own + (random.nextBoolean() ? "a" : "b");
  }

  private byte[] content() {
    int dice = random.nextInt(10);
    byte[] content = new byte[1 + random.nextInt(dice < 6 ? 8_000 : dice < 9 ? 100_000 : 600_000)];
    random.nextBytes(content);
    return content;
  }

  private Blob monolithic(String repository, byte[] content) throws IOException, InterruptedException {
    String location = open(repository);
    var blob = new Blob(repository, digest(content), content.length);
    changing(blob.effect(), 201, "PUT", location + "?digest=" + blob.digest, null, BodyPublishers.ofByteArray(content));
    return blob;
  }

  private Blob atOnce(String repository, byte[] content) throws IOException, InterruptedException {
    var blob = new Blob(repository, digest(content), content.length);
    changing(blob.effect(), 201, "POST", "/v2/" + repository + "/blobs/uploads/?digest=" + blob.digest, null,
        BodyPublishers.ofByteArray(content));
    return blob;
  }

  private String open(String repository) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = send("POST", "/v2/" + repository + "/blobs/uploads/", null, BodyPublishers.noBody());
    expect(answer, 202);
    return answer.headers().firstValue("Location").orElseThrow(() -> new IOException("no Location"));
  }

  private void chunked() throws IOException, InterruptedException {
    byte[] content = new byte[20_000 + random.nextInt(1_000_000)];
    random.nextBytes(content);
    String repository = repository();
    unfinished = new Unfinished(repository, content, open(repository));
    goOn(0);
  }

  /**
   * Asks how far it came; the answer may be anything from what was acknowledged to what was sent. Where the closing request had no answer, the
   * bytes may have become a blob that nobody was told of, and the upload begins anew.
   */
  private void resume() throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = send("GET", unfinished.location, null, BodyPublishers.noBody());
    if (answer.statusCode() == 404 && unfinished.closing) {
      unfinished = null; // whether the blob is there is looked at by who has read the effects
      return;
    }
    if (answer.statusCode() != 204) {
      System.out.println("L upload of " + unfinished.acknowledged + " bytes: status " + answer.statusCode());
      unfinished = null;
      return;
    }
    int there = received(answer);
    if (there < unfinished.acknowledged && !(unfinished.closing && there == 0)) {
      System.out.println("L upload: " + unfinished.acknowledged + " bytes were acknowledged, " + there + " are there");
    }
    unfinished.acknowledged = there;
    unfinished.closing &= there > 0; // it begins anew
    goOn(there);
  }

  /** A range of 0-0 means nothing or one byte. */
  private static int received(HttpResponse<byte[]> answer) {
    String range = answer.headers().firstValue("Range").orElse("0-0");
    return range.equals("0-0") && answer.statusCode() != 416 ? 0 : Integer.parseInt(range.substring(2)) + 1;
  }

  private void goOn(int from) throws IOException, InterruptedException {
    Unfinished upload = unfinished;
    int at = from;
    while (at < upload.content.length) {
      int end = Math.min(upload.content.length, at + 10_000 + random.nextInt(300_000));
      byte[] chunk = Arrays.copyOfRange(upload.content, at, end);
      if (random.nextInt(20) == 0) {
        breakOff(at + "-" + (end - 1), chunk);
        return; // the next step resumes
      }
      HttpResponse<byte[]> answer = send("PATCH", upload.location, at + "-" + (end - 1), BodyPublishers.ofByteArray(chunk));
      if (answer.statusCode() == 416) { // what was sent before the connection broke has arrived since
        at = received(answer);
        continue;
      }
      expect(answer, 202);
      at = end;
      upload.acknowledged = end;
    }
    var blob = new Blob(upload.repository, digest(upload.content), upload.content.length);
    upload.closing = true;
    changing(blob.effect(), 201, "PUT", upload.location + "?digest=" + blob.digest, null, BodyPublishers.noBody());
    unfinished = null;
    remember(blob);
  }

  /** Sends half of a chunk, then closes the connection. It says where it belongs, so that it can't be taken behind what is sent next. */
  private void breakOff(String range, byte[] chunk) throws InterruptedException {
    InputStream half = new ByteArrayInputStream(chunk, 0, chunk.length / 2) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        int read = super.read(into, offset, Math.min(length, 4096));
        if (read < 0) {
          throw new IllegalStateException("on purpose");
        }
        return read;
      }
    };
    try {
      var _ = send("PATCH", unfinished.location, range, BodyPublishers.ofInputStream(() -> half));
    } catch (IOException | RuntimeException _) {
      // as it should be, or the server is gone, which the next request finds out
    }
  }

  private void image() throws IOException, InterruptedException {
    String repository = repository();
    Blob config = atOnce(repository, content());
    List<Blob> layers = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      layers.add(monolithic(repository, content()));
    }
    put(repository, config, layers, "v" + ++tags, "t", images);
  }

  private void put(String repository, Blob config, List<Blob> layers, String tag, String kind, List<Image> into)
      throws IOException, InterruptedException {
    String document = "{\"schemaVersion\":2,\"mediaType\":\"" + IMAGE + "\",\"config\":" + config.descriptor(CONFIG) + ",\"layers\":["
        + layers.stream().map(layer -> layer.descriptor(LAYER)).collect(Collectors.joining(",")) + "]}";
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    List<String> blobs = new ArrayList<>(List.of(config.digest));
    layers.forEach(layer -> blobs.add(layer.digest));
    var image = new Image(repository, digest(bytes), bytes, String.join(",", blobs), tag, new ArrayList<>(List.of(tag)));
    put(image, tag, kind);
    into.add(image);
    if (into.size() > KEPT) {
      into.removeFirst();
    }
  }

  private void put(Image image, String tag, String kind) throws IOException, InterruptedException {
    changing("m " + image.repository + " " + image.digest + "=" + image.blobs + ";" + kind + " " + image.repository + " " + tag + "="
        + image.digest, 201, "PUT", "/v2/" + image.repository + "/manifests/" + tag, null, BodyPublishers.ofByteArray(image.bytes));
  }

  /** Everyone moves the same few tags, to new images and back to old ones. */
  private void moveShared() throws IOException, InterruptedException {
    String tag = "s" + random.nextInt(3);
    if (!shared.isEmpty() && random.nextBoolean()) {
      put(shared.get(random.nextInt(shared.size())), tag, "s");
    } else {
      put(SHARED, atOnce(SHARED, content()), List.of(), tag, "s", shared);
    }
  }

  private void mount() throws IOException, InterruptedException {
    if (loose.isEmpty()) {
      return;
    }
    Blob blob = loose.get(random.nextInt(loose.size()));
    var mounted = new Blob(own + "mounted", blob.digest, blob.size);
    changing(mounted.effect(), 201, "POST",
        "/v2/" + mounted.repository + "/blobs/uploads/?mount=" + blob.digest + "&from=" + blob.repository, null, BodyPublishers.noBody());
  }

  private void delete() throws IOException, InterruptedException {
    int dice = random.nextInt(3);
    if (dice == 0 && !loose.isEmpty()) {
      Blob blob = loose.remove(random.nextInt(loose.size()));
      changing("b " + blob.repository + " " + blob.digest + "=-", 202, "DELETE", "/v2/" + blob.repository + "/blobs/" + blob.digest, null,
          BodyPublishers.noBody());
    } else if (dice == 1 && !images.isEmpty()) {
      Image image = images.remove(random.nextInt(images.size()));
      // the tag goes along, also where nobody knows whether an earlier removal of it took place
      String effects = "m " + image.repository + " " + image.digest + "=-;t " + image.repository + " " + image.tag + "=-";
      changing(effects, 202, "DELETE", "/v2/" + image.repository + "/manifests/" + image.digest, null, BodyPublishers.noBody());
    } else if (dice == 2 && !images.isEmpty()) {
      Image image = images.get(random.nextInt(images.size()));
      if (!image.tags.isEmpty()) {
        String tag = image.tags.removeFirst();
        changing("t " + image.repository + " " + tag + "=-", 202, "DELETE", "/v2/" + image.repository + "/manifests/" + tag, null,
            BodyPublishers.noBody());
      }
    }
  }

  private void remember(Blob blob) {
    loose.add(blob);
    if (loose.size() > KEPT) {
      loose.removeFirst();
    }
  }

  // --- asking --------------------------------------------------------------------------------------------------------

  private void changing(String effects, int status, String method, String path, String range, BodyPublisher body)
      throws IOException, InterruptedException {
    int mine = ++number;
    System.out.println("I " + mine + " " + effects);
    expect(send(method, path, range, body), status);
    System.out.println("A " + mine);
  }

  private HttpResponse<byte[]> send(String method, String path, String range, BodyPublisher body) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30)).method(method, body);
    if (method.equals("PUT") && path.contains("/manifests/")) {
      request.header("Content-Type", IMAGE);
    }
    if (range != null) {
      request.header("Content-Range", range);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static void expect(HttpResponse<byte[]> answer, int status) throws IOException {
    if (answer.statusCode() != status) {
      System.out.println("E " + answer.request().method() + " " + answer.uri().getPath() + ": " + answer.statusCode() + " "
          + new String(answer.body(), StandardCharsets.UTF_8).replaceAll("\\s+", " "));
      throw new IOException("an answer that nobody expects");
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
