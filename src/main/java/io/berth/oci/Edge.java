package io.berth.oci;

/**
 * One reference out of a manifest: what it points at, in which role, and where in the document that stands.
 *
 * @param pointer JSON pointer (RFC 6901) of the descriptor inside the manifest; unique within one manifest
 */
public record Edge(Kind kind, String pointer, Descriptor target) {

  /** The role of the target. */
  public enum Kind {
    /** The configuration of an image manifest. */
    CONFIG,
    /** A layer of an image manifest. */
    LAYER,
    /** An entry of an index. */
    CHILD,
    /** What the manifest is about: the {@code subject} field. A weak association. */
    SUBJECT,
    /** The {@code reference} field of the original proposal, on the manifest or on any descriptor in it. A weak association. */
    REFERENCE,
    /**
     * A digest anywhere else in the document, in a field or a media type that is not known here. What it means nobody can tell, so the content
     * need not exist; but where it does, the manifest may well need it.
     */
    MENTION
  }
}
