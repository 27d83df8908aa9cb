import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The judge of {@code acceptance/torture}: starts the server and the {@link Pusher} processes, kills the server at random instants, starts it
 * again, and compares what is served with what was acknowledged. A key names something that is there or not, with a value:
 *
 * <pre>
 * b repository digest = size               a blob that a repository holds
 * m repository digest = digest,digest      a manifest, and the blobs it needs
 * t repository tag = digest                a tag that one client alone moves
 * s repository tag = digest                a tag that all of them move
 * </pre>
 *
 * A value of {@code -} means that it is not there. A request whose answer never came may have had its effect or not; what is found then, holds.
 *
 * {@code java Torture SERVER-COMMAND DATA PORT KILLS CLIENTS SEED WORK SELF-TEST [OPTION OF THE SERVER…]}
 */
final class Torture {

  private static final String ABSENT = "-";
  private static final int SAMPLE = 60;
  private static final int SHOWN = 20;

  /** What may be found under a key that one client alone changes. */
  private static final class State {
    private String acknowledged = ABSENT;
    private final Set<String> doubt = new LinkedHashSet<>();
  }

  /** A move of a shared tag, from the request to its answer or, if there was none, to the kill. */
  private static final class Move {
    private final String value;
    private final long begin;
    private long end = Long.MAX_VALUE;
    private boolean acknowledged;

    Move(String value, long begin) {
      this.value = value;
      this.begin = begin;
    }
  }

  private record Line(int client, long at, String text) {}

  private record Found(String key, String value, boolean torn) {}

  private final List<String> command;
  private final Path data;
  private final String url;
  private final int kills;
  private final int clients;
  private final long seed;
  private final Path work;
  private final boolean selfTest;
  private final Random random;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();

  private final Map<String, State> states = new HashMap<>();
  private final Map<String, List<Move>> moves = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> intents = new HashMap<>(); // by client and number
  private final Map<String, Move> moving = new HashMap<>();
  private final Set<String> fresh = new LinkedHashSet<>();
  private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
  private final List<Process> pushers = new ArrayList<>();
  private final List<BufferedWriter> orders = new ArrayList<>();
  private Process server;
  private long acknowledged;
  private int lost;
  private int torn;
  private int errors;
  private long killedAt;

  private Torture(String[] arguments) {
    this.data = Path.of(arguments[1]);
    String address = "127.0.0.1:" + arguments[2];
    this.url = "http://" + address;
    this.kills = Integer.parseInt(arguments[3]);
    this.clients = Integer.parseInt(arguments[4]);
    this.seed = Long.parseLong(arguments[5]);
    this.work = Path.of(arguments[6]);
    this.selfTest = Boolean.parseBoolean(arguments[7]);
    this.random = new Random(seed);
    this.command = new ArrayList<>(List.of(arguments[0], "serve", "--data", data.toString(), "--listen", address));
    command.addAll(List.of(arguments).subList(8, arguments.length));
  }

  public static void main(String[] arguments) throws Exception {
    var torture = new Torture(arguments);
    boolean fine;
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(torture::end));
      fine = torture.run();
    } finally {
      torture.end();
    }
    System.exit(fine ? 0 : 1);
  }

  private boolean run() throws Exception {
    start();
    for (int i = 0; i < clients; i++) {
      push(i);
    }
    long began = System.nanoTime();
    int done = 0;
    boolean damaged = !selfTest;
    while (done < kills || !damaged) {
      go();
      Thread.sleep(100 + random.nextInt(1_100));
      kill();
      done++;
      read();
      while (done < kills && random.nextInt(12) == 0) { // one that is still starting
        server = launch();
        Thread.sleep(random.nextInt(1_200));
        kill();
        done++;
      }
      if (done >= kills && !damaged && alone().size() == 2) { // else another round: on a slow machine too little was pushed
        damage(alone());
        damaged = true;
      }
      start();
      check(done >= kills && damaged);
      if (done % 10 == 0) {
        System.out.println("after " + done + " kills and " + (System.nanoTime() - began) / 1_000_000_000 + " s: " + acknowledged
            + " acknowledged, lost " + lost + ", torn " + torn);
      }
    }
    System.out.println("kills=" + done + " acknowledged=" + acknowledged + " lost=" + lost + " torn=" + torn);
    return errors == 0 && (selfTest ? lost == 1 && torn == 1 : lost == 0 && torn == 0) && acknowledged > 0;
  }

  // --- processes -----------------------------------------------------------------------------------------------------

  private Process launch() throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(work.resolve("server.log").toFile())).start();
  }

  private void start() throws Exception {
    server = launch();
    var output = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
    String said = output.readLine();
    if (said == null || !said.startsWith("READY ")) {
      List<String> log = Files.readAllLines(work.resolve("server.log"));
      throw new IllegalStateException("the server does not start; it said:\n" + String.join("\n", log.subList(Math.max(0, log.size() - 20),
          log.size())));
    }
  }

  private void kill() throws InterruptedException {
    boolean alive = server.isAlive();
    killedAt = System.nanoTime();
    server.destroyForcibly().waitFor();
    if (!alive) {
      complain("the server ended by itself with status " + server.exitValue());
    }
  }

  private void push(int client) throws IOException {
    Process pusher = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-Xmx96m", "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), "Pusher", url, Integer.toString(client),
        Long.toString(seed)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    pushers.add(pusher);
    orders.add(new BufferedWriter(pusher.outputWriter(StandardCharsets.UTF_8)));
    Thread.ofPlatform().daemon().start(() -> {
      try (var output = pusher.inputReader(StandardCharsets.UTF_8)) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          lines.add(new Line(client, System.nanoTime(), line));
        }
      } catch (IOException e) {
        lines.add(new Line(client, System.nanoTime(), "E " + e));
      }
    });
  }

  private void go() throws IOException {
    for (BufferedWriter order : orders) {
      order.write("go\n");
      order.flush();
    }
  }

  /** Ends all that was started; a second call does nothing. */
  private void end() {
    pushers.forEach(Process::destroyForcibly);
    if (server != null) {
      server.destroyForcibly();
    }
  }

  // --- what the clients say -------------------------------------------------------------------------------------------

  /** Until all of them rest, which they do when the server does not answer. */
  private void read() throws InterruptedException {
    int resting = 0;
    while (resting < clients) {
      Line line = lines.poll(60, TimeUnit.SECONDS);
      if (line == null) {
        throw new IllegalStateException("a client neither works nor rests");
      }
      String[] words = line.text.split(" ", 3);
      switch (words[0]) {
        case "I" -> intend(line, words[1], words[2]);
        case "A" -> acknowledge(line, words[1]);
        case "L" -> {
          lost++;
          show("LOST " + line.text);
        }
        case "E" -> complain("client " + line.client + ": " + line.text);
        case "P" -> {
          resting++;
          if (line.at < killedAt) {
            complain("client " + line.client + " had no answer, although the server ran");
          }
        }
        default -> throw new IllegalStateException(line.text);
      }
    }
    moving.values().forEach(move -> move.end = System.nanoTime());
    moving.clear();
    intents.clear();
  }

  private void intend(Line line, String number, String effects) {
    Map<String, String> parsed = new LinkedHashMap<>();
    for (String effect : effects.split(";")) {
      int equals = effect.lastIndexOf('=');
      String key = effect.substring(0, equals);
      String value = effect.substring(equals + 1);
      parsed.put(key, value);
      fresh.add(key);
      if (key.startsWith("s ")) {
        var move = new Move(value, line.at);
        moves.computeIfAbsent(key, _ -> new ArrayList<>()).add(move);
        moving.put(line.client + " " + number, move);
      } else {
        states.computeIfAbsent(key, _ -> new State()).doubt.add(value);
      }
    }
    intents.put(line.client + " " + number, parsed);
  }

  private void acknowledge(Line line, String number) {
    acknowledged++;
    intents.remove(line.client + " " + number).forEach((key, value) -> {
      if (key.startsWith("s ")) {
        Move move = moving.remove(line.client + " " + number);
        move.end = line.at;
        move.acknowledged = true;
      } else {
        State state = states.get(key);
        state.acknowledged = value;
        state.doubt.clear();
      }
    });
  }

  // --- what the server says ------------------------------------------------------------------------------------------

  /** All that is new, and some or all of what is older. */
  private void check(boolean all) throws Exception {
    Set<String> keys = new LinkedHashSet<>(fresh);
    List<String> older = new ArrayList<>(states.keySet());
    for (int i = 0; i < SAMPLE && !older.isEmpty(); i++) {
      keys.add(older.get(random.nextInt(older.size())));
    }
    keys.addAll(moves.keySet());
    if (all) {
      keys.addAll(older);
    }
    fresh.clear();
    try (var pool = Executors.newFixedThreadPool(4)) {
      List<Future<Found>> asked = new ArrayList<>();
      for (String key : keys) {
        asked.add(pool.submit(() -> find(key)));
      }
      for (Future<Found> answer : asked) {
        judge(answer.get());
      }
    }
  }

  private void judge(Found found) {
    if (found.torn) {
      torn++;
      show("TORN " + found.key);
    } else if (found.key.startsWith("s ")) {
      judgeShared(found);
    } else {
      State state = states.get(found.key);
      if (!found.value.equals(state.acknowledged) && !state.doubt.contains(found.value)) {
        lost++;
        show("LOST " + found.key + ": " + state.acknowledged + " was acknowledged, in doubt " + state.doubt + ", found " + found.value);
      }
      state.acknowledged = found.value;
      state.doubt.clear();
    }
  }

  /** Any move may be the last, unless one that was acknowledged began after its end. */
  private void judgeShared(Found found) {
    List<Move> known = moves.get(found.key);
    boolean any = known.stream().anyMatch(move -> move.acknowledged);
    boolean possible = known.stream().anyMatch(move -> move.value.equals(found.value)
        && known.stream().noneMatch(later -> later.acknowledged && later.begin > move.end)) || !any && found.value.equals(ABSENT);
    if (!possible) {
      lost++;
      show("LOST " + found.key + ": found " + found.value + ", which is no possible last move of " + known.size());
    }
    known.clear();
    var settled = new Move(found.value, System.nanoTime());
    settled.end = settled.begin;
    settled.acknowledged = true;
    known.add(settled);
  }

  private Found find(String key) throws Exception {
    String[] words = key.split(" ");
    String kind = words[0];
    HttpResponse<byte[]> answer = get("/v2/" + words[1] + (kind.equals("b") ? "/blobs/" : "/manifests/") + words[2]);
    if (answer.statusCode() == 404) {
      return new Found(key, ABSENT, false);
    }
    if (answer.statusCode() != 200) {
      complain(key + ": status " + answer.statusCode());
      return new Found(key, "status " + answer.statusCode(), false);
    }
    String actual = "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(answer.body()));
    String stated = answer.headers().firstValue("Docker-Content-Digest").orElse("");
    boolean whole = actual.equals(stated) && (words[2].indexOf(':') < 0 || actual.equals(words[2]));
    return switch (kind) {
      case "b" -> new Found(key, Integer.toString(answer.body().length), !whole);
      case "m" -> {
        String blobs = blobs(new String(answer.body(), StandardCharsets.UTF_8));
        boolean complete = true;
        if (!states.get(key).doubt.isEmpty()) { // those of the others are keys of their own
          for (String blob : blobs.split(",")) {
            complete &= !find("b " + words[1] + " " + blob).value.equals(ABSENT);
          }
        }
        yield new Found(key, blobs, !whole || !complete);
      }
      default -> new Found(key, actual, !whole);
    };
  }

  private static String blobs(String manifest) {
    List<String> digests = new ArrayList<>();
    var matcher = java.util.regex.Pattern.compile("sha256:[0-9a-f]{64}").matcher(manifest);
    while (matcher.find()) {
      digests.add(matcher.group());
    }
    return String.join(",", digests);
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofByteArray());
  }

  /** Two blobs, if there are, that nothing else needs. */
  private List<String> alone() {
    Map<String, Integer> uses = new HashMap<>();
    Set<String> needed = new HashSet<>();
    states.forEach((key, state) -> {
      if (key.startsWith("b ")) {
        uses.merge(key.split(" ")[2], 1, Integer::sum);
      } else if (key.startsWith("m ")) {
        needed.addAll(List.of(state.acknowledged.split(",")));
        state.doubt.forEach(value -> needed.addAll(List.of(value.split(","))));
      }
    });
    return states.entrySet().stream()
        .filter(state -> state.getKey().startsWith("b ") && !state.getValue().acknowledged.equals(ABSENT) && state.getValue().doubt.isEmpty())
        .map(state -> state.getKey().split(" ")[2]).filter(digest -> uses.get(digest) == 1 && !needed.contains(digest)).limit(2).toList();
  }

  /** Takes one blob away and changes a byte of another: the end must see both. */
  private void damage(List<String> alone) throws IOException {
    Files.delete(file(alone.get(0)));
    try (var file = new RandomAccessFile(file(alone.get(1)).toFile(), "rw")) {
      int first = file.read();
      file.seek(0);
      file.write(first ^ 1);
    }
    System.out.println("self-test: took away " + alone.get(0) + " and changed " + alone.get(1));
  }

  private Path file(String digest) {
    String hex = digest.substring("sha256:".length());
    return data.resolve("docker/registry/v2/blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex).resolve("data");
  }

  private synchronized void complain(String words) {
    errors++;
    show("ERROR " + words);
  }

  private synchronized void show(String words) {
    if (lost + torn + errors <= SHOWN) {
      System.out.println(words);
    }
  }
}
