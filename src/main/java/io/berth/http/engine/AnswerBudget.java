package io.berth.http.engine;

/**
 * The bytes that all answers of a server may have in memory together, on their way to peers that take them slowly: one half for pieces of files
 * where the kernel can't send them, one for answers that are made in memory, so that no number of slow downloads keeps a manifest waiting. Safe for
 * all threads.
 *
 * @param pieces of files
 * @param wholes what is made in memory
 */
record AnswerBudget(PieceBudget pieces, WholeBudget wholes) {

  /** With {@code total} bytes, and peers that may lose their answer when they don't take what is held for them within so long. */
  static AnswerBudget of(long total, long patienceNanos) {
    return new AnswerBudget(new PieceBudget(total - total / 2, patienceNanos), new WholeBudget(total / 2, patienceNanos));
  }

  /** What is held at this moment. */
  long held() {
    return pieces.held() + wholes.held();
  }
}
