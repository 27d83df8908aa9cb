package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.cli.Calls.Answer;
import io.berth.config.AuditConfig;
import io.berth.config.ListenAddress;
import io.berth.config.LogConfig;
import io.berth.config.ServeConfig;
import io.berth.oci.Digest;
import io.berth.ops.audit.AuditCheck;
import io.berth.ops.audit.AuditFolder;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A registry that changes nothing while that can't be written down, as its clients see it. Each line begins a file of its own, so that it matters at once
 * when the folder of the audit is gone and something else is in its place.
 */
@Timeout(120)
final class RequiredAuditTest {

  private static final String TYPE = "Content-Type: application/vnd.oci.image.index.v1+json";
  private static final String INDEX = "{\"schemaVersion\":2,\"manifests\":[]}";
  private static final String BLOB = "a blob";
  private static final String DIGEST = Digest.Algorithm.SHA256.of(BLOB.getBytes(UTF_8)).toString();
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir private Path folder;

  private Wiring berth;
  private Calls client;
  private Path audit;
  private Path away;

  @BeforeEach
  void start() throws Exception {
    berth = Wiring.start(config(true), OutputStream.nullOutputStream());
    client = new Calls(berth.url());
    audit = folder.resolve("data/audit");
    away = folder.resolve("away");
    assertThat(client.call("POST", "/v2/app/blobs/uploads/?digest=" + DIGEST, BLOB).status()).isEqualTo(201);
    assertThat(push("1").status()).isEqualTo(201);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    berth.close();
  }

  private ServeConfig config(boolean required) {
    ServeConfig config = ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0));
    LogConfig log = config.log();
    return config.withLog(new LogConfig(log.level(), log.format(), log.fields(), log.access(),
        new AuditConfig(1, 0, Duration.ZERO, required, false)));
  }

  private Answer push(String tag) throws Exception {
    return client.call("PUT", "/v2/app/manifests/" + tag, INDEX, TYPE);
  }

  private void breakAudit() throws Exception {
    Files.move(audit, away);
    Files.writeString(audit, "in the way");
  }

  /** What fails has a line, for which nobody waits. */
  private int fail() throws Exception {
    return client.call("DELETE", "/v2/app/manifests/none", "").status();
  }

  private void awaitRefusals() {
    await().atMost(PATIENCE).until(() -> fail() == 503);
  }

  private void mend() throws Exception {
    Files.delete(audit);
    Files.move(away, audit);
  }

  @Test
  void whileNoLineCanBeWrittenChangesAreRefusedAndPullsGoOn() throws Exception {
    breakAudit();
    awaitRefusals();

    for (String change : new String[] {"PUT /v2/app/manifests/3", "DELETE /v2/app/manifests/1", "DELETE /v2/app/blobs/" + DIGEST,
      "POST /v2/app/blobs/uploads/?digest=" + DIGEST, "POST /v2/b/blobs/uploads/?from=app&mount=" + DIGEST}) {
      String[] words = change.split(" ", 2);
      Answer answer = client.call(words[0], words[1], words[0].equals("PUT") ? INDEX : "", TYPE);

      assertThat(answer.status()).as(change).isEqualTo(503);
      assertThat(answer.field("Retry-After")).as(change).contains("30");
      assertThat(answer.body()).as(change).contains("audit.required").doesNotContain(folder.toString());
    }
    assertThat(client.get("/v2/app/manifests/1", "Accept: */*").body()).isEqualTo(INDEX);
    assertThat(client.get("/v2/app/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(client.get("/v2/app/tags/list").body()).contains("[\"1\"]");
  }

  @Test
  void whenThereIsRoomAgainChangesGoOnAndNoLineIsMissing() throws Exception {
    breakAudit();
    awaitRefusals();

    mend();
    await().atMost(PATIENCE).until(() -> push("3").status() == 201);

    stop();
    assertThat(AuditCheck.of(AuditFolder.files(audit), List.of()).broken()).isEmpty();
    var text = new StringBuilder();
    try (Stream<Path> files = AuditFolder.files(audit).stream()) {
      for (Path file : files.toList()) {
        text.append(Files.readString(file));
      }
    }
    assertThat(text).contains("\"tags\":[\"1\"]", "\"tags\":[\"none\"]", "\"tags\":[\"3\"]");
  }

  @Test
  void whereItIsNotRequiredChangesGoOn() throws Exception {
    berth.reload(config(false));
    breakAudit();
    assertThat(fail()).isEqualTo(404);
    assertThat(push("2").status()).isEqualTo(201);
    assertThat(push("3").status()).isEqualTo(201);
  }
}
