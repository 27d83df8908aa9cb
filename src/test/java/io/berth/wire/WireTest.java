package io.berth.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.berth.wire.Story.Expected;
import io.berth.wire.Story.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The transcripts in {@code src/test/resources/wire}, each replayed against a server of its own, every exchange a test. With
 * {@code -Dberth.test.stories=tag} only those whose names begin so.
 */
final class WireTest {

  private static final Path TRANSCRIPTS = Path.of("src/test/resources/wire");

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(20);

  @TempDir private static Path folder;

  @TestFactory
  List<DynamicNode> transcripts() throws IOException {
    try (Stream<Path> files = Files.walk(TRANSCRIPTS)) {
      List<DynamicNode> nodes = files.filter(WireTest::isWanted).sorted().map(WireTest::transcript).toList();
      assertThat(nodes).as("transcripts in %s", TRANSCRIPTS).isNotEmpty();
      return nodes;
    }
  }

  private static boolean isWanted(Path file) {
    String name = TRANSCRIPTS.relativize(file).toString();
    return name.endsWith(".http") && name.startsWith(System.getProperty("berth.test.stories", ""));
  }

  private static DynamicNode transcript(Path file) {
    String name = TRANSCRIPTS.relativize(file).toString();
    URI source = file.toUri();
    return dynamicContainer(name, source, tests(name, file, folder.resolve(name)));
  }

  /**
   * Made when the transcript's turn comes: the first element starts the server, and the end of the stream closes it. What goes wrong outside of an exchange is a
   * test that fails, since not everyone who counts failures looks at containers.
   */
  static Stream<DynamicNode> tests(String name, Path file, Path data) {
    return Stream.of(name).flatMap(_ -> {
      Player player;
      try {
        player = new Player(Story.parse(name, read(file)), data);
      } catch (RuntimeException e) {
        return Stream.of(broken(name, e));
      }
      return player.story.steps().stream().<DynamicNode>mapMulti((step, next) -> {
        switch (step) {
          case Step.Definition definition -> {
            try {
              player.define(definition);
            } catch (RuntimeException e) {
              next.accept(broken("@" + definition.name(), e));
            }
          }
          case Step.Exchange exchange -> next.accept(dynamicTest(sentence(exchange), () -> player.play(exchange)));
        }
      }).onClose(player::close);
    });
  }

  private static DynamicNode broken(String what, RuntimeException e) {
    return dynamicTest(what, () -> fail(what + ": " + e, e));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sentence(Step.Exchange exchange) {
    return new String(exchange.sentence().getBytes(ISO_8859_1), UTF_8);
  }

  /** Plays one transcript against its server. */
  private static final class Player implements AutoCloseable {

    private final Story story;
    private final TestServer server;
    private final Wire wire;
    private final Values values = new Values();
    private final Expectation expectation = new Expectation(values);

    Player(Story story, Path data) {
      this.story = story;
      this.server = TestServer.start(data, story.server());
      this.wire = new Wire(server.address());
      server.setupToken().ifPresent(token -> values.define("setup", token));
    }

    void define(Step.Definition definition) {
      values.define(definition.name(), values.expand(definition.text()));
    }

    void play(Step.Exchange exchange) {
      long end = System.nanoTime() + (exchange.comesSoon() ? PATIENCE.toNanos() : 0);
      while (true) {
        try {
          playOnce(exchange);
          return;
        } catch (AssertionError e) {
          if (System.nanoTime() >= end) {
            throw e;
          }
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      }
    }

    private void playOnce(Step.Exchange exchange) {
      String where = story.name() + ":" + exchange.line() + ": " + sentence(exchange);
      List<Response> responses;
      try {
        responses = wire.exchange(Wire.bytes(exchange.request(), values), exchange.expected().stream().map(Expected::messages).toList());
      } catch (IOException | IllegalArgumentException e) {
        fail(where + "\n" + e, e);
        return;
      }
      var differences = new ArrayList<String>();
      for (int i = 0; i < responses.size(); i++) {
        differences.addAll(expectation.differences(exchange.expected().get(i), responses.get(i)));
        if (!differences.isEmpty()) {
          fail(where + "\n\n- " + String.join("\n- ", differences) + "\n\nEXPECTED\n" + exchange.expected().get(i).text() + "\n\nACTUAL\n"
              + responses.get(i));
        }
      }
    }

    @Override
    public void close() {
      server.close();
    }
  }
}
