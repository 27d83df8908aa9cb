package io.berth.ops;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where decisions and changes are written down. Safe for any thread; never fails a request that has been admitted. */
public interface AuditLog extends AutoCloseable {

  /** What became of a request. */
  enum Decision {
    /** It was done. */
    ALLOWED,
    /** Its credentials were not good for it, or nobody's. */
    REFUSED,
    /** There was too much of it. */
    LIMITED,
    /** It was allowed, and could not be done. */
    FAILED
  }

  /**
   * What was to be done, and to what. What is not known is empty.
   *
   * @param action the name of the call, {@code PutManifest}
   * @param repository to which repository
   * @param tags to which tags of it
   * @param digest to which content
   * @param from from where something is copied or mounted
   * @param account whose account or key it is about
   */
  record Deed(String action, String repository, List<String> tags, String digest, String from, String account) {

    public Deed {
      tags = List.copyOf(tags);
    }

    /** One that is about nothing in particular. */
    public Deed(String action) {
      this(action, "", List.of(), "", "", "");
    }
  }

  /**
   * Who asked, and how.
   *
   * @param id the request's identifier
   * @param identity who asked
   * @param address from which address, as proxies tell it whose word is taken
   * @param method the HTTP method
   * @param target the path as sent
   * @param references what the client said it was about, which nobody has verified; {@code null} if nothing
   */
  record Source(String id, String identity, String address, String method, String target, @Nullable String references) {

    /** What the registry does by itself. */
    public static final Source REGISTRY = new Source("", "registry", "", "", "", null);
  }

  /**
   * One line of the audit.
   *
   * @param rule the rule that decided, or the reason
   * @param status the HTTP status of the answer; 0 without one
   */
  record Entry(Source source, Deed deed, Decision decision, String rule, int status) {}

  /** Writes an entry with the present time; may wait for the disk where the operator wants that of changes. */
  void write(Entry entry);

  /** Whether what changes something may be done: not where each change has to have its line, and none can be written. */
  default boolean isReady() {
    return true;
  }

  /** Whether tokens that are issued are written down. */
  default boolean tellsTokens() {
    return true;
  }

  @Override
  void close();
}
