package io.berth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the compiler and the formatter do not check. */
final class StyleTest {
  private static final Path MAIN = Path.of("src/main/java");
  private static final Path TESTS = Path.of("src/test/java");
  private static final int LONGEST_FILE = 400;

  @Test
  void filesAreShort() throws IOException {
    var tooLong = sources(MAIN, TESTS)
        .filter(file -> lines(file).size() > LONGEST_FILE)
        .map(file -> file + " has " + lines(file).size() + " lines");

    assertThat(tooLong).as("source files longer than %d lines", LONGEST_FILE).isEmpty();
  }

  @Test
  void everyPackageIsNullMarked() throws IOException {
    var unmarked = sources(MAIN)
        .map(Path::getParent)
        .distinct()
        .map(folder -> folder.resolve("package-info.java"))
        .filter(info -> !isNullMarked(info));

    assertThat(unmarked).as("package-info.java files that are missing or not @NullMarked").isEmpty();
  }

  private static boolean isNullMarked(Path info) {
    return Files.exists(info) && lines(info).contains("@NullMarked");
  }

  private static Stream<Path> sources(Path... roots) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (var root : roots) {
      try (var files = Files.walk(root)) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    return sources.stream();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
