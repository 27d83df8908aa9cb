package io.berth.policy;

import io.berth.oci.Edge;
import io.berth.oci.Platform;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must be there before a manifest is accepted. Pure and immutable.
 *
 * @param children which entries of an index
 * @param images whether the configuration and the layers of an image
 */
public record SparseTerms(Children children, boolean images) {

  /** Everything must be there. */
  public static final SparseTerms WHOLE = new SparseTerms(new Children.All(), true);

  /** Nothing must be there. */
  public static final SparseTerms NOTHING = new SparseTerms(new Children.None(), false);

  /** Which entries of an index must be there. */
  public sealed interface Children {

    /** Each. */
    record All() implements Children {}

    /** None. */
    record None() implements Children {}

    /**
     * Those for one of these platforms, as many as the index has. An entry that states no platform is for none, and a platform that the index does not
     * list is not asked for.
     */
    record Of(Set<PlatformPattern> platforms) implements Children {

      public Of {
        platforms = Set.copyOf(platforms);
      }
    }
  }

  /** Whether the target of the edge must be there. */
  public boolean mustExist(Edge edge) {
    return ManifestRules.isNeeded(edge) && (edge.kind() == Edge.Kind.CHILD ? mustExist(edge.target().platform()) : images);
  }

  private boolean mustExist(@Nullable Platform platform) {
    return switch (children) {
      case Children.All _ -> true;
      case Children.None _ -> false;
      case Children.Of(Set<PlatformPattern> platforms) -> platform != null
          && platforms.stream().anyMatch(pattern -> pattern.matches(platform));
    };
  }
}
