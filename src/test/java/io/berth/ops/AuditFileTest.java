package io.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The audit on a real disk. */
class AuditFileTest {

  @TempDir private Path folder;

  @Test
  void eachEntryIsALineOfJson() throws Exception {
    try (var audit = new AuditFile(folder)) {
      audit.write(entry("/v2/team/app/manifests/1.0"));
      audit.write(entry("/v2/team/app/manifests/2.0"));
    }
    List<String> lines = Files.readAllLines(folder.resolve("audit.jsonl"));
    assertThat(lines).hasSize(2);
    JsonNode first = Json.parse(lines.getFirst().getBytes(StandardCharsets.UTF_8));
    assertThat(first.path("identity").asString()).isEqualTo("user:alice");
    assertThat(first.path("target").asString()).isEqualTo("/v2/team/app/manifests/1.0");
    assertThat(first.path("status").asInt()).isEqualTo(201);
    assertThat(first.path("time").asString()).isNotEmpty();
  }

  @Test
  void whatAStrangerSentCanNeitherEndALineNorActOnATerminal() throws Exception {
    try (var audit = new AuditFile(folder)) {
      audit.write(entry("/v2/\n{\"identity\":\"root\"}\u001b[2J"));
    }
    assertThat(Files.readAllLines(folder.resolve("audit.jsonl"))).singleElement().asString().doesNotContain("\u001b");
  }

  @Test
  void anExistingAuditIsGoneOnWith() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (var audit = new AuditFile(folder)) {
        audit.write(entry("/v2/a/blobs/uploads/"));
      }
    }
    assertThat(Files.readAllLines(folder.resolve("audit.jsonl"))).hasSize(2);
  }

  private static AuditLog.Entry entry(String target) {
    return new AuditLog.Entry("0123", "user:alice", "127.0.0.1:4000", "PUT", target, "allowed", "a rule", 201, null);
  }
}
