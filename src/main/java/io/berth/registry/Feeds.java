package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.oci.RepositoryName;

/** What of a repository can be followed. Safe for any thread. */
public record Feeds(Feed<ChangeSet> tags, Feed<Completeness.Came> presence) {

  /** Those of a store. */
  public static Feeds of(MetadataStore metadata) {
    var tags = new TagLists(metadata);
    return new Feeds(new Feed<>((repository, after, limit) -> ChangeSet.of(tags.changes(repository, after, limit))),
        new Feed<>(new Completeness(metadata)::came));
  }

  /** The repository is gone, with all that was told of it: who follows has to begin anew. */
  public void gone(RepositoryName repository) {
    tags.gone(repository);
    presence.gone(repository);
  }

  /** A time in which rights stay as they are. */
  public Term term() {
    return new Term(tags.term(), presence.term());
  }

  /** A time in which rights stay as they are: who was let in during one does not follow in another. */
  public record Term(Feed<ChangeSet>.Term tags, Feed<Completeness.Came>.Term presence) {

    /** Begins; who follows has to ask again whether he may. */
    public void begin() {
      tags.begin();
      presence.begin();
    }
  }
}
