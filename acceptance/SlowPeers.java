import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;

/**
 * Holds slow connections of several kinds to a registry. `java SlowPeers.java HOST:PORT COUNT tcp|tls` is told on its input when to `hold` them, and says
 * HOLDING when all are there, and when to `release` them, and says how often one was cut off.
 *
 * <p>A seventh each is silent, sends a head in crumbs, the body of a manifest, the body of a blob, asks for an index of 100 KiB, a list or
 * something small again and again without reading, takes a blob in crumbs, and takes four of them in crumbs over HTTP/2. Each moves once a second, and
 * they do so one after the other, evenly spread over it, as peers do that know nothing of each other. Who is cut off comes again a second later.
 */
final class SlowPeers {

  private static final int KINDS = 7;
  private static final int STREAMS = 4;
  private static final int CLIENTS = 200; // connections from one address
  private static final int BLOB = 16 << 20;
  private static final long SECOND = 1_000_000_000;
  private static final List<String> UNREAD = List.of("/v2/", "/v2/latencies/manifests/index", "/v2/latencies/tags/list?n=200");

  private final InetSocketAddress server;
  private final boolean tls;
  private final String blob;
  private final int count;
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();

  private SlowPeers(InetSocketAddress server, int count, boolean tls) throws Exception {
    this.server = server;
    this.count = count;
    this.tls = tls;
    try (Wire wire = new Wire(server, tls, null)) {
      this.blob = "/v2/slow/blobs/" + wire.pushBlob("slow", new byte[BLOB]);
    }
  }

  public static void main(String[] arguments) throws Exception {
    var peers = new SlowPeers(Wire.address(arguments[0]), Integer.parseInt(arguments[1]), arguments[2].equals("tls"));
    List<Thread> threads = List.of();
    var input = new BufferedReader(new InputStreamReader(System.in));
    for (String word = input.readLine(); word != null; word = input.readLine()) {
      if (word.equals("hold")) {
        threads = peers.hold();
        System.out.println("HOLDING " + peers.count);
      } else {
        peers.release(threads);
        System.out.println("held=" + peers.count + " cut=" + peers.cuts.getAndSet(0) + " not-let-in=" + peers.refused.getAndSet(0));
      }
    }
    System.exit(0);
  }

  private List<Thread> hold() throws InterruptedException {
    over.set(false);
    var begun = new CountDownLatch(count);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      threads.add(Thread.ofVirtual().start(() -> hold(number, begun)));
    }
    begun.await();
    return threads;
  }

  private void release(List<Thread> threads) throws InterruptedException {
    over.set(true);
    for (Thread thread : threads) {
      thread.interrupt(); // which closes its socket
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void hold(int number, CountDownLatch begun) {
    boolean counted = false;
    try {
      while (!over.get()) {
        boolean inside = false;
        try (Socket socket = connect(number)) {
          Crumbs crumbs = begin(number, socket);
          inside = true;
          if (!counted) {
            counted = true;
            begun.countDown();
          }
          while (!over.get()) {
            untilItsTurn(number);
            crumbs.next();
          }
        } catch (IOException e) {
          if (!over.get()) {
            (inside ? cuts : refused).incrementAndGet();
          }
        }
        Thread.sleep(1000);
      }
    } catch (InterruptedException e) {
      // released
    }
  }

  /** Each has a moment of its own in every second. */
  private void untilItsTurn(int number) throws InterruptedException {
    long turn = SECOND * number / count;
    long now = System.nanoTime();
    TimeUnit.NANOSECONDS.sleep(SECOND - Math.floorMod(now - turn, SECOND));
  }

  /** From several addresses of this machine, so that they are several clients to the server. */
  private Socket connect(int number) throws IOException {
    Socket socket = Wire.socket(server, tls, InetAddress.getByName("127.0.1." + (1 + number / CLIENTS % 250)), 8 * 1024,
        number % KINDS == 6 ? "h2" : "http/1.1");
    socket.setSoTimeout(120_000);
    if (socket instanceof SSLSocket secured && number % KINDS != 0) {
      secured.startHandshake();
    }
    return socket;
  }

  private interface Crumbs {
    void next() throws IOException;
  }

  private Crumbs begin(int number, Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    InputStream in = socket.getInputStream();
    return switch (number % KINDS) {
      case 0 -> () -> {
      };
      case 1 -> {
        out.write("GET /v2/ HTTP/1.1\r\nHost: h\r\n".getBytes(StandardCharsets.US_ASCII));
        yield () -> out.write("X: y\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      case 2 -> {
        out.write(Wire.head("PUT", "/v2/slow/manifests/slow", "Content-Length: 4000000",
            "Content-Type: application/vnd.oci.image.index.v1+json"));
        yield () -> out.write(new byte[1500]);
      }
      case 3 -> {
        out.write(Wire.head("POST", "/v2/slow/blobs/uploads/?digest=sha256:" + "0".repeat(64), "Content-Length: 100000000"));
        yield () -> out.write(new byte[1500]);
      }
      case 4 -> {
        String target = UNREAD.get(number / KINDS % UNREAD.size());
        yield () -> out.write(Wire.head("GET", target));
      }
      case 5 -> {
        out.write(Wire.head("GET", blob));
        yield () -> crumb(in, 2000);
      }
      default -> streams(in, out);
    };
  }

  private static void crumb(InputStream in, int bytes) throws IOException {
    if (in.readNBytes(bytes).length < bytes) {
      throw new IOException("the end");
    }
  }

  /** HTTP/2: windows of nothing, which grow by crumbs. */
  private Crumbs streams(InputStream in, OutputStream out) throws IOException {
    var begin = new ByteArrayOutputStream();
    begin.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    begin.writeBytes(frame(4, 0, 0, new byte[] {0, 4, 0, 0, 0, 0}));
    begin.writeBytes(frame(4, 1, 0));
    byte[] head = fields(":method", "GET", ":scheme", tls ? "https" : "http", ":path", blob, ":authority", "registry");
    for (int i = 0; i < STREAMS; i++) {
      begin.writeBytes(frame(1, 5, 2 * i + 1, head));
    }
    out.write(begin.toByteArray());
    return () -> {
      var grow = new ByteArrayOutputStream();
      grow.writeBytes(frame(8, 0, 0, new byte[] {0, 0, 8, 0}));
      for (int i = 0; i < STREAMS; i++) {
        grow.writeBytes(frame(8, 0, 2 * i + 1, new byte[] {0, 0, 2, 0}));
      }
      out.write(grow.toByteArray());
      crumb(in, 1500); // of 4 * 512 and more
    };
  }

  private static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length).put((byte) (payload.length >> 16)).putShort((short) payload.length).put((byte) type)
        .put((byte) flags).putInt(stream).put(payload).array();
  }

  /** Neither indexed nor compressed (RFC 7541, section 6.2.2). */
  private static byte[] fields(String... namesAndValues) {
    var block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i++) {
      if (i % 2 == 0) {
        block.write(0);
      }
      byte[] text = namesAndValues[i].getBytes(StandardCharsets.US_ASCII);
      block.write(text.length); // less than 127
      block.writeBytes(text);
    }
    return block.toByteArray();
  }
}
