package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What points at a manifest by its {@code subject} (distribution specification, "Listing Referrers", end-12). Safe for any thread. */
public final class Referrers {

  private static final int FIRST_BATCH = 16;

  /** What a descriptor costs in a list besides its annotations; an overestimate. */
  private static final int DESCRIPTOR_BYTES = 700;

  private final MetadataStore metadata;

  public Referrers(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /** Some referrers, in order; {@code more} if others follow behind the last of them. */
  public record Page(List<Referrer> referrers, boolean more) {}

  /**
   * A page of referrers. Nothing is read that does not go into it, but for one small batch: annotations may be as large as manifests.
   *
   * @param after the position to begin behind; 0 is the start
   * @param maxBytes the bytes that the page may have as JSON; one entry is given even if it alone is larger
   */
  public Page list(RepositoryName repository, Digest subject, @Nullable MediaType artifactType, long after, int limit, long maxBytes) {
    return metadata.read(tx -> {
      var page = new ArrayList<Referrer>();
      long bytes = 0;
      long position = after;
      int batch = Math.min(limit + 1, FIRST_BATCH);
      while (true) {
        List<Referrer> next = tx.referrers(repository, subject, artifactType, position, batch);
        for (Referrer referrer : next) {
          bytes += DESCRIPTOR_BYTES + referrer.annotations().length() * 3L;
          if (page.size() == limit || bytes > maxBytes && !page.isEmpty()) {
            return new Page(page, true);
          }
          page.add(referrer);
          position = referrer.position();
        }
        if (next.size() < batch) {
          return new Page(page, false);
        }
        long average = bytes / page.size();
        batch = (int) Math.max(1, Math.min(limit + 1L - page.size(), (maxBytes - bytes) / average + 1));
      }
    });
  }
}
