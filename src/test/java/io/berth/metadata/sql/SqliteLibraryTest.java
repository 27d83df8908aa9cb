package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link io.berth.PackagedProgramIT} shows that the program uses it. */
final class SqliteLibraryTest {

  private static final String PATH = "org.sqlite.lib.path";
  private static final FileTime LONG_AGO = FileTime.fromMillis(0);

  @TempDir Path folder;
  private final String before = System.getProperty(PATH);

  @BeforeEach
  void forget() {
    System.clearProperty(PATH);
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(PATH);
    } else {
      System.setProperty(PATH, before);
    }
  }

  private Path kept() throws IOException {
    SqliteLibrary.keepIn(folder.resolve("native"));
    assertThat(System.getProperty(PATH)).isEqualTo(folder.resolve("native").toString());
    System.clearProperty(PATH);
    try (Stream<Path> files = Files.list(folder.resolve("native"))) {
      return files.reduce((_, _) -> {
        throw new AssertionError("more than one file");
      }).orElseThrow();
    }
  }

  @Test
  void itIsWrittenOnceAndStays() throws IOException {
    Path file = kept();
    assertThat(Files.size(file)).isGreaterThan(100_000);
    Files.setLastModifiedTime(file, LONG_AGO);

    assertThat(Files.getLastModifiedTime(kept())).isEqualTo(LONG_AGO);
  }

  @Test
  void whatIsNotTheProgramsOwnIsReplacedBeforeItIsUsed() throws IOException {
    Path file = kept();
    byte[] own = Files.readAllBytes(file);
    byte[] other = own.clone();
    other[own.length / 2] ^= 1;
    Files.write(file, other);

    assertThat(kept()).hasBinaryContent(own);
  }

  @Test
  void aHalfWrittenOneOfAProcessThatWasKilledIsNoObstacle() throws IOException {
    Path file = kept();
    Files.move(file, file.resolveSibling(file.getFileName() + ".new"));

    assertThat(Files.size(kept())).isGreaterThan(100_000);
  }

  @Test
  void whereItCanNotBeWrittenTheDriverGoesItsOwnWay() throws IOException {
    Files.writeString(folder.resolve("native"), "a file");

    SqliteLibrary.keepIn(folder.resolve("native"));

    assertThat(System.getProperty(PATH)).isNull();
  }

  @Test
  void whatTheOperatorSaysGoesBefore() {
    System.setProperty(PATH, "/elsewhere");

    SqliteLibrary.keepIn(folder.resolve("native"));

    assertThat(System.getProperty(PATH)).isEqualTo("/elsewhere");
    assertThat(folder.resolve("native")).doesNotExist();
  }
}
