package io.berth.oci;

import org.jspecify.annotations.Nullable;

/**
 * A manifest in a list of what points at something (distribution specification, "Listing Referrers"): one entry for each of its edges that does.
 *
 * @param place where it stands in the order of the list; stays the same as others come and go
 * @param kind how it points there
 * @param descriptor of the manifest
 * @param annotations the manifest's annotations as a JSON object
 */
public record Referrer(Place place, Edge.Kind kind, Descriptor descriptor, @Nullable MediaType artifactType, String annotations) {

  /**
   * A place in the order of arrival, and within a manifest in that of the pointers.
   *
   * @param manifest grows with each manifest that comes
   * @param pointer JSON pointer of the edge; {@link #END} is behind all of them
   */
  public record Place(long manifest, String pointer) {

    /** Behind every JSON pointer of an edge. */
    public static final String END = "~";

    /** Before all others. */
    public static final Place START = new Place(0, "");

    /** Behind all edges of a manifest. */
    public static Place behind(long manifest) {
      return new Place(manifest, END);
    }
  }
}
