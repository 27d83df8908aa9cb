package io.berth.http;

import io.berth.oci.ContentRange;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagFilter;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.policy.Scope;
import io.berth.registry.Graphs;
import io.berth.registry.Moment;
import io.berth.registry.Statistics;
import io.berth.registry.TagLists;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every request there is, parsed. A call states the {@link Scope} that it needs, so that none can forget to ask for permission. The end-N are
 * the endpoint names of the distribution specification. Where a call answers to {@code GET}, it answers to {@code HEAD} too.
 */
public sealed interface Call {

  /** What the caller must be allowed. */
  Scope scope();

  /** Whether it changes anything, and so belongs into the audit. */
  default boolean changes() {
    return scope() instanceof Scope.Repository(_, Action action) && action != Action.PULL;
  }

  /** Whether it changes something, or asks what that would do: a registry that is read-only refuses both. */
  default boolean asksForChange() {
    return changes();
  }

  /** Whether it needs room on the disk. To go on with little of it, one must be able to remove things. */
  default boolean stores() {
    return changes() && scope() instanceof Scope.Repository(_, Action action) && action == Action.PUSH;
  }

  /** Whether it brings content that a manifest is to name. */
  default boolean uploads() {
    return false;
  }

  /** end-1. */
  record Ping() implements Call {
    @Override
    public Scope scope() {
      return new Scope.Entry();
    }
  }

  /** {@code GET /livez}: whether the process answers. */
  record Live() implements Call {
    @Override
    public Scope scope() {
      return new Scope.Public();
    }
  }

  /** {@code GET /readyz}: whether requests are welcome. */
  record Ready() implements Call {
    @Override
    public Scope scope() {
      return new Scope.Public();
    }
  }

  /** A call that reads from one repository. */
  sealed interface OfReading extends Call {

    RepositoryName repository();

    @Override
    default Scope scope() {
      return pull(repository());
    }
  }

  /** A call that brings content that a manifest is to name, or is on the way to do so. */
  sealed interface OfUpload extends Call {

    RepositoryName repository();

    @Override
    default Scope scope() {
      return push(repository());
    }

    @Override
    default boolean uploads() {
      return true;
    }
  }

  /** {@code GET /token} and {@code POST /token}, the latter with a form in the body: credentials are for that alone, and looked at there. */
  record IssueToken(boolean form) implements Call {
    @Override
    public Scope scope() {
      return new Scope.Public();
    }
  }

  /** {@code GET /v2/_catalog}: repositories behind {@code last}, and perhaps what of them is whole. */
  record Catalogue(int n, String last, boolean completeness) implements Call {
    @Override
    public Scope scope() {
      return new Scope.Catalogue();
    }
  }

  /** {@code GET /v2/[<name>/]_oci/ext/discover}: the extensions, of the registry or of a repository. */
  record Discover(@Nullable RepositoryName repository) implements Call {
    @Override
    public Scope scope() {
      return repository == null ? new Scope.Entry() : pull(repository);
    }
  }

  /** end-2. */
  record GetBlob(RepositoryName repository, Digest digest) implements OfReading {}

  /** end-10. */
  record DeleteBlob(RepositoryName repository, Digest digest) implements Call {
    @Override
    public Scope scope() {
      return delete(repository);
    }
  }

  /** end-4a and end-4c. */
  record StartUpload(RepositoryName repository, Digest.Algorithm algorithm) implements OfUpload {}

  /** end-4b: the whole blob in one request. */
  record PushBlob(RepositoryName repository, Digest digest) implements OfUpload {}

  /** end-11; {@code from} is {@code null} where none is named that could exist, and to be found where none is named at all. */
  record MountBlob(RepositoryName repository, Digest digest, @Nullable RepositoryName from, boolean find) implements OfUpload {}

  /** end-13. */
  record UploadStatus(RepositoryName repository, String upload) implements Call {
    @Override
    public Scope scope() {
      return push(repository);
    }

    @Override
    public boolean changes() {
      return false;
    }
  }

  /** end-5. */
  record AppendUpload(RepositoryName repository, String upload, @Nullable ContentRange range) implements OfUpload {}

  /** end-6. */
  record FinishUpload(RepositoryName repository, String upload, Digest digest, @Nullable ContentRange range) implements OfUpload {}

  /** end-14. */
  record CancelUpload(RepositoryName repository, String upload) implements Call {
    @Override
    public Scope scope() {
      return push(repository);
    }

    @Override
    public boolean stores() {
      return false;
    }
  }

  /** end-3. */
  record GetManifest(RepositoryName repository, TagOrDigest name) implements OfReading {}

  /** end-7a and end-7b. */
  record PutManifest(RepositoryName repository, TagOrDigest name, List<Tag> tags, @Nullable MediaType contentType) implements Call {
    @Override
    public Scope scope() {
      return push(repository);
    }
  }

  /** end-9; with {@code ?dry-run}, what it would do. */
  record DeleteManifest(RepositoryName repository, TagOrDigest name, boolean dryRun) implements Call {
    @Override
    public Scope scope() {
      return delete(repository);
    }

    @Override
    public boolean changes() {
      return !dryRun;
    }

    @Override
    public boolean asksForChange() {
      return true;
    }
  }

  /** end-8: tags behind {@code last}. */
  record ListTags(RepositoryName repository, int n, String last) implements OfReading {}

  /** The draft of a list of tags with descriptors, behind a tag. */
  record DescribeTags(RepositoryName repository, TagLists.Order order, int n, TagLists.@Nullable Position after) implements OfReading {}

  /** {@code GET /v2/<name>/tags/}: tags as objects, behind {@code last}; now, or at another time. */
  record ListTagObjects(RepositoryName repository, TagFilter filter, int n, String last, @Nullable Moment at) implements OfReading {}

  /** {@code GET /v2/<name>/tags/?watch=}: changes of tags behind a sequence, as they happen. */
  record WatchTags(RepositoryName repository, long after) implements OfReading {}

  /** {@code POST /v2/<name>/tags/}: a batch. */
  record ChangeTags(RepositoryName repository) implements Call {
    @Override
    public Scope scope() {
      return push(repository);
    }
  }

  /** {@code GET /v2/<name>/tags/<tag>}: as it is, or was. */
  record GetTag(RepositoryName repository, Tag tag, @Nullable Moment at) implements Call {
    @Override
    public Scope scope() {
      return pull(repository);
    }
  }

  /** {@code PUT /v2/<name>/tags/<tag>}: to an object, or to what it was. */
  record PutTag(RepositoryName repository, Tag tag, @Nullable Moment at) implements Call {
    @Override
    public Scope scope() {
      return push(repository);
    }
  }

  /** {@code DELETE /v2/<name>/tags/<tag>}; with {@code ?dry-run}, what it would do. */
  record DeleteTag(RepositoryName repository, Tag tag, boolean dryRun) implements Call {
    @Override
    public Scope scope() {
      return delete(repository);
    }

    @Override
    public boolean changes() {
      return !dryRun;
    }

    @Override
    public boolean asksForChange() {
      return true;
    }
  }

  /** {@code GET /v2/<name>/_oci/tag-history/<tag>}, a draft. */
  record GetTagHistory(RepositoryName repository, Tag tag, int n, TagLists.Span span) implements OfReading {}

  /** {@code GET /v2/_berth/keys}: the public keys by which what the registry has signed is verified. */
  record GetKeys() implements Call {
    @Override
    public Scope scope() {
      return new Scope.Public();
    }
  }

  /** end-12; {@code last} is a position that a {@code Link} of ours gave. */
  record ListReferrers(RepositoryName repository, Digest digest, ReferrerQuery query) implements OfReading {}

  /** {@code GET /v2/<name>/manifests/<tag-or-digest>/references}: everything that points at it. */
  record ListReferences(RepositoryName repository, TagOrDigest name, ReferrerQuery query) implements OfReading {}

  /** {@code GET /v2/<name>/_berth/stats}: what was pulled, behind a place. */
  record GetStatistics(RepositoryName repository, Statistics.Span span, int n, PullDay.@Nullable Place after) implements OfReading {}

  /** {@code POST /v2/<name>/_berth/copy}: a manifest of another repository. That one must be the caller's to pull from, which the verb asks. */
  record CopyManifest(RepositoryName repository) implements Call {
    @Override
    public Scope scope() {
      return push(repository);
    }
  }

  /** {@code GET /v2/<name>/_berth/graph/<tag-or-digest>}: what it points at, and what points at it. */
  record GetGraph(RepositoryName repository, TagOrDigest name, Graphs.Direction direction, int depth) implements OfReading {}

  /** {@code GET /v2/<name>/_berth/completeness/<tag-or-digest>}: what of it the repository holds. */
  record GetCompleteness(RepositoryName repository, TagOrDigest name) implements OfReading {}

  /** {@code GET /v2/<name>/_berth/completeness}: what became whole behind a sequence, or is it no more. */
  record ListCompleteness(RepositoryName repository, int n, long last) implements OfReading {}

  /** The same as it happens. */
  record WatchCompleteness(RepositoryName repository, long after) implements OfReading {}

  /** {@code GET /v2/<name>/_berth/usage}. It is for those who administer the repository; what others hold, for those of the registry. */
  record GetUsage(RepositoryName repository) implements Call {
    @Override
    public Scope scope() {
      return new Scope.Repository(repository, Action.ADMIN);
    }

    @Override
    public boolean changes() {
      return false;
    }
  }

  /** {@code DELETE /v2/<name>/_berth/repository}; with {@code ?dry-run}, what it would do. */
  record DeleteRepository(RepositoryName repository, boolean dryRun) implements Call {
    @Override
    public Scope scope() {
      return new Scope.Repository(repository, Action.ADMIN);
    }

    @Override
    public boolean changes() {
      return !dryRun;
    }

    @Override
    public boolean asksForChange() {
      return true;
    }
  }

  /** {@code GET /v2/_berth/gc}: what waits for the collector. */
  record GetBacklog() implements Call {
    @Override
    public Scope scope() {
      return new Scope.Administration();
    }
  }

  /** {@code POST /v2/_berth/gc}: to collect some of what is due. */
  record CollectGarbage() implements Call {
    @Override
    public Scope scope() {
      return new Scope.Administration();
    }

    @Override
    public boolean changes() {
      return true;
    }
  }

  /** Whatever is about accounts and keys. */
  record OfAccounts(AccountCall call) implements Call {
    @Override
    public Scope scope() {
      return call.scope();
    }

    @Override
    public boolean changes() {
      return call.changes();
    }
  }

  private static Scope pull(RepositoryName repository) {
    return new Scope.Repository(repository, Action.PULL);
  }

  private static Scope push(RepositoryName repository) {
    return new Scope.Repository(repository, Action.PUSH);
  }

  private static Scope delete(RepositoryName repository) {
    return new Scope.Repository(repository, Action.DELETE);
  }
}
