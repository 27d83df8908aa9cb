import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** One kept connection of HTTP/1.1 to a registry, in clear text or over TLS that trusts everybody, and what is pushed over it. For one thread. */
final class Wire implements AutoCloseable {

  private static final SSLContext TLS = trusting();

  /** Another status than the one that should have come. */
  static final class OtherStatus extends IOException {
    private static final long serialVersionUID = 1;

    OtherStatus(String words) {
      super(words);
    }
  }

  private final Socket socket;
  private final InputStream in;
  private int length;
  private long received;
  private String link = "";

  /** {@code own} is the address it comes from; {@code null} leaves that to the system. */
  Wire(InetSocketAddress server, boolean tls, InetAddress own) throws IOException {
    socket = socket(server, tls, own, 0, "http/1.1");
    socket.setSoTimeout(60_000);
    in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
  }

  static InetSocketAddress address(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    return new InetSocketAddress(hostAndPort.substring(0, colon), Integer.parseInt(hostAndPort.substring(colon + 1)));
  }

  static Socket socket(InetSocketAddress server, boolean tls, InetAddress own, int buffer, String protocol) throws IOException {
    Socket socket = tls ? TLS.getSocketFactory().createSocket() : new Socket();
    socket.bind(own == null ? null : new InetSocketAddress(own, 0));
    if (buffer > 0) {
      socket.setReceiveBufferSize(buffer);
    }
    socket.connect(server, 60_000);
    socket.setTcpNoDelay(true);
    if (socket instanceof SSLSocket secured) {
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {protocol});
      secured.setSSLParameters(parameters);
    }
    return socket;
  }

  static byte[] head(String method, String target, String... fields) {
    var text = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: registry\r\n");
    for (String field : fields) {
      text.append(field).append("\r\n");
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  static String digest(byte[] content) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One request and its whole answer, which must have this status; returns the length of its body. */
  int send(int expected, byte[] body, byte[] head) throws IOException {
    String status = answer(body, head);
    in.skipNBytes(length);
    received += length;
    return checked(expected, status, length);
  }

  /** A {@code HEAD}; returns the length that the body would have. */
  int head(int expected, byte[] head) throws IOException {
    return checked(expected, answer(new byte[0], head), length);
  }

  /** As {@link #send}; returns the body. */
  byte[] answer(int expected, byte[] body, byte[] head) throws IOException {
    String status = answer(body, head);
    byte[] answer = in.readNBytes(length);
    received += length;
    checked(expected, status, length);
    return answer;
  }

  /** Of the last answer; empty if it had none. */
  String link() {
    return link;
  }

  /** Bytes of all bodies so far. */
  long received() {
    return received;
  }

  /** Sends a request and reads what comes before the body. */
  private String answer(byte[] body, byte[] head) throws IOException {
    var whole = new ByteArrayOutputStream(head.length + body.length);
    whole.writeBytes(head);
    whole.writeBytes(body);
    socket.getOutputStream().write(whole.toByteArray());
    String status = line();
    length = 0;
    link = "";
    for (String field = line(); !field.isEmpty(); field = line()) {
      String name = field.toLowerCase(Locale.ROOT);
      if (name.startsWith("content-length:")) {
        length = Integer.parseInt(field.substring(15).strip());
      } else if (name.startsWith("link:")) {
        link = field.substring(5).strip();
      }
    }
    return status;
  }

  private static int checked(int expected, String status, int length) throws OtherStatus {
    if (!status.startsWith("HTTP/1.1 " + expected)) {
      throw new OtherStatus(status + " instead of " + expected);
    }
    return length;
  }

  int get(String target) throws IOException {
    return send(200, new byte[0], head("GET", target));
  }

  /** In one request; returns its digest. */
  String pushBlob(String repository, byte[] content) throws IOException {
    String digest = digest(content);
    send(201, content, head("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + digest, "Content-Length: " + content.length,
        "Content-Type: application/octet-stream"));
    return digest;
  }

  void pushManifest(String repository, String tag, String type, String manifest) throws IOException {
    byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
    send(201, bytes, head("PUT", "/v2/" + repository + "/manifests/" + tag, "Content-Length: " + bytes.length, "Content-Type: " + type));
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended");
      }
      line.append((char) b);
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static SSLContext trusting() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
          // nobody asks
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
          // the server is ours
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
          return new X509Certificate[0];
        }
      }}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
