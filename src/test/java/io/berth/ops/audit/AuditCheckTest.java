package io.berth.ops.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Json;
import io.berth.ops.AuditLog.Decision;
import io.berth.ops.AuditLog.Deed;
import io.berth.ops.AuditLog.Entry;
import io.berth.ops.AuditLog.Source;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Whoever changes the audit afterwards is found out. */
class AuditCheckTest {

  @TempDir private Path folder;

  private List<Path> files = List.of();
  private Anchor head = new Anchor(1, "");

  @BeforeEach
  void writeSome() throws Exception {
    var terms = new AuditTerms(3_000, 0, Duration.ZERO, false, false);
    try (AuditChain audit = AuditChain.open(AuditFolder.take(folder), terms, InstantSource.system())) {
      for (int i = 0; i < 30; i++) {
        audit.write(new Entry(new Source("id", "user:alice", "192.0.2.1", "PUT", "/v2/a/manifests/" + i, null),
            new Deed("PutManifest", "a", List.of("" + i), "", "", ""), Decision.ALLOWED, "developers", 201));
      }
    }
    files = AuditFolder.files(folder);
    head = check().head().orElseThrow();
    assertThat(files).hasSizeGreaterThan(2);
    assertThat(check().isWhole()).isTrue();
    assertThat(check().findings()).isEmpty();
  }

  private AuditCheck check(Anchor... anchors) throws Exception {
    return AuditCheck.of(files, List.of(anchors));
  }

  private List<String> lines() throws Exception {
    return new ArrayList<>(Files.readAllLines(files.get(1)));
  }

  private void write(List<String> lines) throws Exception {
    Files.writeString(files.get(1), String.join("\n", lines) + "\n");
  }

  private Finding broken() throws Exception {
    return check(head).broken().orElseThrow();
  }

  @Test
  void aChangedLineIsFoundWhereverItIsChanged() throws Exception {
    List<String> lines = lines();
    String line = lines.get(3);
    for (int i = 0; i < line.length(); i++) {
      lines.set(3, line.substring(0, i) + (char) (line.charAt(i) ^ 1) + line.substring(i + 1));
      write(lines);
      assertThat(broken().at()).as("character %s", i).isBetween(4L, 5L);
      assertThat(broken().file()).isEqualTo(files.get(1));
    }
  }

  @Test
  void soIsOneThatWasGivenTheRightHashOfItsOwn() throws Exception {
    List<String> lines = lines();
    Link before = Link.read(lines.get(2).getBytes(StandardCharsets.UTF_8)).orElseThrow();
    var content = (ObjectNode) Json.parse(lines.get(3).getBytes(StandardCharsets.UTF_8));
    content.remove(List.of("line", "previous", "hash"));
    content.put("identity", "user:mallory");
    lines.set(3, new String(before.then(content).bytes(), StandardCharsets.UTF_8).strip());
    write(lines);
    assertThat(broken().at()).isEqualTo(5);
    assertThat(broken().words()).contains("was not written behind");
  }

  @Test
  void aLineThatWasRemovedIsMissed() throws Exception {
    List<String> lines = lines();
    lines.remove(3);
    write(lines);
    assertThat(broken().at()).isEqualTo(4);
    assertThat(broken().words()).contains("is missing");
  }

  @Test
  void theFirstAndTheLastLineOfAFileAreMissedToo() throws Exception {
    List<String> lines = lines();
    write(lines.subList(1, lines.size()));
    assertThat(broken().at()).isEqualTo(1);
    write(lines.subList(0, lines.size() - 1));
    assertThat(broken().file()).isEqualTo(files.get(2));
    assertThat(broken().at()).isEqualTo(1);
  }

  @Test
  void anInsertedLineIsFound() throws Exception {
    List<String> lines = lines();
    lines.add(4, lines.get(2));
    write(lines);
    assertThat(broken().at()).isEqualTo(5);
    lines.set(4, "{}");
    write(lines);
    assertThat(broken().at()).isEqualTo(5);
    lines.set(4, "");
    write(lines);
    assertThat(broken().at()).isEqualTo(5);
  }

  @Test
  void linesThatChangedPlacesAreFound() throws Exception {
    List<String> lines = lines();
    lines.add(3, lines.remove(4));
    write(lines);
    assertThat(broken().at()).isEqualTo(4);
  }

  @Test
  void aFileThatWasCutAnywhereIsFound() throws Exception {
    byte[] whole = Files.readAllBytes(files.get(1));
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(files.get(1), Arrays.copyOf(whole, length));
      assertThat(check().broken()).as("%s bytes", length).isPresent();
    }
  }

  @Test
  void aFileThatIsGoneIsMissed() throws Exception {
    files = List.of(files.get(0), files.get(2));
    assertThat(broken().file()).isEqualTo(files.get(1));
  }

  @Test
  void whatWasCutOffAtTheEndIsFoundByAnAnchor() throws Exception {
    files = files.subList(0, files.size() - 1);
    assertThat(check().isWhole()).as("it could be an audit that is not longer yet").isTrue();
    assertThat(check(head).isWhole()).isFalse();
    assertThat(check(head).contradicted()).containsExactly(head);
  }

  @Test
  void anAuditThatWasWrittenAnewFromTheBeginningIsFoundByAnAnchor() throws Exception {
    var anew = new ArrayList<Path>();
    Link last = Link.NONE;
    for (Path file : files) {
      var text = new StringBuilder();
      for (String line : Files.readAllLines(file)) {
        var content = (ObjectNode) Json.parse(line.getBytes(StandardCharsets.UTF_8));
        content.remove(List.of("line", "previous", "hash"));
        content.put("identity", "user:bob");
        Link.Line written = last.then(content);
        last = written.link();
        text.append(new String(written.bytes(), StandardCharsets.UTF_8));
      }
      anew.add(Files.writeString(file, text));
    }
    files = anew;
    assertThat(check().isWhole()).isTrue();
    assertThat(check(head).contradicted()).containsExactly(head);
  }

  @Test
  void anAnchorOfALineThatIsNotHereAnyMoreSaysNothing() throws Exception {
    Anchor first = check().first().orElseThrow();
    files = files.subList(1, files.size());
    assertThat(check(first, head).isWhole()).isTrue();
  }

  @Test
  void thePieceOfALineAtTheVeryEndMayBeOneThatIsBeingWritten() throws Exception {
    Files.writeString(files.getLast(), "{\"line\":99,\"time", StandardOpenOption.APPEND);
    assertThat(check(head).isWhole()).isTrue();
    assertThat(check(head).findings()).singleElement().extracting(Finding::kind).isEqualTo(Finding.Kind.UNFINISHED);
  }

  @Test
  void nobodyHidesLinesBehindWordsAboutATornOne() throws Exception {
    List<String> lines = lines();
    Link before = Link.read(lines.get(2).getBytes(StandardCharsets.UTF_8)).orElseThrow();
    String hidden = lines.get(3);
    ObjectNode closing = Json.MAPPER.createObjectNode().put("action", Scan.CLOSE).put("bytes", hidden.length())
        .put("sha256", Link.hash(hidden.getBytes(StandardCharsets.UTF_8)));
    lines.set(4, new String(before.then(closing).bytes(), StandardCharsets.UTF_8).strip());
    write(lines);
    assertThat(check(head).isWhole()).isFalse();
  }

  @Test
  void whatIsNoAuditAtAllIsFound() throws Exception {
    Files.write(files.get(1), new byte[3 << 20]);
    assertThat(check().broken()).isPresent();
    Files.writeString(files.get(1), "x\n".repeat(1 << 20));
    assertThat(check().broken()).isPresent();
  }
}
