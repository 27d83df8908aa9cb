package io.berth.bench;

import java.io.IOException;

/** A registry answered otherwise than a workload needs. */
final class UnexpectedAnswer extends IOException {

  private static final long serialVersionUID = 1;

  private final int status;
  private final String kind;

  private UnexpectedAnswer(int status, String kind, String detail) {
    super(detail.isEmpty() ? kind : kind + ": " + detail);
    this.status = status;
    this.kind = kind;
  }

  static UnexpectedAnswer of(Request request, Answer answer) {
    return new UnexpectedAnswer(answer.status(), request.what() + " answered " + answer.status(),
        answer.text().replaceAll("\\s+", " ").strip());
  }

  static UnexpectedAnswer of(Request request, Answer answer, String complaint) {
    return new UnexpectedAnswer(answer.status(), request.what() + ": " + complaint, "");
  }

  int status() {
    return status;
  }

  /** The same for all errors of a kind, so that they can be counted together. */
  String kind() {
    return kind;
  }
}
