package io.berth.ops;

import org.jspecify.annotations.Nullable;

/** Where decisions and changes are written down. Safe for any thread; never fails a request. */
public interface AuditLog extends AutoCloseable {

  /**
   * One line of the audit.
   *
   * @param request the request's identifier
   * @param identity who asked
   * @param remote from which address
   * @param method the HTTP method
   * @param target the path as sent
   * @param decision {@code allowed}, {@code challenged} or {@code refused}
   * @param rule the rule that decided
   * @param status the HTTP status of the answer
   * @param reference what the client said that it was about ({@code OCI-Ref}), which nobody has verified; {@code null} if it did not
   */
  record Entry(String request, String identity, String remote, String method, String target, String decision, String rule, int status,
      @Nullable String reference) {}

  /** Writes an entry with the present time. */
  void write(Entry entry);

  @Override
  void close();
}
