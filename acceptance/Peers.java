import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many peers of a registry at once, on plain sockets. `java Peers.java`
 *
 *   uploads HOST:PORT COUNT BYTES     pushes so many blobs at the same time, each in one request
 *   manifests HOST:PORT COUNT BYTES   pushes so many manifests of that size, as costly to parse as can be, at the same time
 *   downloads HOST:PORT COUNT BYTES SECONDS
 *                                     pulls one blob of that size so many times at once, over that time, and checks what came
 *
 * Prints one line with what became of them; succeeds if all that should have worked did.
 */
final class Peers {

  private static final String REPOSITORY = "/v2/peers";
  private static final int PIECE = 64 * 1024;
  private static final int CLIENTS = 200;

  private final InetSocketAddress server;

  private Peers(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    this.server = new InetSocketAddress(hostAndPort.substring(0, colon), Integer.parseInt(hostAndPort.substring(colon + 1)));
  }

  public static void main(String[] arguments) throws Exception {
    var peers = new Peers(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    long began = System.nanoTime();
    boolean well = switch (arguments[0]) {
      case "uploads" -> peers.uploads(count, Integer.parseInt(arguments[3]));
      case "manifests" -> peers.manifests(count, Integer.parseInt(arguments[3]));
      case "downloads" -> peers.downloads(count, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
      default -> throw new IllegalArgumentException(arguments[0]);
    };
    System.out.printf("%.1f s%n", (System.nanoTime() - began) / 1e9);
    System.exit(well ? 0 : 1);
  }

  // --- uploads

  /** A blob that differs from its neighbours in its first bytes. */
  private static byte[] blob(int number, byte[] common) {
    byte[] head = common.clone();
    ByteBuffer.wrap(head).putInt(number);
    return head;
  }

  private boolean uploads(int count, int bytes) throws Exception {
    byte[] common = new byte[PIECE];
    new Random(1).nextBytes(common);
    var statuses = new Statuses();
    CountDownLatch begun = new CountDownLatch(count);
    run(count, number -> {
      byte[] head = blob(number, common);
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(head, 0, Math.min(bytes, PIECE));
      for (int done = PIECE; done < bytes; done += PIECE) {
        hash.update(common, 0, Math.min(PIECE, bytes - done));
      }
      String digest = "sha256:" + HexFormat.of().formatHex(hash.digest());
      try (Socket socket = connect(number)) {
        OutputStream out = socket.getOutputStream();
        out.write(request("POST", REPOSITORY + "/blobs/uploads/?digest=" + digest, "Content-Length: " + bytes));
        out.write(head, 0, Math.min(bytes, PIECE));
        begun.countDown();
        begun.await(); // so that all are there at the same time
        for (int done = PIECE; done < bytes; done += PIECE) {
          out.write(common, 0, Math.min(PIECE, bytes - done));
        }
        statuses.add(status(socket));
      } catch (IOException e) {
        begun.countDown();
        statuses.add(e);
      }
    });
    System.out.printf("uploads=%d bytes=%d %s ", count, bytes, statuses);
    return statuses.only(201);
  }

  private boolean manifests(int count, int bytes) throws Exception {
    byte[] manifest = costly(bytes);
    var statuses = new Statuses();
    CountDownLatch begun = new CountDownLatch(count);
    run(count, number -> {
      try (Socket socket = connect(number)) {
        OutputStream out = socket.getOutputStream();
        out.write(request("PUT", REPOSITORY + "/manifests/m" + number, "Content-Length: " + manifest.length,
            "Content-Type: application/vnd.example.costly.v1+json"));
        out.write(manifest, 0, manifest.length / 2);
        begun.countDown();
        begun.await();
        try {
          out.write(manifest, manifest.length / 2, manifest.length - manifest.length / 2);
        } catch (IOException refused) {
          // the answer is there all the same
        }
        statuses.add(status(socket));
      } catch (IOException e) {
        begun.countDown();
        statuses.add(e);
      }
    });
    System.out.printf("manifests=%d bytes=%d %s ", count, manifest.length, statuses);
    return statuses.only(201, 429, 503) && statuses.count(201) > 0;
  }

  /** JSON that takes many times its size when it is understood, as much as is let pass. */
  private static byte[] costly(int bytes) {
    String objects = "{},".repeat(Math.min(240_000, bytes / 6));
    String begin = "{\"x\":[" + objects + "{}],\"y\":\"";
    return (begin + "z".repeat(bytes - begin.length() - 2) + "\"}").getBytes(StandardCharsets.US_ASCII);
  }

  // --- downloads

  private boolean downloads(int count, int bytes, int seconds) throws Exception {
    byte[] common = new byte[bytes];
    new Random(2).nextBytes(common);
    String digest = "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(common));
    try (Socket socket = connect(0)) {
      socket.getOutputStream().write(request("POST", REPOSITORY + "/blobs/uploads/?digest=" + digest, "Content-Length: " + bytes));
      socket.getOutputStream().write(common);
      if (status(socket) != 201) {
        throw new IOException("the blob can't be pushed");
      }
    }
    var statuses = new Statuses();
    run(count, number -> {
      try (Socket socket = connect(number)) {
        socket.getOutputStream().write(request("GET", REPOSITORY + "/blobs/" + digest));
        InputStream in = new BufferedInputStream(socket.getInputStream(), 4096);
        int status = Integer.parseInt(line(in).substring(9, 12));
        while (!line(in).isEmpty()) {
          // the fields do not matter
        }
        MessageDigest hash = MessageDigest.getInstance("SHA-256");
        byte[] piece = new byte[PIECE];
        long begun = System.nanoTime();
        for (long read = 0; read < bytes;) {
          int some = in.read(piece);
          if (some < 0) {
            throw new EOFException();
          }
          hash.update(piece, 0, some);
          read += some;
          long due = (long) (seconds * 1e9 * read / bytes) - (System.nanoTime() - begun);
          if (due > 0) {
            Thread.sleep(due / 1_000_000);
          }
        }
        statuses.add(("sha256:" + HexFormat.of().formatHex(hash.digest())).equals(digest) ? status : -1);
      } catch (IOException e) {
        statuses.add(e);
      }
    });
    System.out.printf("downloads=%d bytes=%d %s ", count, bytes, statuses);
    return statuses.only(200);
  }

  // --- what all share

  private interface Task {
    void run(int number) throws Exception;
  }

  private static void run(int count, Task task) throws InterruptedException, ExecutionException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        futures.add(threads.submit((Callable<?>) () -> {
          task.run(number);
          return null;
        }));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    }
  }

  /** From several addresses of this machine, so that they are several clients to the server. */
  private Socket connect(int number) throws IOException {
    Socket socket = new Socket();
    if (server.getAddress().isLoopbackAddress()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.1." + (1 + number / CLIENTS % 250)), 0));
    }
    socket.setReceiveBufferSize(PIECE);
    socket.connect(server, 30_000);
    return socket;
  }

  private static byte[] request(String method, String target, String... fields) {
    var text = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: registry\r\n");
    for (String field : fields) {
      text.append(field).append("\r\n");
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static int status(Socket socket) throws IOException {
    return Integer.parseInt(line(socket.getInputStream()).substring(9, 12));
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended");
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.US_ASCII).strip();
  }

  /** How often each status came. */
  private static final class Statuses {

    private final java.util.concurrent.ConcurrentSkipListMap<String, AtomicInteger> counts =
        new java.util.concurrent.ConcurrentSkipListMap<>();
    private final AtomicLong failures = new AtomicLong();

    void add(int status) {
      counts.computeIfAbsent(Integer.toString(status), _ -> new AtomicInteger()).incrementAndGet();
    }

    void add(IOException failure) {
      failures.incrementAndGet();
      counts.computeIfAbsent(String.valueOf(failure.getMessage()).replace(' ', '-'), _ -> new AtomicInteger()).incrementAndGet();
    }

    int count(int status) {
      AtomicInteger count = counts.get(Integer.toString(status));
      return count == null ? 0 : count.get();
    }

    boolean only(int... statuses) {
      int expected = 0;
      for (int status : statuses) {
        expected += count(status);
      }
      return failures.get() == 0 && expected == counts.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    @Override
    public String toString() {
      return "answers=" + counts;
    }
  }
}
