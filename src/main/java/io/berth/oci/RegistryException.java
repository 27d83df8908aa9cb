package io.berth.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one exception that crosses to the wire: a status and one or more errors of the specification, in words a person can act on. It is an
 * expected outcome rather than a fault, so it carries no stack trace. Messages never hold file paths, secrets or names that the caller may
 * not know.
 */
public final class RegistryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * One element of the {@code errors} array.
   *
   * @param detail what exactly is meant (a digest, a name), as text; {@code null} where the message says it all
   */
  public record Problem(ErrorCode code, String message, @Nullable String detail) {}

  private final int status;
  private final transient List<Problem> problems;

  public RegistryException(int status, List<Problem> problems) {
    super(problems.getFirst().message(), null, false, false);
    this.status = status;
    this.problems = List.copyOf(problems);
  }

  public RegistryException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public RegistryException(ErrorCode code, String message, @Nullable String detail) {
    this(code.status(), List.of(new Problem(code, message, detail)));
  }

  public RegistryException(int status, ErrorCode code, String message) {
    this(status, List.of(new Problem(code, message, null)));
  }

  /** The HTTP status to answer with. */
  public int status() {
    return status;
  }

  /** The errors, at least one. */
  public List<Problem> problems() {
    return problems;
  }
}
