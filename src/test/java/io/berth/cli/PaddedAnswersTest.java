package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.Configuration;
import io.berth.config.ListenAddress;
import io.berth.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Someone who may pull some tags learns nothing sooner than the padding allows, whichever way he asks. */
@Timeout(60)
final class PaddedAnswersTest {

  private static final String INDEX = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
  private static final String TYPE = "Content-Type: application/vnd.oci.image.index.v1+json";
  private static final String DIGEST = Digest.Algorithm.SHA256.of(INDEX.getBytes(UTF_8)).toString();
  /** What the padding promises. */
  private static final long SHORTEST_NANOS = 50_000_000;

  @TempDir private Path folder;

  private static void takesItsTime(Calls calls, int status, String method, String target, String body, String... fields) throws Exception {
    long begun = System.nanoTime();
    assertThat(calls.call(method, target, body, fields).status()).as(method + " " + target).isEqualTo(status);
    assertThat(System.nanoTime() - begun).as(method + " " + target).isGreaterThanOrEqualTo(SHORTEST_NANOS);
  }

  @Test
  void everyWayToAskTakesItsTime() throws Exception {
    String file = """
        auth: {accounts: {enabled: true}}
        access:
          rules:
            - {name: releases, who: anyone, repositories: [team/app], tags: ['v*'], actions: [pull]}
            - {name: all may push, who: anyone, repositories: ['**'], actions: [push]}
        """;
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("test.yml", file)), Map.of(), List.of());
    try (var berth = Wiring.start(
        Configuration.read(sources).serve().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0)),
        new ByteArrayOutputStream()); var calls = new Calls(berth.url())) {
      assertThat(calls.call("PUT", "/v2/team/app/manifests/secret", INDEX, TYPE).status()).isEqualTo(201);
      String absent = "sha256:" + "0".repeat(64);
      takesItsTime(calls, 404, "GET", "/v2/team/app/blobs/" + absent, "");
      takesItsTime(calls, 404, "HEAD", "/v2/team/app/blobs/" + absent, "");
      takesItsTime(calls, 404, "GET", "/v2/team/app/manifests/" + absent, "");
      takesItsTime(calls, 404, "GET", "/v2/team/app/manifests/secret", "");
      takesItsTime(calls, 202, "POST", "/v2/team/app/blobs/uploads/?mount=" + absent, "");
      takesItsTime(calls, 202, "POST", "/v2/other/app/blobs/uploads/?mount=" + absent + "&from=team/app", "");
      takesItsTime(calls, 200, "GET", "/v2/team/app/referrers/" + DIGEST, "");
      takesItsTime(calls, 200, "GET", "/v2/team/app/tags/list", "");
      takesItsTime(calls, 200, "GET", "/v2/_catalog?completeness=true", "");
      takesItsTime(calls, 400, "PUT", "/v2/team/app/manifests/v1", INDEX.replace("[]", "[{\"mediaType\":"
          + "\"application/vnd.oci.image.manifest.v1+json\",\"size\":2,\"digest\":\"" + absent + "\"}]"), TYPE);
    }
  }
}
