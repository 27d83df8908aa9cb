import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;

/**
 * Holds slow connections of several kinds to a registry until its input ends. `java SlowPeers.java HOST:PORT COUNT tcp|tls`
 *
 * <p>A seventh each is silent, sends a head in crumbs, the body of a manifest, the body of a blob, asks now and then without reading, takes a blob in
 * crumbs, and takes four of them in crumbs over HTTP/2. Who is cut off comes again a second later. Says HOLDING when all are there, and in the end
 * how often one was cut off.
 */
final class SlowPeers {

  private static final int KINDS = 7;
  private static final int STREAMS = 4;
  private static final int CLIENTS = 200; // connections from one address
  private static final int BLOB = 16 << 20;

  private final InetSocketAddress server;
  private final boolean tls;
  private final String blob;
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();

  private SlowPeers(InetSocketAddress server, boolean tls) throws Exception {
    this.server = server;
    this.tls = tls;
    try (Wire wire = new Wire(server, tls, null)) {
      this.blob = "/v2/slow/blobs/" + wire.pushBlob("slow", new byte[BLOB]);
    }
  }

  public static void main(String[] arguments) throws Exception {
    var peers = new SlowPeers(Wire.address(arguments[0]), arguments[2].equals("tls"));
    int count = Integer.parseInt(arguments[1]);
    var begun = new CountDownLatch(count);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      threads.add(Thread.ofVirtual().start(() -> peers.hold(number, begun)));
    }
    begun.await();
    System.out.println("HOLDING " + count);
    while (System.in.read() >= 0) {
      // until it ends
    }
    peers.over.set(true);
    System.out.println("held=" + count + " cut=" + peers.cuts + " not-let-in=" + peers.refused);
    System.exit(0);
  }

  private void hold(int number, CountDownLatch begun) {
    boolean counted = false;
    while (!over.get()) {
      boolean inside = false;
      try (Socket socket = connect(number)) {
        Crumbs crumbs = begin(number % KINDS, socket);
        inside = true;
        if (!counted) {
          counted = true;
          begun.countDown();
        }
        while (!over.get()) {
          Thread.sleep(1000);
          crumbs.next();
        }
      } catch (IOException e) {
        (inside ? cuts : refused).incrementAndGet();
      } catch (InterruptedException e) {
        return;
      }
      try {
        Thread.sleep(1000);
      } catch (InterruptedException e) {
        return;
      }
    }
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

  private Crumbs begin(int kind, Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    InputStream in = socket.getInputStream();
    return switch (kind) {
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
      case 4 -> () -> out.write(Wire.head("GET", "/v2/"));
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
