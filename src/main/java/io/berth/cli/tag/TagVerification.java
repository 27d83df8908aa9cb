package io.berth.cli.tag;

import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.Reference;
import io.berth.oci.RegistryException;
import io.berth.oci.SignedTag;
import io.berth.oci.TagObject;
import io.berth.signing.TagSignatures;
import io.berth.signing.TrustedKeys;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Set;

/** Whether a signed tag is what somebody trusted has signed, and what the registry serves. The registry itself is not believed. */
final class TagVerification {

  private TagVerification() {}

  /**
   * What was verified.
   *
   * @param keys the names of the trusted keys that have signed it
   */
  record Result(TagObject object, Set<String> keys) {}

  /** The signed document that the registry has for a tag. */
  static SignedTag fetch(TagClient client, Reference reference) {
    Answer answer = client.ask(TagTarget.tagOf(reference), MediaType.TAG_JWS + ", " + MediaType.TAG_PRETTYJWS, "");
    if (answer.status() == 406) {
      throw new VerificationFailed(reference + " is not signed");
    }
    return SignTag.document(client.session().requireSuccess(answer));
  }

  /** Checks signatures and name, which needs no registry. */
  static Result signatures(SignedTag document, Reference reference, TrustedKeys keys) {
    TagSignatures signatures;
    try {
      signatures = TagSignatures.parse(document);
    } catch (RegistryException e) {
      throw new VerificationFailed("the document is no signed tag object: " + e.getMessage());
    }
    Set<String> names = signatures.verify(keys);
    if (names.isEmpty()) {
      throw new VerificationFailed("none of the " + signatures.count() + " signatures is one of the keys given over these bytes");
    }
    TagObject object = signatures.object();
    if (!reference.toString().equals(object.name())) {
      throw new VerificationFailed("it is signed for another tag: " + Lines.shown(String.valueOf(object.name())) + ", not " + reference);
    }
    return new Result(object, names);
  }

  /** Checks that the registry serves under the tag what was signed. */
  static void served(TagClient client, Reference reference, TagObject object) {
    TagObject.Target target = object.target();
    Answer manifest = client.manifest(TagTarget.tagOf(reference).value());
    if (manifest.status() == 404) {
      pointed(client, reference, target);
      blob(client, target);
      return;
    }
    byte[] bytes = client.session().requireSuccess(manifest).body();
    Digest digest = target.digest().algorithm().of(bytes);
    require(digest.equals(target.digest()), "the registry serves " + digest + " under the tag, but " + target.digest() + " was signed");
    require(target.size() != null && target.size() == bytes.length, "what the registry serves has another size than was signed");
    String type = manifest.field("Content-Type");
    require(target.mediaType() != null && target.mediaType().equals(MediaType.parse(type)),
        "the registry serves it as " + Lines.shown(type) + ", but " + target.mediaType() + " was signed");
  }

  /** A tag may point at a blob, which no manifest route serves: that it does so now, only its object says. */
  private static void pointed(TagClient client, Reference reference, TagObject.Target target) {
    Answer answer = client.ask(TagTarget.tagOf(reference), MediaType.TAG.value(), "");
    require(answer.status() != 404, "there is no such tag: " + reference);
    TagObject.Target now = Statement.object(client.session().requireSuccess(answer)).target();
    require(now.digest().equals(target.digest()), "the tag points at " + now.digest() + ", but " + target.digest() + " was signed");
    MediaType type = target.mediaType();
    require(type != null && type.equals(now.mediaType()), "the tag points at it as " + now.mediaType() + ", but " + type + " was signed");
    require(type == null || !type.isImageManifest() && !type.isIndex(), "the registry does not serve the manifest that was signed");
  }

  private static void blob(TagClient client, TagObject.Target target) {
    MessageDigest hash = target.digest().algorithm().newHash();
    long size = 0;
    try (InputStream in = client.blob(target.digest())) {
      var buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hash.update(buffer, 0, n);
        size += n;
      }
    } catch (IOException e) {
      throw new VerificationFailed("the blob could not be read to its end: " + e.getClass().getSimpleName());
    }
    require(target.digest().algorithm().finish(hash).equals(target.digest()),
        "the registry serves other bytes than those that were signed");
    require(target.size() != null && target.size() == size, "what the registry serves has another size than was signed");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new VerificationFailed(otherwise);
    }
  }
}
