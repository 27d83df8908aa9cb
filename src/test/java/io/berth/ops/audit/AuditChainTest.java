package io.berth.ops.audit;

import static io.berth.ops.audit.Entries.push;
import static io.berth.ops.audit.Entries.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.berth.oci.Json;
import io.berth.ops.AuditLog.Decision;
import io.berth.ops.AuditLog.Deed;
import io.berth.ops.AuditLog.Entry;
import io.berth.ops.AuditLog.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The audit on a real disk: what is written, in which files, and what becomes of it when something breaks off. */
class AuditChainTest {

  private static final Duration SHORT = Duration.ofMillis(1);

  @TempDir private Path folder;

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
  private final InstantSource clock = now::get;

  private AuditChain open(AuditTerms terms) throws IOException {
    return AuditChain.open(AuditFolder.take(folder), terms, clock);
  }

  private AuditChain open() throws IOException {
    return open(AuditTerms.DEFAULT);
  }

  private List<Path> files() throws IOException {
    return AuditFolder.files(folder);
  }

  private List<JsonNode> lines() throws Exception {
    var lines = new ArrayList<JsonNode>();
    for (Path file : files()) {
      for (String line : Files.readAllLines(file)) {
        lines.add(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
      }
    }
    return lines;
  }

  private List<String> actions() throws Exception {
    return lines().stream().map(line -> line.path("action").asString("")).toList();
  }

  private AuditCheck check() throws IOException {
    return AuditCheck.of(files(), List.of());
  }

  @Test
  void aLineSaysWhoDidWhatToWhatFromWhereAndByWhichRule() throws Exception {
    try (AuditChain audit = open()) {
      audit.write(push("1.0"));
    }
    JsonNode line = lines().get(1);
    assertThat(line.path("time").asString()).isEqualTo("2026-11-21T12:00:00Z");
    assertThat(line.path("request").asString()).isEqualTo("0123");
    assertThat(line.path("identity").asString()).isEqualTo("user:alice");
    assertThat(line.path("address").asString()).isEqualTo("192.0.2.1");
    assertThat(line.path("action").asString()).isEqualTo("PutManifest");
    assertThat(line.path("repository").asString()).isEqualTo("team/app");
    assertThat(line.path("tags").path(0).asString()).isEqualTo("1.0");
    assertThat(line.path("digest").asString()).isEqualTo("sha256:0");
    assertThat(line.path("references").asString()).isEqualTo("r.example/team/app:1.0");
    assertThat(line.path("decision").asString()).isEqualTo("allowed");
    assertThat(line.path("rule").asString()).isEqualTo("developers");
    assertThat(line.path("status").asInt()).isEqualTo(201);
    assertThat(line.has("account")).as("what is not known").isFalse();
  }

  @Test
  void whatAStrangerSentCanNeitherEndALineNorActOnATerminal() throws Exception {
    try (AuditChain audit = open()) {
      audit.write(new Entry(new Source("0", "user:\u202e\n", "a\"b", "G\u001b[2J", "/v2/\r\n{\"identity\":\"root\"}\u2028\u001b[2J",
          "x\n{\"line\":7}"), new Deed("Ping", "", List.of("\n"), "\0", "\u0085", "root\\\",\"hash\":\"0"), Decision.REFUSED, "\n", 401));
    }
    assertThat(Files.readAllBytes(files().getFirst())).as("visible ASCII and ends of lines").satisfies(bytes -> {
      for (byte each : bytes) {
        assertThat(each == '\n' || each >= 0x20 && each < 0x7f).isTrue();
      }
    });
    assertThat(actions()).containsExactly("BeginAuditFile", "Ping", "Stop");
    assertThat(check().isWhole()).isTrue();
  }

  @Test
  void aTextWithoutEndIsCut() throws Exception {
    try (AuditChain audit = open()) {
      audit.write(new Entry(new Source("0", "user:" + "\u001b".repeat(100_000), "a", "GET", "/".repeat(100_000), "r".repeat(100_000)),
          new Deed("Ping", "", List.of("\u001b".repeat(100_000)), "", "", "a".repeat(100_000)), Decision.REFUSED, "r".repeat(100_000),
          401));
    }
    assertThat(Files.size(files().getFirst())).isLessThan(20_000);
    assertThat(check().isWhole()).isTrue();
  }

  @Test
  void theNextProcessGoesOnWithTheSameFile() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (AuditChain audit = open()) {
        audit.write(push("1." + i));
      }
    }
    assertThat(files()).hasSize(1);
    assertThat(actions()).containsExactly("BeginAuditFile", "PutManifest", "Stop", "PutManifest", "Stop", "PutManifest", "Stop");
    assertThat(check().isWhole()).isTrue();
    assertThat(check().findings()).isEmpty();
  }

  @Test
  void twoDoNotWriteOneAudit() throws Exception {
    try (AuditChain _ = open()) {
      assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("another process");
    }
    open().close();
  }

  @Test
  void anotherFileIsBegunEachDayAndBeginsWithTheHashOfTheFormer() throws Exception {
    try (AuditChain audit = open()) {
      audit.write(push("1.0"));
      await().until(() -> audit.head().number() == 2);
      now.set(Instant.parse("2026-11-22T00:00:00Z"));
      audit.write(push("1.1"));
    }
    assertThat(files()).hasSize(2);
    List<String> former = Files.readAllLines(files().getFirst());
    List<String> next = Files.readAllLines(files().getLast());
    JsonNode end = Json.parse(former.getLast().getBytes(StandardCharsets.UTF_8));
    JsonNode begin = Json.parse(next.getFirst().getBytes(StandardCharsets.UTF_8));
    assertThat(begin.path("action").asString()).isEqualTo("BeginAuditFile");
    assertThat(begin.path("former").asString()).isEqualTo("audit-00000001.jsonl");
    assertThat(begin.path("previous").asString()).isEqualTo(end.path("hash").asString());
    assertThat(check().isWhole()).isTrue();
  }

  @Test
  void anotherFileIsBegunWhenOneIsLargeAndNoneIsRemovedUnlessThatIsWanted() throws Exception {
    try (AuditChain audit = open(new AuditTerms(2_000, 0, Duration.ZERO, false, false))) {
      for (int i = 0; i < 100; i++) {
        audit.write(push("1." + i));
      }
    }
    assertThat(files()).hasSizeGreaterThan(10);
    for (Path file : files()) {
      assertThat(Files.size(file)).isLessThan(3_000);
    }
    assertThat(check().isWhole()).isTrue();
    assertThat(actions().stream().filter("PutManifest"::equals)).hasSize(100);
  }

  @Test
  void onlySoManyFilesAreKeptAndALineSaysWhichWentAway() throws Exception {
    try (AuditChain audit = open(new AuditTerms(2_000, 3, Duration.ZERO, false, false))) {
      for (int i = 0; i < 100; i++) {
        audit.write(push("1." + i));
      }
    }
    assertThat(files()).hasSize(3);
    assertThat(actions()).contains("RemoveAuditFile");
    assertThat(check().isWhole()).isTrue();
    assertThat(check().first().orElseThrow().number()).isGreaterThan(1);
  }

  @Test
  void filesThatAreTooOldGoWhenAnotherIsBegun() throws Exception {
    var terms = new AuditTerms(1 << 20, 0, Duration.ofDays(30), false, false);
    open(terms).close();
    Files.setLastModifiedTime(files().getFirst(), FileTime.from(now.get()));
    now.set(now.get().plus(Duration.ofDays(1)));
    try (AuditChain audit = open(terms)) {
      audit.write(push("1"));
    }
    assertThat(files()).as("a day later").hasSize(2);
    Files.setLastModifiedTime(files().getLast(), FileTime.from(now.get().plus(Duration.ofDays(20))));
    now.set(now.get().plus(Duration.ofDays(30)));
    try (AuditChain audit = open(terms)) {
      audit.write(push("2"));
    }
    assertThat(files()).extracting(file -> file.getFileName().toString()).containsExactly("audit-00000002.jsonl", "audit-00000003.jsonl");
  }

  @Test
  void wheneverItIsKilledInTheMiddleOfALineTheNextOneSaysSoAndNothingIsWrittenAnew() throws Exception {
    try (AuditChain audit = open()) {
      audit.write(push("1.0"));
    }
    byte[] whole = Files.readAllBytes(files().getFirst());
    for (int cut = 1; cut < whole.length; cut += 7) {
      byte[] torn = Arrays.copyOf(whole, cut);
      Files.write(files().getFirst(), torn);
      open().close();
      assertThat(Files.readAllBytes(files().getFirst())).as("cut behind byte %s", cut).startsWith(torn);
      assertThat(check().broken()).as("cut behind byte %s", cut).isEmpty();
      boolean isCutBetween = whole[cut - 1] == '\n' || whole[cut] == '\n';
      assertThat(check().findings()).as("cut behind byte %s", cut).hasSize(isCutBetween ? 0 : 1);
    }
  }

  @Test
  void itIsKilledAgainAndAgain() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (AuditChain audit = open()) {
        audit.write(push("1." + i));
      }
      byte[] whole = Files.readAllBytes(files().getLast());
      Files.write(files().getLast(), Arrays.copyOf(whole, whole.length - 1 - i * 11));
    }
    open().close();
    assertThat(check().broken()).isEmpty();
    assertThat(check().findings()).isNotEmpty().allMatch(finding -> finding.kind() == Finding.Kind.TORN);
  }

  @Test
  void aFileThatWasBegunAndNeverWrittenIsGoneOnWith() throws Exception {
    open().close();
    Files.createFile(folder.resolve("audit-00000002.jsonl"));
    try (AuditChain audit = open()) {
      audit.write(push("1.0"));
    }
    assertThat(files()).hasSize(2);
    assertThat(check().isWhole()).isTrue();
    assertThat(actions()).containsExactly("BeginAuditFile", "Stop", "BeginAuditFile", "PutManifest", "Stop");
  }

  @Test
  void aFileOfWhichOnlyThePieceOfALineWasWrittenIsGoneOnWith() throws Exception {
    open().close();
    Files.writeString(folder.resolve("audit-00000002.jsonl"), "{\"line\":3,\"ti");
    open().close();
    assertThat(check().broken()).isEmpty();
    assertThat(check().findings()).singleElement().extracting(Finding::kind).isEqualTo(Finding.Kind.TORN);
  }

  /** A disk that writes a part of what it is given and fails, so many times. */
  private static AppendFile.Opening failing(AtomicInteger failures, int written) {
    return path -> {
      AppendFile file = AppendFile.OnDisk.open(path);
      return new AppendFile() {
        @Override
        public void write(byte[] bytes) throws IOException {
          if (failures.get() > 0) {
            failures.decrementAndGet();
            file.write(Arrays.copyOf(bytes, Math.min(written, bytes.length)));
            throw new IOException("No space left on device");
          }
          file.write(bytes);
        }

        @Override
        public void sync() throws IOException {
          file.sync();
        }

        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    };
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenWhenThereIsRoomAgainAndOnceOnly() throws Exception {
    for (int written : List.of(0, 1, 100, 400, 900, 1_500, 100_000)) {
      Path inside = Files.createDirectory(folder.resolve("after" + written));
      var failures = new AtomicInteger();
      try (var audit = new AuditChain(AuditFolder.take(inside), AuditTerms.DEFAULT, clock, failing(failures, written), SHORT)) {
        audit.write(push("0"));
        await().until(() -> audit.head().number() == 2);
        failures.set(3);
        for (int i = 1; i <= 10; i++) {
          audit.write(push(Integer.toString(i)));
        }
        await().until(() -> failures.get() < 3);
        failures.set(Math.min(failures.get(), 1));
        await().until(() -> failures.get() == 0 || audit.head().number() >= 12);
        failures.set(0);
      }
      AuditCheck check = AuditCheck.of(AuditFolder.files(inside), List.of());
      assertThat(check.broken()).as("%s bytes", written).isEmpty();
      List<String> tags = new ArrayList<>();
      for (String line : Files.readAllLines(AuditFolder.files(inside).getFirst())) {
        if (Link.read(line.getBytes(StandardCharsets.UTF_8)).isPresent() && line.contains("PutManifest")) {
          tags.add(Json.parse(line.getBytes(StandardCharsets.UTF_8)).path("tags").path(0).asString());
        }
      }
      assertThat(tags).as("%s bytes", written).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
    }
  }

  @Test
  void whileNothingCanBeWrittenNoChangeIsMadeWhereEachHasToHaveItsLine() throws Exception {
    var failures = new AtomicInteger();
    var terms = new AuditTerms(1 << 20, 0, Duration.ZERO, true, false);
    try (var audit = new AuditChain(AuditFolder.take(folder), terms, clock, failing(failures, 10), SHORT)) {
      audit.write(push("1"));
      assertThat(audit.head().number()).as("who may go on knows that it is on the disk").isEqualTo(2);
      failures.set(Integer.MAX_VALUE);
      audit.write(refusal("192.0.2.1"));
      await().until(() -> !audit.isReady());
      failures.set(0);
      await().until(audit::isReady);
      audit.write(push("2"));
    }
    assertThat(check().broken()).isEmpty();
  }

  @Test
  void elsewhereChangesGoOnAndWhatIsTooMuchForTheMemoryIsCounted() throws Exception {
    var failures = new AtomicInteger();
    try (var audit = new AuditChain(AuditFolder.take(folder), AuditTerms.DEFAULT, clock, failing(failures, 10), SHORT)) {
      failures.set(Integer.MAX_VALUE);
      audit.write(push("first"));
      await().until(() -> failures.get() < Integer.MAX_VALUE);
      for (int i = 0; i < AuditChain.MOST + 5; i++) {
        audit.write(push(Integer.toString(i)));
      }
      assertThat(audit.isReady()).isTrue();
      failures.set(0);
      await().until(() -> audit.head().number() > AuditChain.MOST);
    }
    assertThat(Files.readString(files().getLast())).contains("\"rule\":\"5 entries were lost");
    assertThat(check().broken()).isEmpty();
  }

  @Test
  void whoIsRefusedWithoutEndTakesNoRoomFromChanges() throws Exception {
    var failures = new AtomicInteger();
    try (var audit = new AuditChain(AuditFolder.take(folder), AuditTerms.DEFAULT, clock, failing(failures, 10), SHORT)) {
      failures.set(Integer.MAX_VALUE);
      audit.write(push("first"));
      await().until(() -> failures.get() < Integer.MAX_VALUE);
      IntStream.range(0, AuditChain.MOST).forEach(_ -> audit.write(refusal("192.0.2.1")));
      IntStream.range(0, 10).forEach(i -> audit.write(push("behind" + i)));
      failures.set(0);
      await().until(() -> Files.readString(files().getLast()).contains("manifests/behind9"));
    }
    String written = Files.readString(files().getLast());
    assertThat(written).contains("manifests/behind0", "manifests/behind9",
        "\"rule\":\"" + (AuditChain.MOST - AuditChain.MOST_REFUSALS) + " entries were lost");
  }

  @Test
  void whoIsRefusedWithoutEndHasAHundredLinesAMinuteAndTheRestIsOne() throws Exception {
    try (AuditChain audit = open()) {
      for (int i = 0; i < 1_000; i++) {
        audit.write(refusal("192.0.2.1"));
        audit.write(push("1." + i));
      }
      audit.write(refusal("192.0.2.2"));
    }
    assertThat(actions().stream().filter("Ping"::equals)).hasSize(Repetitions.PER_ADDRESS + 1);
    assertThat(actions().stream().filter("PutManifest"::equals)).as("what is allowed").hasSize(1_000);
    assertThat(lines().stream().filter(line -> line.path("action").asString("").equals("SumUp"))).singleElement().satisfies(line -> {
      assertThat(line.path("address").asString()).isEqualTo("192.0.2.1");
      assertThat(line.path("times").asInt()).isEqualTo(900);
    });
  }

  @Test
  void refusalsFromManyAddressesHaveAThousandLinesTogetherAndAsManySums() throws Exception {
    try (AuditChain audit = open()) {
      for (int i = 0; i < 9_000; i++) {
        audit.write(refusal("192.0.2." + i));
        if (i % 1_000 == 999) {
          long from = audit.head().number();
          audit.write(push("1"));
          await().until(() -> audit.head().number() > from);
        }
      }
    }
    assertThat(actions().stream().filter("Ping"::equals)).hasSize(Repetitions.IN_ALL);
    assertThat(lines().stream().filter(line -> line.path("action").asString("").equals("SumUp"))).hasSize(Repetitions.IN_ALL + 1);
    assertThat(lines().stream().mapToInt(line -> line.path("times").asInt(0)).sum()).isEqualTo(8_000);
  }
}
