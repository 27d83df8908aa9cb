package io.berth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A page of {@code docs} whose examples are what happens. Each {@code console} block is typed into one shell, beside the packaged program, and must
 * answer what stands below it. The comment before a block says if it comes {@code before the registry} starts or is {@code not run}; the registry
 * starts again with a {@code yaml} block that is {@code served}, and others are only to be read. For one thread; whatever it has started ends when it is closed.
 */
final class TypedPage implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ADDRESS = "127.0.0.1:5000";
  private static final Pattern BLOCK =
      Pattern.compile("(?:<!-- (?<mark>[a-z ]+) -->\n)?```(?<kind>console|yaml)\n(?<text>.*?)```", Pattern.DOTALL);

  private final Path page;
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final Map<String, String> places = new LinkedHashMap<>();
  private int shown;

  /** The shell works in {@code folder}, and the registry keeps its data there. */
  TypedPage(String page, Path folder) {
    this.page = Path.of("docs", page);
    this.folder = folder;
  }

  /** Has what the page calls by one address be found at another. */
  TypedPage with(String shown, String real) {
    places.put(shown, real);
    return this;
  }

  private String real(String text) {
    String real = text;
    for (Map.Entry<String, String> place : places.entrySet()) {
      real = real.replace(place.getKey(), place.getValue());
    }
    return real;
  }

  private String shown(String text) {
    String shown = text;
    for (Map.Entry<String, String> place : places.entrySet()) {
      shown = shown.replace(place.getValue(), place.getKey());
    }
    return shown;
  }

  private record Block(String mark, String kind, String text) {}

  /** A command as typed, and what the page says that it answers. */
  private record Step(String command, String answer) {}

  /**
   * Types the page and compares.
   *
   * @param tools without which nothing is tried, unless {@code berth.test.openssl} demands it
   * @return how many answers were compared
   */
  int type(String... tools) throws Exception {
    for (String tool : tools) {
      assumeTrue(isInstalled(tool) || Boolean.getBoolean("berth.test.openssl"), "there is no " + tool);
    }
    String address = "127.0.0.1:" + freePort();
    places.put(ADDRESS, address);
    List<Block> blocks = blocks(Files.readString(page));
    try (var shell = new Shell()) {
      for (Block block : marked(blocks, "before the registry")) {
        type(shell, block);
      }
      Process registry = serve("--data", "data", "--listen", address);
      for (Block block : blocks) {
        switch (block.mark) {
          case "before the registry", "not run" -> {
            // done, or not to be
          }
          case "served" -> {
            registry.destroy();
            assertThat(registry.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Files.writeString(folder.resolve("config.yml"), real(block.text));
            registry = serve("config.yml");
          }
          default -> {
            if (block.kind.equals("console")) {
              type(shell, block);
            }
          }
        }
      }
    }
    return shown;
  }

  @Override
  public void close() {
    processes.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
    processes.forEach(Process::destroyForcibly);
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).anyMatch(at -> Files.isExecutable(Path.of(at, tool)));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static List<Block> blocks(String page) {
    return BLOCK.matcher(page).results().map(found -> new Block(found.group("mark") == null ? "" : found.group("mark"),
        found.group("kind"), found.group("text"))).toList();
  }

  private static List<Block> marked(List<Block> blocks, String mark) {
    return blocks.stream().filter(block -> block.mark.equals(mark)).toList();
  }

  private static List<String> program() {
    return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow", "-Xmx256m", "-jar", System.getProperty("berth.jar"));
  }

  private Process serve(String... arguments) throws IOException {
    var command = new ArrayList<>(program());
    command.add("serve");
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(output.toFile())
        .redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("REGISTRY_"));
    Process process = builder.start();
    processes.add(process);
    await().atMost(PATIENCE).until(() -> Files.readString(output).endsWith("\n") || !process.isAlive());
    assertThat(Files.readString(output)).as(Files.readString(errors)).startsWith("READY ");
    return process;
  }

  private void type(Shell shell, Block block) throws Exception {
    for (Step step : steps(block.text)) {
      String answer = shown(shell.type(real(step.command)));
      assertThat(answer).as("$ %s", step.command).matches(pattern(step.answer));
      shown += step.answer.isEmpty() ? 0 : 1;
    }
  }

  private static List<Step> steps(String block) {
    var steps = new ArrayList<Step>();
    for (String line : block.split("\n", -1)) {
      if (line.startsWith("$ ")) {
        steps.add(new Step(line.substring(2), ""));
      } else {
        Step last = steps.removeLast();
        steps.add(line.startsWith("> ")
            ? new Step(last.command + "\n" + line.substring(2), "")
            : new Step(last.command, (last.answer + "\n" + line).strip()));
      }
    }
    return steps;
  }

  /** A line of dots stands for any lines, dots in a line for any part of it. */
  private static Pattern pattern(String answer) {
    return Pattern.compile(answer.lines().map(line -> line.equals("…")
        ? "(?s:.*)"
        : Stream.of(line.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*"))).collect(Collectors.joining("\n")));
  }

  /** A shell that remembers what was typed before. What is started in it ends with it. */
  private final class Shell implements AutoCloseable {

    private final Process process;
    private final Path answers = folder.resolve("answers");
    private int typed;

    Shell() throws IOException {
      Path home = Files.createDirectory(folder.resolve("home"));
      ProcessBuilder builder = new ProcessBuilder("bash").directory(folder.toFile()).redirectErrorStream(true)
          .redirectOutput(answers.toFile());
      Path berth = Files.writeString(Files.createDirectory(folder.resolve("bin")).resolve("berth"),
          "#!/bin/sh\nexec '" + String.join("' '", program()) + "' \"$@\"\n");
      assertThat(berth.toFile().setExecutable(true)).isTrue();
      builder.environment().put("HOME", home.toString());
      builder.environment().merge("PATH", berth.getParent().toString(), (path, own) -> own + ":" + path);
      builder.environment().keySet().removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
      process = builder.start();
      processes.add(process);
    }

    /** The answer to a command, which must succeed. */
    String type(String command) throws Exception {
      String mark = "@@" + ++typed + "@@";
      int before = said().length();
      var input = process.outputWriter();
      input.write(command + "\nprintf '\\n%s%s\\n' '" + mark + "' $?\n");
      input.flush();
      await().atMost(PATIENCE).until(() -> after(before, mark) != null || !process.isAlive());
      String answer = after(before, mark);
      assertThat(answer).as("$ %s ends, and the shell goes on", command).isNotNull();
      String[] parts = answer.split(mark, 2);
      assertThat(parts[1].strip()).as("$ %s: %s", command, parts[0]).isEqualTo("0");
      return parts[0].replace("\r", "").strip();
    }

    private String said() throws IOException {
      return new String(Files.readAllBytes(answers), UTF_8); // the last character may be on its way
    }

    private @Nullable String after(int before, String mark) throws IOException {
      String text = said().substring(before);
      int at = text.indexOf(mark);
      return at >= 0 && text.indexOf('\n', at) > 0 ? text : null;
    }

    @Override
    public void close() throws IOException {
      process.outputWriter().close();
    }
  }
}
