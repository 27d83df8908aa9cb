package io.berth.cli.tag;

import io.berth.cli.Refusal;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.oci.MediaType;
import io.berth.oci.Reference;
import io.berth.oci.RegistryException;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagObject;
import io.berth.signing.InvalidKey;
import io.berth.signing.SigningKey;
import io.berth.signing.TagSignatures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code berth tag sign}. The key is used here and goes nowhere. */
@Command(name = "sign", mixinStandardHelpOptions = true, description = {"Signs that a tag points where it does, or where it is to point.",
  "A tag that is signed already gets one more signature, unless the statement is a new one: another target, --description or --meta."})
final class SignTag implements Callable<Integer> {

  /** How a signed object is written. */
  enum Form {
    jws, prettyjws;

    SignedTag.Form signed() {
      return this == jws ? SignedTag.Form.JWS : SignedTag.Form.PRETTYJWS;
    }
  }

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Mixin private Statement statement = new Statement();

  @Parameters(index = "0", paramLabel = "[HOST/]REPOSITORY:TAG") private String tag = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "DIGEST",
      description = "What the tag is to point at. Default: what it points at now.") private @Nullable String to;

  @Option(names = "--key", paramLabel = "FILE", required = true,
      description = "The private key: PEM (PKCS #8) or a JSON Web Key.") private Path key =
          Path.of("");

  @Option(names = "--form", paramLabel = "FORM", defaultValue = "jws",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.") private Form form =
          Form.jws;

  @Option(names = "--output", paramLabel = "FILE",
      description = "Write the signed document there, - for standard output, and push nothing.") private @Nullable String output;

  /** What is to be signed, and when the tag may be changed only. */
  private record Draft(byte[] document, Map<String, String> conditions) {}

  @Override
  public Integer call() {
    Reference reference = target.tag(tag);
    if (to != null && Digest.parseOrNull(to) == null) {
      throw target.wrong(to + ": expected a digest");
    }
    try (TagClient client = target.open(reference)) {
      SigningKey signer = SigningKey.read(key);
      Draft draft = draft(client, reference);
      SignedTag signed = TagSignatures.sign(draft.document, signer, form.signed());
      TagObject object = TagSignatures.parse(signed).object();
      if (!reference.toString().equals(object.name())) {
        throw new Refusal("the tag's signed object is named " + Lines.shown(String.valueOf(object.name())) + ", not " + reference
            + ": write the tag so, or sign a new statement (--description, --meta)");
      }
      finish(client, reference, signed, draft.conditions);
    } catch (InvalidKey e) {
      throw new Refusal(e);
    } catch (RegistryException e) {
      throw new Refusal("nothing was signed: " + e.getMessage());
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private Draft draft(TagClient client, Reference reference) {
    String signed =
        form == Form.jws ? MediaType.TAG_JWS + ", " + MediaType.TAG_PRETTYJWS : MediaType.TAG_PRETTYJWS + ", " + MediaType.TAG_JWS;
    Answer answer = client.ask(TagTarget.tagOf(reference), signed, "");
    boolean isSigned = answer.status() == 200;
    if (answer.status() == 406) {
      answer = client.ask(TagTarget.tagOf(reference), MediaType.TAG.value(), "");
    }
    if (answer.status() == 404) {
      if (to == null) {
        throw new Refusal("there is no tag " + reference + ": say the digest that it is to point at");
      }
      return new Draft(fresh(reference, target(client, to), statement.description(), statement.meta()), Map.of("If-None-Match", "*"));
    }
    client.session().requireSuccess(answer);
    Map<String, String> conditions = Map.of("If-Match", answer.field("ETag"));
    TagObject now = isSigned ? TagSignatures.parse(document(answer)).object() : Statement.object(answer);
    boolean moves = to != null && !to.equals(now.target().digest().toString());
    if (isSigned && !moves && statement.isEmpty()) {
      return new Draft(answer.body(), conditions);
    }
    boolean keeps = !moves && statement.isEmpty();
    return new Draft(fresh(reference, moves ? target(client, String.valueOf(to)) : now.target(),
        keeps ? now.description() : statement.description(), keeps ? now.meta() : statement.meta()), conditions);
  }

  static SignedTag document(Answer answer) {
    boolean pretty = answer.field("Content-Type").startsWith(MediaType.TAG_PRETTYJWS.value());
    return new SignedTag(pretty ? SignedTag.Form.PRETTYJWS : SignedTag.Form.JWS, answer.body());
  }

  private static byte[] fresh(Reference name, TagObject.Target target, @Nullable String description, @Nullable String meta) {
    return TagObject.parse(new TagObject(name.toString(), description, meta, target).render()).render();
  }

  /** The target behind a digest, whose bytes are looked at: what is signed is what was seen. */
  private static TagObject.Target target(TagClient client, String digest) {
    Answer manifest = client.session().requireSuccess(client.manifest(digest));
    Digest stated = Digest.parse(digest);
    if (!stated.algorithm().of(manifest.body()).equals(stated)) {
      throw new Refusal("the registry served other bytes than those of " + digest + ": nothing was signed");
    }
    return new TagObject.Target(MediaType.parse(manifest.field("Content-Type")), (long) manifest.body().length, stated);
  }

  private void finish(TagClient client, Reference reference, SignedTag signed, Map<String, String> conditions) {
    if (output != null) {
      write(signed.bytes());
      return;
    }
    Tag name = TagTarget.tagOf(reference);
    Answer answer = client.put(name, signed.form().mediaType(), signed.bytes(), conditions);
    TagSignatures signatures = TagSignatures.parse(signed);
    if (format.json()) {
      target
          .print(Json.MAPPER.createObjectNode().put("tag", name.value()).put("status", answer.status()).put("etag", answer.field("ETag")));
    } else {
      target.out().printf("signed %s -> %s (%d signatures, version %s)%n", reference, signatures.object().target().digest(),
          signatures.count(), ShowTag.version(answer));
    }
  }

  private void write(byte[] document) {
    if ("-".equals(output)) {
      target.out().println(new String(document, StandardCharsets.UTF_8));
      return;
    }
    try {
      Files.write(Path.of(String.valueOf(output)), document);
    } catch (IOException e) {
      throw new Refusal(output + " can't be written: " + e.getClass().getSimpleName(), e);
    }
  }
}
