package io.berth.cli;

import io.berth.config.ServeConfig;

/** A part of the running server that can go on with another configuration. */
@FunctionalInterface
interface Reloadable {

  /**
   * Does all that may fail: reads files, checks them. Changes nothing yet.
   *
   * @return what takes it over; must not fail
   * @throws Refusal if it can't be taken over, with the remedy; then no part takes anything over
   */
  Runnable prepare(ServeConfig next);
}
