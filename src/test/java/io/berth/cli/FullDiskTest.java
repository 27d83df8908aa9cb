package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cli.Calls.Answer;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.config.UploadsConfig;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry on a disk that has less room than is to be kept back: a reserve larger than any disk makes it so. */
final class FullDiskTest {

  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String MANIFEST = "{\"schemaVersion\":2,\"manifests\":[]}";
  private static final String BLOB = "a blob";
  private static final String DIGEST = Digest.Algorithm.SHA256.of(BLOB.getBytes(StandardCharsets.UTF_8)).toString();

  @TempDir private Path folder;

  private ServeConfig config;
  private Wiring berth;
  private Calls client;
  private String upload;

  @BeforeEach
  void start() throws IOException {
    config = ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0));
    berth = Wiring.start(keeping(0), OutputStream.nullOutputStream());
    client = new Calls(berth.url());
    assertThat(client.call("POST", "/v2/app/blobs/uploads/?digest=" + DIGEST, BLOB).status()).isEqualTo(201);
    assertThat(client.call("PUT", "/v2/app/manifests/1", MANIFEST, "Content-Type: " + INDEX).status()).isEqualTo(201);
    upload = client.call("POST", "/v2/app/blobs/uploads/", "").field("Location").orElseThrow();
    assertThat(client.call("PATCH", upload, BLOB).status()).isEqualTo(202);
    berth.reload(keeping(1L << 50));
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    berth.close();
  }

  private ServeConfig keeping(long reserve) {
    return config.withUploads(new UploadsConfig(true, Duration.ofDays(1), Duration.ofMinutes(10), reserve));
  }

  @Test
  void whatWouldStoreSomethingIsRefusedInWords() throws IOException {
    for (String push : new String[] {"POST /v2/app/blobs/uploads/", "POST /v2/app/blobs/uploads/?digest=" + DIGEST, "PATCH " + upload,
      "PUT " + upload + "?digest=" + DIGEST, "POST /v2/b/blobs/uploads/?mount=" + DIGEST + "&from=app", "PUT /v2/app/manifests/2"}) {
      String[] words = push.split(" ", 2);

      Answer answer = client.call(words[0], words[1], "");

      assertThat(answer.status()).as(push).isEqualTo(507);
      assertThat(answer.body()).as(push).contains("\"code\":\"DENIED\"", "disk is full").doesNotContain(folder.toString());
    }
  }

  /** No byte of it is asked for. */
  @Test
  void aBodyIsRefusedBeforeItIsSent() throws IOException {
    client.raw("PATCH " + upload + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");

    assertThat(client.answer(false).status()).isEqualTo(507);
  }

  @Test
  void pullsAndDeletionsGoOn() throws IOException {
    assertThat(client.get("/v2/app/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(client.get("/v2/app/manifests/1").body()).isEqualTo(MANIFEST);
    assertThat(client.call("HEAD", "/v2/app/blobs/" + DIGEST, "").status()).isEqualTo(200);
    assertThat(client.get("/v2/app/tags/list").status()).isEqualTo(200);
    assertThat(client.get(upload).status()).isEqualTo(204);
    assertThat(client.call("DELETE", upload, "").status()).isEqualTo(204);
    assertThat(client.call("DELETE", "/v2/app/manifests/1", "").status()).isEqualTo(202);
    assertThat(client.call("DELETE", "/v2/app/blobs/" + DIGEST, "").status()).isEqualTo(202);
    assertThat(client.call("DELETE", "/v2/app/_berth/repository", "").status()).isEqualTo(202);
  }

  @Test
  void theRegistryIsReadyAndSaysWhatItRefuses() throws IOException {
    Answer ready = client.get("/readyz");

    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.body()).contains("\"status\":\"ok\"", "disk is full");
  }

  @Test
  void whatWasBegunGoesOnWhenThereIsRoom() throws IOException {
    berth.reload(keeping(0));

    assertThat(client.call("PUT", upload + "?digest=" + DIGEST, "").status()).isEqualTo(201);
    assertThat(client.call("PUT", "/v2/app/manifests/2", MANIFEST, "Content-Type: " + INDEX).status()).isEqualTo(201);
    assertThat(client.get("/readyz").body()).isEqualTo("{\"status\":\"ok\"}");
  }
}
