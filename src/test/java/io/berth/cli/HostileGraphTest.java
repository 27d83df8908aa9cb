package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.berth.oci.Documents;
import io.berth.oci.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code berth graph} prints of answers that are made up to be hostile: it ends, and nothing acts on a terminal or on Graphviz. */
@Timeout(120)
final class HostileGraphTest {

  /** Escapes of seven and of eight bits, a turn of direction, ends of lines, quotes, and what Graphviz would read as something else. */
  private static final String EVIL = "\u001b[2J\u009b31m\u202e\r\n\u2028\"];evil->x[label=\"\\N\\l\\\"&#27;&lt;<b>\\";

  private static final String ROOT = digest(0);

  @TempDir Path folder;

  private HttpServer server;
  private final ObjectNode graph = Json.MAPPER.createObjectNode().put("root", ROOT).put("truncated", false);
  private final ArrayNode nodes = graph.putArray("nodes");
  private final ArrayNode edges = graph.putArray("edges");

  private record Said(int status, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static String digest(int number) {
    return Documents.digest("number " + number).toString();
  }

  private ObjectNode node(String digest) {
    return nodes.addObject().put("digest", digest).put("present", true);
  }

  private void edge(int from, int to) {
    edges.addObject().put("from", digest(from)).put("to", digest(to)).put("kind", "child").put("pointer", "/manifests/0");
  }

  private Said run(String... options) throws IOException {
    return answered(Json.write(graph), options);
  }

  private Said answered(String answer, String... options) throws IOException {
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    server.createContext("/v2/", exchange -> {
      try (exchange) {
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    });
    var out = new StringWriter();
    var err = new StringWriter();
    var command = Berth.command().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    String name = "127.0.0.1:" + server.getAddress().getPort() + "/app:1";
    String nobody = Files.writeString(folder.resolve("nobody.json"), "{}").toString();
    int status = command.execute(Stream.concat(Stream.of("graph", name, "--authfile", nobody), Stream.of(options)).toArray(String[]::new));
    command.getOut().flush();
    command.getErr().flush();
    server.removeContext("/v2/");
    return new Said(status, out.toString(), err.toString());
  }

  private void sayEvil() {
    node(ROOT).put("mediaType", EVIL).put("size", 7).putArray("tags").add(EVIL).add(EVIL);
    node(digest(1)).put("artifactType", EVIL).put("mediaType", "x/y").put("present", false);
    edges.addObject().put("from", ROOT).put("to", digest(1)).put("kind", "reference").put("pointer", EVIL);
    edges.addObject().put("from", digest(1)).put("to", ROOT).put("kind", EVIL).put("pointer", EVIL);
    edges.addObject().put("from", ROOT).put("to", digest(1)).put("kind", "child").put("pointer", "/").put("platform", EVIL);
  }

  /** Ends of lines are the program's own. */
  private static void requireHarmless(String text) {
    assertThat(text.codePoints().filter(c -> c != '\n'))
        .allMatch(c -> !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT && c != 0x2028);
  }

  @Test
  void noStrangersWordsActOnATerminal() throws IOException {
    sayEvil();
    for (String format : new String[] {"tree", "dot", "json"}) {
      Said said = run("--format", format);
      assertThat(said.status()).as(said.err()).isZero();
      requireHarmless(said.out());
    }
    assertThat(run("--format", "tree").out().lines()).hasSize(10);
    assertThat(run("--format", "json").out()).satisfies(
        text -> assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8)).path("nodes").path(0).path("mediaType").asString())
            .isEqualTo(EVIL));
  }

  @Test
  void strangersWordsAreNothingButTextToGraphviz() throws IOException {
    sayEvil();
    Dot dot = Dot.parse(run("--format", "dot").out());
    assertThat(dot.nodes()).containsOnlyKeys(ROOT, digest(1));
    assertThat(dot.nodes().get(digest(1))).contains("\\u001b[2J\\u009b31m", "\"];evil->x[label=\"\\N\\l\\\"&#27;&lt;<b>\\");
    assertThat(dot.edges()).hasSize(3);
  }

  @Test
  void graphvizItselfReadsItSo() throws Exception {
    boolean installed =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).anyMatch(at -> Files.isExecutable(Path.of(at, "dot")));
    assumeTrue(installed || Boolean.getBoolean("berth.test.dot"), "there is no dot");
    sayEvil();
    Path picture = folder.resolve("graph.svg");
    Path log = folder.resolve("log");
    Process process = new ProcessBuilder("dot", "-Tsvg", Files.writeString(folder.resolve("graph.dot"), run("--format", "dot").out())
        .toString()).redirectOutput(picture.toFile()).redirectError(log.toFile()).start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    String svg = Files.readString(picture);
    requireHarmless(svg);
    assertThat(svg.split("class=\"node\"", -1)).as("two nodes").hasSize(3);
    assertThat(svg.split("class=\"edge\"", -1)).as("three edges").hasSize(4);
    assertThat(svg.replace("&#45;", "-").replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
        .contains("\"];evil->x[label=\"\\N\\l\\\"&#27;&lt;<b>\\");
  }

  @Test
  void whatGoesInACircleEnds() throws IOException {
    for (int i = 0; i < 3; i++) {
      node(digest(i));
      edge(i, (i + 1) % 3);
      edge(i, i);
    }
    Said said = run();
    assertThat(said.status()).as(said.err()).isZero();
    assertThat(said.out().lines().filter(line -> line.contains("-- child"))).as("each way each edge once").hasSize(12);
    assertThat(said.out()).contains("(above)");
  }

  @Test
  void aBranchIsWhereTheWayIsShortest() throws IOException {
    IntStream.range(0, 3).forEach(i -> node(digest(i)));
    edge(0, 1);
    edge(1, 2);
    edge(0, 2);
    assertThat(run("--direction", "down").out()).contains("|   `-- child     " + shortened(2) + "  (below)",
        "\n`-- child     " + shortened(2) + "\n");
  }

  private static String shortened(int number) {
    return digest(number).substring(0, 19);
  }

  @Test
  void aChainDeeperThanWasAskedForIsCut() throws IOException {
    node(ROOT);
    for (int i = 1; i <= 20_000; i++) {
      node(digest(i));
      edge(i - 1, i);
    }
    String out = run("--direction", "down").out();
    assertThat(out.lines()).hasSize(104);
    assertThat(out).endsWith("-- child     " + shortened(101) + "  ...\n");
  }

  @Test
  void digestsThatBeginAlikeAreToldApart() throws IOException {
    String alike = ROOT.substring(0, 40) + (ROOT.charAt(40) == 'a' ? "b" : "a") + ROOT.substring(41);
    node(ROOT);
    node(alike);
    edges.addObject().put("from", ROOT).put("to", alike).put("kind", "child").put("pointer", "/manifests/0");
    assertThat(run("--direction", "down").out()).contains(ROOT.substring(0, 41) + "\n", alike.substring(0, 41) + "\n");
  }

  @Test
  void whatTheRegistryLeftOutIsSaid() throws IOException {
    node(ROOT);
    graph.put("truncated", true);
    assertThat(run().out()).endsWith("or from elsewhere.\n");
    assertThat(Dot.parse(run("--format", "dot").out()).remark()).startsWith("There is more than the registry tells");
  }

  @Test
  void theLargestAnswerOfARegistryIsRead() throws IOException {
    node(ROOT);
    for (int i = 1; i < 10_000; i++) {
      ArrayNode tags = node(digest(i)).put("mediaType", "x/y").put("artifactType", "x/z").put("size", 1).putArray("tags");
      IntStream.range(0, 20).forEach(tag -> tags.add("t" + tag));
      edge(0, i);
    }
    for (int i = 0; i < 15_001; i++) {
      edges.addObject().put("from", ROOT).put("to", digest(1)).put("kind", "child").put("pointer", "/manifests/" + i);
    }
    Said said = run("--direction", "down");
    assertThat(said.status()).as(said.err()).isZero();
    assertThat(said.out().lines().count()).isGreaterThan(25_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{}", "<html>", "{\"root\":\"sha256:no\"}", "{\"root\":\"ROOT\",\"nodes\":[]}",
    "{\"root\":\"ROOT\",\"nodes\":[{\"digest\":\"ROOT\"}],\"edges\":[{\"from\":\"ROOT\",\"to\":\"OTHER\"}]}",
    "{\"root\":\"ROOT\",\"nodes\":[{\"digest\":\"\\u001b\"}]}", "{\"root\":\"ROOT\",\"nodes\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}"})
  void whatIsNoGraphIsRefusedInWords(String answer) throws IOException {
    Said said = answered(answer.replace("ROOT", ROOT).replace("OTHER", digest(1)));
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains("what is no graph");
  }
}
