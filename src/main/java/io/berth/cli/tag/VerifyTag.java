package io.berth.cli.tag;

import io.berth.cli.Refusal;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Json;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.Reference;
import io.berth.oci.SignedTag;
import io.berth.oci.TagObject;
import io.berth.signing.InvalidKey;
import io.berth.signing.TrustedKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** {@code berth tag verify}. */
@Command(name = "verify", mixinStandardHelpOptions = true, description = {
  "Verifies that a tag points where one of the keys has signed that it does, and that the registry serves that.",
  "With --list, verifies the list of a repository's tags that the registry signs: that none is missing, added or of another time."},
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:verified", "1:refused or failed, nothing is known", "2:wrong usage", "3:not verified"})
final class VerifyTag implements Callable<Integer> {

  private static final int NOT_VERIFIED = 3;

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "[HOST/]REPOSITORY[:TAG]") private String what = "";

  @Option(names = "--key", paramLabel = "FILE", description = {
    "A public key that is trusted, PEM or a JSON Web Key Set; can be repeated. One that has signed is enough.",
    "Default for lists: the keys that the registry itself names."}) private List<Path> keys = new ArrayList<>();

  @Option(names = "--file", paramLabel = "DOCUMENT",
      description = "Verify this signed document, not the registry's own for the tag.") private @Nullable Path file;

  @Option(names = "--list", description = "Verify the list of a repository's tags.") private boolean list;

  @Option(names = "--at", paramLabel = "MOMENT",
      description = "With --list: as of a sequence number, or a time. Default: the newest, and no other passes.") private @Nullable String at;

  @Override
  public Integer call() {
    try {
      if (list) {
        list(target.repository(what));
      } else {
        tag(target.tag(what));
      }
      return 0;
    } catch (InvalidKey e) {
      throw new Refusal(e);
    } catch (VerificationFailed e) {
      if (format.json()) {
        target.print(Json.MAPPER.createObjectNode().put("verified", false).put("reason", e.getMessage()));
      }
      target.err().println("berth: NOT VERIFIED: " + e.getMessage());
      target.err().flush();
      return NOT_VERIFIED;
    } finally {
      target.out().flush();
    }
  }

  private void tag(Reference reference) throws InvalidKey {
    if (at != null) {
      throw target.wrong("--at is for --list");
    }
    if (keys.isEmpty()) {
      throw target.wrong("name a public key that you trust: --key FILE");
    }
    TrustedKeys trusted = trusted();
    try (TagClient client = target.open(reference)) {
      SignedTag document = file == null ? TagVerification.fetch(client, reference) : read(file);
      TagVerification.Result result = TagVerification.signatures(document, reference, trusted);
      TagVerification.served(client, reference, result.object());
      report(reference, result);
    }
  }

  private void report(Reference reference, TagVerification.Result result) {
    TagObject object = result.object();
    if (format.json()) {
      ObjectNode json = Json.MAPPER.createObjectNode().put("verified", true);
      result.keys().forEach(json.putArray("keys")::add);
      target.print(json.putRawValue("object", new RawValue(
          new String(object.render(), StandardCharsets.UTF_8))));
    } else {
      target.out().printf("verified: %s -> %s, signed by %s%n", reference, object.target().digest(), String.join(", ", result.keys()));
    }
  }

  private TrustedKeys trusted() throws InvalidKey {
    Map<String, Path> files = new LinkedHashMap<>();
    keys.forEach(key -> files.put(key.toString(), key));
    return TrustedKeys.read(files);
  }

  private static SignedTag read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(Limits.TAG_OBJECT_BYTES + 1);
      return new SignedTag(isJws(bytes) ? SignedTag.Form.JWS : SignedTag.Form.PRETTYJWS, bytes);
    } catch (IOException e) {
      throw new Refusal(file + " can't be read: " + e.getClass().getSimpleName(), e);
    }
  }

  /** Of the two forms, only one has a payload. What is neither is refused when it is parsed. */
  private static boolean isJws(byte[] document) {
    try {
      return Json.parse(document).has("payload");
    } catch (Json.InvalidJson e) {
      return true;
    }
  }

  private void list(Reference repository) throws InvalidKey {
    if (file != null) {
      throw target.wrong("--file and --list can't be combined");
    }
    String moment = target.moment(at);
    try (TagClient client = target.open(repository)) {
      boolean firstUse = keys.isEmpty();
      var verification = new ListVerification(repository, firstUse ? published(client) : trusted(), moment);
      client.list(Map.of("at", moment), MediaType.TAGS_JWS, verification::add);
      ObjectNode result = verification.result();
      if (firstUse) {
        target.err().println("berth: the keys are those that the registry names itself, trusted on first use: "
            + "keep " + client.session().registry() + "/v2/_berth/keys in a file, and give it as --key from now on");
        target.err().flush();
      }
      if (format.json()) {
        target.print(result.put("verified", true).put("keysTrustedOnFirstUse", firstUse));
      } else {
        target.out().printf("verified: all %s tags of %s, as of sequence %s, said at %s, signed by %s%n", result.path("total").asString(),
            repository, result.path("sequence").asString(), Lines.shown(result.path("time").asString("")),
            firstUse ? "the registry" : String.join(", ", result.path("keys").valueStream().map(name -> name.asString("")).toList()));
      }
    }
  }

  private static TrustedKeys published(TagClient client) throws InvalidKey {
    Answer answer = client.keys();
    return TrustedKeys.of("registry", answer.uri().toString(), answer.body());
  }
}
