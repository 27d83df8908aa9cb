package io.berth.bench;

import java.io.IOException;
import java.util.List;
import java.util.function.LongFunction;

/**
 * A workload against one registry: what must be there before, one operation, and what is to be deleted after. An instance belongs to one target;
 * {@link #perform} is called by many threads at once, everything else by one.
 */
interface Scenario {

  /**
   * A kind of operation, measured by itself.
   *
   * @param name empty where there is only one
   * @param bytes of content that one moves, if that is what the workload is about
   */
  record Kind(String name, long bytes) {}

  /**
   * A part of what a scenario leaves behind.
   *
   * @param items how many
   * @param paths of the requests that delete an item
   */
  record Leftovers(long items, LongFunction<List<String>> paths) {

    static Leftovers of(String repository, Artifact artifact) {
      return new Leftovers(1, _ -> artifact.paths(repository));
    }

    static Leftovers of(String repository, List<Blob> blobs) {
      return new Leftovers(blobs.size(), i -> List.of(Paths.blob(repository, blobs.get(Math.toIntExact(i)))));
    }
  }

  List<Kind> kinds();

  /** Bytes that one operation gives the registry to store, on average. */
  default long pushedBytes() {
    return 0;
  }

  /** Pushes what the operations need. */
  void setUp(SetUp setUp) throws IOException;

  /**
   * Performs one operation with care, before the clock starts.
   *
   * @return a remark for the report, or an empty text
   * @throws Unsupported if the registry does not offer it
   */
  default String probe(RegistryClient client) throws IOException {
    perform(client, 0);
    return "";
  }

  /** Whether "not found" is how a registry says that it does not offer this. */
  default boolean optional() {
    return false;
  }

  /**
   * Performs one operation; returns when its answer is complete.
   *
   * @param ticket counts the operations of a run
   * @return the index of its kind
   */
  int perform(RegistryClient client, long ticket) throws IOException;

  /** What to delete, in this order. */
  List<Leftovers> leftovers();
}
