package io.berth.oci;

import java.util.Arrays;

/**
 * A signed tag object, byte for byte as it was pushed: another byte might be another statement. The bytes belong to the record and are not
 * changed by anyone.
 *
 * @param form how object and signatures are written
 */
public record SignedTag(Form form, byte[] bytes) {

  /** The two ways to write a tag object and its signatures as one document. */
  public enum Form {
    /** The JSON serialization of RFC 7515, whose payload is the object. */
    JWS("jws"),
    /** The object with a member {@code signatures}, readable as it stands. */
    PRETTYJWS("prettyjws");

    private final String text;

    Form(String text) {
      this.text = text;
    }

    /** The media type of such a document. */
    public MediaType mediaType() {
      return switch (this) {
        case JWS -> MediaType.TAG_JWS;
        case PRETTYJWS -> MediaType.TAG_PRETTYJWS;
      };
    }

    /** {@code jws} or {@code prettyjws}. */
    @Override
    public String toString() {
      return text;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedTag(Form otherForm, byte[] otherBytes) && form == otherForm && Arrays.equals(bytes, otherBytes);
  }

  @Override
  public int hashCode() {
    return 31 * form.hashCode() + Arrays.hashCode(bytes);
  }
}
