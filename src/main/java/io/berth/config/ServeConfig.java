package io.berth.config;

import io.berth.oci.RepositoryName;
import io.berth.policy.DeletionRules;
import io.berth.policy.ReferrerRules;
import io.berth.policy.SparseRules;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an operator chose for {@code berth serve}: data without behaviour, valid in each of its parts. Immutable.
 *
 * @param data the folder that holds everything
 * @param http how the registry speaks to its clients
 * @param debug the second listener, for operators; absent: there is none
 * @param log what is logged, and how
 * @param tracing whether spans are sent somewhere
 * @param authentication who is let in
 * @param database where the names are kept
 * @param deletion what clients may delete
 * @param readOnly whether clients may change nothing at all
 * @param uploads what becomes of unfinished uploads
 * @param collector how space is freed that nobody needs any more
 * @param chunkMinLength bytes that clients are asked to put into a chunk at least
 * @param lists how long the pages of lists may be
 * @param namespaces from the host of another registry to the prefix of its repositories here
 * @param tags what is demanded of tags
 * @param referrers what becomes of manifests whose subject is deleted
 * @param sparse what must be there before a manifest is accepted
 * @param access what those who are let in may do
 * @param statistics whether pulls are counted
 */
public record ServeConfig(Path data, HttpConfig http, Optional<DebugConfig> debug, LogConfig log, TracingConfig tracing,
    Authentication authentication, DatabaseConfig database, DeletionRules deletion, boolean readOnly, UploadsConfig uploads,
    CollectorConfig collector, OptionalLong chunkMinLength, ListsConfig lists, Map<String, RepositoryName> namespaces,
    TagsConfig tags, ReferrerRules referrers, SparseRules sparse, AccessConfig access, StatisticsConfig statistics) {

  public ServeConfig {
    namespaces = Map.copyOf(namespaces);
  }

  /** Who is let in. */
  public sealed interface Authentication {

    /** Nothing was said: everyone, from this machine only. */
    record Unstated() implements Authentication {}

    /** Everyone, from everywhere, as the operator said in words. */
    record None() implements Authentication {}

    /**
     * Those whom one of these knows, and strangers as far as the rules of access go. At least one is given.
     *
     * @param accounts whether the registry keeps accounts of its own
     */
    record Sources(Optional<PasswordFile> passwordFile, boolean accounts) implements Authentication {}

    /**
     * The users of a password file.
     *
     * @param realm what a client shows to the user whom it asks for a password
     */
    record PasswordFile(Path file, String realm) {}

    /** Whether nobody has to say who they are. */
    default boolean isOpen() {
      return !(this instanceof Sources);
    }
  }

  /** What holds where nothing is said. */
  public static ServeConfig defaults() {
    return Configuration.defaults();
  }

  /** With another folder. */
  public ServeConfig withData(Path data) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** Listening elsewhere. */
  public ServeConfig withListen(ListenAddress listen) {
    return new ServeConfig(data, http.withListen(listen), debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** Speaking to clients in another way. */
  public ServeConfig withHttp(HttpConfig http) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With another second listener. */
  public ServeConfig withDebug(Optional<DebugConfig> debug) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** Logging otherwise. */
  public ServeConfig withLog(LogConfig log) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With spans sent elsewhere. */
  public ServeConfig withTracing(TracingConfig tracing) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With others let in. */
  public ServeConfig withAuthentication(Authentication authentication) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With the names kept elsewhere. */
  public ServeConfig withDatabase(DatabaseConfig database) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With other rules of deletion. */
  public ServeConfig withDeletion(DeletionRules deletion) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** To be changed by clients, or not. */
  public ServeConfig withReadOnly(boolean readOnly) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With another life of unfinished uploads. */
  public ServeConfig withUploads(UploadsConfig uploads) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With space freed otherwise. */
  public ServeConfig withCollector(CollectorConfig collector) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** Asking for other chunks. */
  public ServeConfig withChunkMinLength(OptionalLong chunkMinLength) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With the content of other registries. */
  public ServeConfig withNamespaces(Map<String, RepositoryName> namespaces) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With other demands on tags. */
  public ServeConfig withTags(TagsConfig tags) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With another life of what is about manifests. */
  public ServeConfig withReferrers(ReferrerRules referrers) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With other demands on manifests. */
  public ServeConfig withSparse(SparseRules sparse) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** With other rules of access. */
  public ServeConfig withAccess(AccessConfig access) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /** Counting pulls otherwise. */
  public ServeConfig withStatistics(StatisticsConfig statistics) {
    return new ServeConfig(data, http, debug, log, tracing, authentication, database, deletion,
        readOnly, uploads, collector, chunkMinLength, lists, namespaces, tags, referrers, sparse, access, statistics);
  }

  /**
   * What is wrong with it as a whole, in words, with the remedy.
   *
   * @param loopback whether the address to listen on can be reached from this machine only
   */
  public Optional<String> problem(boolean loopback) {
    if (authentication instanceof Authentication.Unstated && !loopback) {
      return Optional.of(open(http.listen()));
    }
    return Optional.empty();
  }

  static String open(ListenAddress listen) {
    return "without authentication Berth listens on this machine only, and " + listen + " can be reached from others. "
        + "Give a password file (--htpasswd FILE, or auth.htpasswd.path) or keep accounts (--auth accounts, or auth.accounts.enabled), or say that everyone may push and delete (--auth none, or auth: none)";
  }
}
