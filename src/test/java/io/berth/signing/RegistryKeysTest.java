package io.berth.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** How the registry's own keys are made, kept, published and exchanged. */
final class RegistryKeysTest {

  private static final Instant START = Instant.parse("2030-01-31T23:59:59.5Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final String TYP = "tags.v1+jws";

  @TempDir private Path data;
  private Path folder;

  @BeforeEach
  void name() {
    folder = data.resolve("keys");
  }

  private RegistryKeys open(Instant now) throws InvalidKey {
    return RegistryKeys.open(folder, DAY, now);
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".pem")).sorted().toList();
    }
  }

  private static List<String> published(RegistryKeys keys, Instant now) throws Exception {
    var ids = new ArrayList<String>();
    for (JsonNode key : Json.parse(keys.jwks(now)).path("keys")) {
      ids.add(key.path("kid").asString());
    }
    return ids;
  }

  /** The identifier of the key that signs, which verifies by what is published at another time. */
  private static String signer(RegistryKeys keys, Instant signed, RegistryKeys later, Instant verified) throws Exception {
    byte[] document = keys.sign("{}".getBytes(UTF_8), TYP, signed);
    Jws jws = Jws.parse(document);
    TrustedKeys trusted = TrustedKeys.of("registry", "the registry", later.jwks(verified));
    assertThat(jws.payload()).isEqualTo("{}".getBytes(UTF_8));
    assertThat(jws.verify(trusted, "JWT")).isEmpty();
    assertThat(jws.verify(trusted, TYP)).containsExactly("registry");
    String header = Json.parse(document).path("signatures").path(0).path("protected").asString();
    return Json.parse(Base64Url.decodeOrNull(header)).path("kid").asString();
  }

  @Test
  void theFirstStartMakesAKeyThatOnlyItsOwnerReads() throws Exception {
    RegistryKeys keys = open(START);

    assertThat(files()).extracting(file -> file.getFileName().toString()).containsExactly("20300131T235959Z.pem");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst()))).isEqualTo("rw-------");
    assertThat(signer(keys, START, keys, START)).isEqualTo(published(keys, START).getFirst());
  }

  @Test
  void laterStartsUseTheSame() throws Exception {
    RegistryKeys first = open(START);

    RegistryKeys second = open(START.plus(DAY));

    assertThat(second.jwks(START)).isEqualTo(first.jwks(START));
    assertThat(signer(first, START, second, START)).isEqualTo(signer(second, START, first, START));
  }

  @Test
  void whatIsPublishedIsThePublicHalfAlone() throws Exception {
    JsonNode key = Json.parse(open(START).jwks(START)).path("keys").path(0);

    assertThat(key.propertyNames()).containsExactlyInAnyOrder("kty", "crv", "x", "y", "kid", "use", "alg");
    assertThat(key.path("use").asString()).isEqualTo("sig");
    assertThat(key.path("alg").asString()).isEqualTo("ES256");
    assertThat(key.path("kid").asString()).isEqualTo(com.nimbusds.jose.jwk.JWK.parse(Json.write(key)).computeThumbprint().toString());
  }

  @Test
  void aNewKeyIsPublishedAtOnceButSignsAfterTheOverlap() throws Exception {
    RegistryKeys before = open(START);
    String former = published(before, START).getFirst();

    RegistryKeys after = before.rotate(START);

    assertThat(published(after, START)).hasSize(2).startsWith(former);
    String next = published(after, START).getLast();
    assertThat(after.newest()).isEqualTo("2030-02-01T23:59:59Z");
    assertThat(signer(after, START, after, START)).isEqualTo(former);
    assertThat(signer(after, START.plus(DAY).minusSeconds(1), after, START)).isEqualTo(former);
    assertThat(signer(after, START.plus(DAY), after, START)).isEqualTo(next);
    assertThat(signer(open(START.plus(DAY)), START.plus(DAY), after, START)).isEqualTo(next);
  }

  @Test
  void theFormerKeyStaysPublishedForThirtyOverlapsAndIsThenRemovedByTheNextRotation() throws Exception {
    RegistryKeys keys = open(START).rotate(START);
    Instant last = START.plus(DAY.multipliedBy(31)).minusSeconds(1);

    assertThat(signer(keys, START, keys, last)).isEqualTo(published(keys, START).getFirst());
    assertThat(published(keys, last)).hasSize(2);
    assertThat(published(keys, last.plusSeconds(2))).containsExactly(published(keys, START).getLast());
    assertThat(files()).hasSize(2);
    RegistryKeys next = keys.rotate(last.plusSeconds(2));
    assertThat(files()).hasSize(2);
    assertThat(published(next, last.plusSeconds(2))).hasSize(2).startsWith(published(keys, START).getLast());
  }

  @Test
  void whileOneKeyWaitsNoOtherIsMade() throws Exception {
    RegistryKeys keys = open(START).rotate(START);

    assertThat(keys.rotate(START.plusSeconds(60)).jwks(START)).isEqualTo(keys.jwks(START));
    assertThat(files()).hasSize(2);
  }

  @Test
  void withoutAnOverlapAKeySignsAtOnceAndIsAnother() throws Exception {
    RegistryKeys keys = RegistryKeys.open(folder, Duration.ZERO, START).rotate(START);

    assertThat(files()).hasSize(2);
    assertThat(signer(keys, START.plusSeconds(1), keys, START)).isEqualTo(published(keys, START).getLast());
  }

  @Test
  void aClockThatIsPutBackLeavesAKeyToSignWith() throws Exception {
    RegistryKeys keys = open(START);

    assertThat(signer(keys, START.minus(DAY), keys, START.minus(DAY))).isEqualTo(published(keys, START).getFirst());
  }

  @Test
  void thoseWhoStartAtOnceHaveTheSameKey() throws Exception {
    try (var threads = Executors.newFixedThreadPool(8)) {
      var results =
          threads.invokeAll(java.util.Collections.nCopies(8, (Callable<String>) () -> new String(open(START).jwks(START), UTF_8)));
      var seen = new java.util.HashSet<String>();
      for (var result : results) {
        seen.add(result.get());
      }
      assertThat(seen).hasSize(1);
      assertThat(files()).hasSize(1);
    }
  }

  @Test
  void aProcessThatHoldsTheLockIsWaitedForAndItsKeyIsUsed() throws Exception {
    Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path other = data.resolve("Other.java");
    Files.writeString(other, """
        import java.nio.channels.FileChannel;
        import java.nio.file.*;
        void main(String[] folder) throws Exception {
          try (var channel = FileChannel.open(Path.of(folder[0], "lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var lock = channel.lock()) {
            System.out.println("locked");
            System.in.read();
            Files.copy(Path.of(folder[1]), Path.of(folder[0], "20300131T000000Z.pem"), StandardCopyOption.COPY_ATTRIBUTES);
          }
        }
        """);
    Path elsewhere = data.resolve("elsewhere");
    RegistryKeys theirs = RegistryKeys.open(elsewhere, DAY, START);
    Path key = elsewhere.resolve("20300131T235959Z.pem");
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), other.toString(),
        folder.toString(), key.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(process.inputReader().readLine()).isEqualTo("locked");
      var ours = threads.submit(() -> open(START));
      process.outputWriter().append('\n').close();
      assertThat(ours.get().jwks(START)).isEqualTo(theirs.jwks(START));
      assertThat(process.waitFor()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void whatOthersMayReadIsRefusedWithTheRemedy() throws Exception {
    open(START);
    Path file = files().getFirst();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw----r--"));
    assertThatThrownBy(() -> open(START)).isInstanceOf(InvalidKey.class).hasMessageContaining("chmod 600 " + file);

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(() -> open(START)).isInstanceOf(InvalidKey.class).hasMessageContaining("chmod 700 " + folder);
  }

  @Test
  void whatAnOrchestratorGivesToItsGroupIsTakenAway() throws Exception {
    open(START);
    Files.setPosixFilePermissions(files().getFirst(), PosixFilePermissions.fromString("rw-rw----"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwx---"));

    open(START);

    assertThat(Files.getPosixFilePermissions(files().getFirst())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.getPosixFilePermissions(folder)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void whatACrashLeftIsNoKey() throws Exception {
    Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(folder.resolve("unfinished"), "-----BEGIN PRIV");

    assertThat(published(open(START), START)).hasSize(1);
    assertThat(folder.resolve("unfinished")).doesNotExist();
  }

  @Test
  void filesThatAreNoKeysAreNamed() throws Exception {
    open(START);
    Path file = files().getFirst();
    Path renamed = Files.move(file, folder.resolve("mine.pem"));
    assertThatThrownBy(() -> open(START)).isInstanceOf(InvalidKey.class).hasMessageContaining("mine.pem is not named after the time");

    Files.move(renamed, file);
    Files.writeString(file, Signers.privatePem("EdDSA"));
    assertThatThrownBy(() -> open(START)).isInstanceOf(InvalidKey.class).hasMessageContaining(file + " has no public key beside");

    Files.writeString(file, Signers.privatePem("ES256") + Signers.publicPem("ES256 of another"));
    assertThatThrownBy(() -> open(START)).isInstanceOf(InvalidKey.class).hasMessageContaining("does not belong to its private key");

    Files.writeString(file, "");
    assertThatThrownBy(() -> open(START)).isInstanceOf(InvalidKey.class).hasMessageContaining(file.toString());
  }

  @Test
  void aKeyOfTheOperatorsOwnIsUsed() throws Exception {
    RegistryKeys made = open(START);
    Files.writeString(files().getFirst(), Signers.privatePem("EdDSA") + Signers.publicPem("EdDSA"));

    RegistryKeys own = open(START);

    assertThat(Set.copyOf(published(own, START))).isNotEqualTo(Set.copyOf(published(made, START)));
    signer(own, START, own, START);
  }
}
