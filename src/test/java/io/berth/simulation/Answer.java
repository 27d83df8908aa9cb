package io.berth.simulation;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.simulation.Act.Outcome;
import org.jspecify.annotations.Nullable;

/** What a client was told: a value, a refusal, or that something failed. */
record Answer<T>(Outcome outcome, @Nullable T value, @Nullable RegistryException refusal) {

  String inWords() {
    return outcome + " " + (refusal != null ? refusal.problems() : value instanceof byte[] bytes ? bytes.length + " bytes" : value);
  }

  boolean isDone() {
    return outcome == Outcome.DONE;
  }

  boolean isRefused() {
    return outcome == Outcome.REFUSED;
  }

  boolean isRefused(ErrorCode code) {
    return refusal != null && refusal.problems().stream().allMatch(problem -> problem.code() == code);
  }
}
