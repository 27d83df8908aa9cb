package io.berth.signing;

import static io.berth.signing.JwsSignature.invalid;

import io.berth.oci.Limits;
import io.berth.oci.SignedTag;
import io.berth.oci.SignedTag.Form;
import io.berth.oci.TagObject;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A tag object with signatures, read from either form. It is well-formed and complete; whose signatures are good, {@link #verify} tells.
 * Immutable.
 */
public final class TagSignatures {

  private final SignedTag document;
  private final Jws jws;
  private final TagObject object;

  private TagSignatures(SignedTag document, Jws jws, TagObject object) {
    this.document = document;
    this.jws = jws;
    this.object = object;
  }

  /**
   * Reads a signed tag object.
   *
   * @throws io.berth.oci.RegistryException {@code MANIFEST_INVALID} for what is none, whoever has signed it
   */
  public static TagSignatures parse(SignedTag document) {
    if (document.bytes().length > Limits.TAG_OBJECT_BYTES) {
      throw invalid("the signed tag object is larger than " + Limits.TAG_OBJECT_BYTES + " bytes");
    }
    Jws jws = switch (document.form()) {
      case JWS -> Jws.parse(document.bytes());
      case PRETTYJWS -> PrettyJws.parse(document.bytes());
    };
    return new TagSignatures(document, jws, complete(jws.payload()));
  }

  private static TagObject complete(byte[] payload) {
    TagObject object = TagObject.parse(payload);
    if (!object.isComplete()) {
      throw invalid("a signed tag object states name, and target with mediatype, size and digest, since nothing can be filled in");
    }
    return object;
  }

  /** What is signed, byte for byte: the tag object as JSON. */
  public byte[] payload() {
    return jws.payload().clone();
  }

  /** What is signed. */
  public TagObject object() {
    return object;
  }

  /** How many signatures there are, good or not. */
  public int count() {
    return jws.signatures().size();
  }

  /** The names of the trusted keys that have signed it. Signatures of others are neither here nor there. */
  public Set<String> verify(TrustedKeys keys) {
    return jws.verify(keys);
  }

  /**
   * Requires that no signature is said to be by a trusted key and is not.
   *
   * @throws io.berth.oci.RegistryException {@code MANIFEST_INVALID}: the object or the signature was altered
   */
  public void requireTrue(TrustedKeys keys) {
    if (jws.signatures().stream().anyMatch(signature -> signature.isFalse(jws.payload(), keys))) {
      throw invalid("a signature names a key that this registry trusts, and does not hold: it was made over other bytes");
    }
  }

  /** The same in a form: the document itself in its own, else what has the same payload and the same signatures; empty if there is no such thing. */
  public Optional<SignedTag> as(Form form) {
    if (form == document.form()) {
      return Optional.of(document);
    }
    byte[] bytes = switch (form) {
      case JWS -> jws.render();
      case PRETTYJWS -> PrettyJws.renderOrNull(jws);
    };
    return Optional.ofNullable(bytes).map(found -> new SignedTag(form, found));
  }

  /**
   * Signs a tag object, or adds a signature to one that has some already.
   *
   * @param document an unsigned object, whose bytes are signed as they are, or a signed one in either form
   * @throws io.berth.oci.RegistryException {@code MANIFEST_INVALID} for what can't be signed, or not in that form
   */
  public static SignedTag sign(byte[] document, SigningKey key, Form form) {
    JsonNode json = Jws.object(document);
    var signatures = new ArrayList<JwsSignature>();
    byte[] payload = document;
    if (json.has("payload") || json.has("signatures")) {
      Jws signed = parse(new SignedTag(json.has("payload") ? Form.JWS : Form.PRETTYJWS, document)).jws;
      payload = signed.payload();
      signatures.addAll(signed.signatures());
    }
    signatures.add(key.sign(payload, null, PrettyJws.format(payload)));
    return rendered(new Jws(payload, signatures), form);
  }

  private static SignedTag rendered(Jws jws, Form form) {
    byte[] bytes = form == Form.JWS ? jws.render() : PrettyJws.renderOrNull(jws);
    if (bytes == null) {
      throw invalid("the signatures that are there do not say how to write the object as prettyjws: sign as jws");
    }
    return parse(new SignedTag(form, bytes)).document;
  }
}
