import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/**
 * Whether failed logins of a name that somebody has and of one that nobody has can be told apart by the time they take. Asks for both in turns that a coin
 * decides, over one connection, each time from another address (the server has to trust this one as a proxy) and with another password, so that nothing is
 * throttled or remembered; then Welch's t of both, of all times and without the slowest tenth and half, in which a busy machine shows. Beyond 4.5 they can be told
 * apart, as they say who measure so.
 */
final class LoginTimes {

  private static final double LIMIT = 4.5;
  private static final int WARM = 200;

  private final URI registry;
  private final Random random = new Random(20261121);
  private Socket socket;
  private InputStream in;
  private int asked;

  private LoginTimes(URI registry) {
    this.registry = registry;
  }

  /** {@code REGISTRY SAMPLES KNOWN UNKNOWN [KNOWN UNKNOWN]…}; or {@code REGISTRY make TOKEN}, which makes accounts. */
  public static void main(String[] arguments) throws IOException {
    var times = new LoginTimes(URI.create(arguments[0]));
    if (arguments[1].equals("make")) {
      times.makeAccounts(arguments[2]);
      return;
    }
    boolean equal = true;
    for (int i = 2; i < arguments.length; i += 2) {
      equal &= times.compare(Integer.parseInt(arguments[1]), arguments[i], arguments[i + 1]);
    }
    System.exit(equal ? 0 : 1);
  }

  private void makeAccounts(String token) throws IOException {
    expect(201, call("POST", "/v2/_berth/setup", "", "{\"token\":\"" + token + "\",\"login\":\"alice\",\"password\":\"long enough\"}"));
    String alice = "Authorization: Basic " + basic("alice", "long enough") + "\r\n";
    expect(201, call("POST", "/v2/_berth/users", alice, "{\"login\":\"disabled\",\"password\":\"long enough\"}"));
    expect(200, call("PATCH", "/v2/_berth/users/disabled", alice, "{\"disabled\":true}"));
    expect(201, call("POST", "/v2/_berth/robots", alice, "{\"login\":\"robot\"}"));
  }

  private static void expect(int wanted, int status) {
    if (status != wanted) {
      throw new IllegalStateException("expected " + wanted + ", not " + status);
    }
  }

  private boolean compare(int samples, String known, String unknown) throws IOException {
    for (int i = 0; i < WARM; i++) {
      login(known);
      login(unknown);
    }
    var ofKnown = new ArrayList<Long>();
    var ofUnknown = new ArrayList<Long>();
    while (ofKnown.size() < samples || ofUnknown.size() < samples) {
      if (random.nextBoolean()) {
        ofKnown.add(login(known));
      } else {
        ofUnknown.add(login(unknown));
      }
    }
    double all = t(ofKnown, ofUnknown, 1.0);
    double most = t(ofKnown, ofUnknown, 0.9);
    double half = t(ofKnown, ofUnknown, 0.5);
    System.out.printf("%-10s %5d, median %8.3f ms   %-10s %5d, median %8.3f ms   |t| %.2f, of nine tenths %.2f, of the faster half %.2f%n", known,
        ofKnown.size(), median(ofKnown), unknown, ofUnknown.size(), median(ofUnknown), all, most, half);
    return Math.max(all, Math.max(most, half)) < LIMIT;
  }

  private static double median(List<Long> nanos) {
    return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElseThrow() / 1e6;
  }

  /** Welch's t of the times below the quantile of both together. */
  private static double t(List<Long> one, List<Long> other, double quantile) {
    var both = new ArrayList<>(one);
    both.addAll(other);
    both.sort(null);
    long most = both.get((int) Math.ceil(both.size() * quantile) - 1);
    double[] a = one.stream().filter(time -> time <= most).mapToDouble(Long::doubleValue).toArray();
    double[] b = other.stream().filter(time -> time <= most).mapToDouble(Long::doubleValue).toArray();
    return Math.abs(mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum() / (values.length - 1);
  }

  private static String basic(String user, String password) {
    return Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** Nanoseconds of a login that fails. */
  private long login(String user) throws IOException {
    String password = "wrong-%012x".formatted(random.nextLong() & 0xffffffffffffL);
    String fields = "Authorization: Basic " + basic(user, password) + "\r\nX-Forwarded-For: 10.%d.%d.%d\r\n".formatted(asked >> 16 & 255,
        asked >> 8 & 255, asked & 255);
    asked++;
    long begun = System.nanoTime();
    expect(401, call("GET", "/v2/", fields, ""));
    return System.nanoTime() - begun;
  }

  private int call(String method, String target, String fields, String body) throws IOException {
    if (socket == null) {
      socket = new Socket(registry.getHost(), registry.getPort());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(60_000);
      in = new BufferedInputStream(socket.getInputStream());
    }
    socket.getOutputStream().write((method + " " + target + " HTTP/1.1\r\nHost: registry.test\r\n" + fields
        + (body.isEmpty() ? "" : "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n") + "\r\n" + body)
        .getBytes(StandardCharsets.ISO_8859_1));
    String status = line();
    int length = 0;
    for (String field = line(); !field.isEmpty(); field = line()) {
      if (field.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(field.substring(15).strip());
      }
    }
    in.readNBytes(length);
    return Integer.parseInt(status.substring(9, 12));
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }
}
