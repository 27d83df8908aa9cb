package io.berth.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.StoreFailure.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A full disk is known for one, though Java tells it in the language of the process only. */
@Timeout(60)
final class StorageExceptionTest {

  /** A device that is always full. */
  private static final Path FULL = Path.of("/dev/full");

  /** Prints in which words the device says that it is full, and what is made of them. */
  static final class Speaker {

    private Speaker() {}

    public static void main(String[] arguments) {
      try (FileChannel device = FileChannel.open(FULL, StandardOpenOption.WRITE)) {
        device.write(ByteBuffer.allocate(1));
      } catch (IOException e) {
        System.out.println(new StorageException("a", e).kind() + " " + e.getMessage());
      }
    }
  }

  /** Where the machine lacks a language it speaks English, and the test shows less. */
  @ParameterizedTest
  @ValueSource(strings = {"en", "de", "fr", "ja", "uk"})
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsKnownForOneInWhateverLanguage(String language) throws Exception {
    var java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
        "-cp", System.getProperty("java.class.path"), Speaker.class.getName()).redirectError(ProcessBuilder.Redirect.DISCARD);
    java.environment().put("LC_ALL", "C.UTF-8");
    java.environment().put("LANGUAGE", language);

    Process process = java.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(said).startsWith("FULL ");
  }

  @Test
  void anythingElseIsNotTakenForIt() {
    assertThat(new StorageException("a", new IOException("Input/output error")).kind()).isEqualTo(Kind.LASTING);
    assertThat(new StorageException("a", new IOException("")).kind()).isEqualTo(Kind.LASTING);
    assertThat(new StorageException("a", new IOException("Too many open files")).kind()).isEqualTo(Kind.PASSING);
  }
}
