package io.berth.bench;

/**
 * What the scenarios of one workload share.
 *
 * @param prefix of all repositories of this run
 */
record Setting(BenchOptions options, Contents contents, String prefix) {

  String repository(String name) {
    return prefix + "/" + name;
  }
}
