package io.berth.cli.tag;

import io.berth.client.RegistrySession;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth copy}: has the registry copy, as often as it takes. Whatever happens to the tag of the origin meanwhile, one manifest is copied. */
@Command(name = "copy", mixinStandardHelpOptions = true, description = {
  "Copies an image within a registry, with all that belongs to it and what points at it; no bytes are moved.",
  "What is there already is passed over, so a copy that broke off is simply asked for again."})
public final class CopyCommand implements Callable<Integer> {

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(index = "0", paramLabel = "[HOST/]REPOSITORY:TAG|@DIGEST") private String from = "";

  @Parameters(index = "1", paramLabel = "[HOST/]REPOSITORY[:TAG]") private String to = "";

  @Option(names = "--no-referrers", description = "Leave behind what points at it: signatures, attestations.") private boolean alone;

  @Override
  public Integer call() {
    Reference origin = target.reference(from);
    Reference copy = target.reference(to);
    if (origin.tag() == null && origin.digest() == null || copy.digest() != null) {
      throw target.wrong("expected REPOSITORY:TAG or REPOSITORY@DIGEST, and where to: REPOSITORY, perhaps with a :TAG");
    }
    if (!Objects.equals(origin.host(), copy.host())) {
      throw target.wrong("a registry copies within itself: name the same host twice");
    }
    long manifests = 0;
    long blobs = 0;
    String name = origin.digest() == null ? String.valueOf(origin.tag()) : origin.digest().toString();
    JsonNode answer;
    try (RegistrySession session = target.session(copy)) {
      do {
        answer = session.send(new RegistrySession.Ask("POST", "/v2/" + copy.repository() + "/_berth/copy",
            Map.of("Content-Type", "application/json"), order(origin, name, copy.tag() == null ? null : copy.tag().value()))).json();
        name = answer.path("digest").asString(name);
        manifests += answer.path("manifests").asLong();
        blobs += answer.path("blobs").asLong();
      } while (!answer.path("complete").asBoolean());
    }
    if (format.json()) {
      target.print(Json.MAPPER.createObjectNode().put("digest", name).put("manifests", manifests).put("blobs", blobs));
    } else {
      target.out().printf("copied %s to %s: %d manifests and %d blobs that were not there%n", Lines.shown(name), copy, manifests, blobs);
    }
    target.out().flush();
    return 0;
  }

  private byte[] order(Reference origin, String name, @Nullable String tag) {
    ObjectNode order = Json.MAPPER.createObjectNode().put("from", origin.repository().value()).put("reference", name)
        .put("referrers", !alone);
    if (tag != null) {
      order.putArray("tags").add(tag);
    }
    return Json.write(order).getBytes(StandardCharsets.UTF_8);
  }
}
