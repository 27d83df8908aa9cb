package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.NamePatterns;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Glob;
import io.berth.policy.ReadableSet;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which patterns of the rules of access each repository is as, so that it can be looked up in which of those that a caller may read a blob is
 * ({@link io.berth.metadata.Origins}). A repository is compared when it comes into being, and again, step by step, when the patterns of the rules have
 * changed. That a name is as a pattern says is true whatever the rules are, so nobody finds too much meanwhile, only too little. Safe for any thread.
 */
public final class AccessClasses implements NamePatterns {

  /** Repositories and blobs of one step. */
  private static final int STEP = 500;

  private volatile Patterns patterns;

  /** The patterns of these rules. */
  public AccessClasses(AccessPolicy policy) {
    this.patterns = Patterns.of(policy);
  }

  /** Other rules from now on. */
  public void rules(AccessPolicy policy) {
    patterns = Patterns.of(policy);
  }

  @Override
  public Known of(RepositoryName repository) {
    return patterns.of(repository);
  }

  /** Compares the repositories that were compared with other patterns, in small steps, until no more are left or {@code stop} says so. */
  public void compareAll(MetadataStore metadata, BooleanSupplier stop) {
    boolean any = false;
    while (!stop.getAsBoolean()) {
      Patterns now = patterns;
      List<RepositoryName> others = metadata.read(tx -> tx.origins().otherwiseKnown(now.among, STEP));
      if (others.isEmpty()) {
        if (any) {
          metadata.write(tx -> {
            tx.origins().forgetUnused();
            return others;
          });
        }
        return;
      }
      any = true;
      for (RepositoryName repository : others) {
        compare(metadata, now, repository, () -> stop.getAsBoolean() || !patterns.among.equals(now.among));
      }
    }
  }

  private static void compare(MetadataStore metadata, Patterns patterns, RepositoryName repository, BooleanSupplier stop) {
    String after = "";
    while (after != null && !stop.getAsBoolean()) {
      String from = after;
      after = metadata.<@Nullable String>write(tx -> tx.origins().classify(repository, patterns.of(repository), from, STEP));
    }
  }

  /** Patterns, and what says which they are. */
  private record Patterns(List<Glob> globs, String among) {

    static Patterns of(AccessPolicy policy) {
      Set<String> texts = new TreeSet<>(ReadableSet.patterns(policy));
      return new Patterns(texts.stream().map(Glob::new).toList(),
          texts.isEmpty() ? "" : Digest.Algorithm.SHA256.of(String.join("\n", texts).getBytes(StandardCharsets.UTF_8)).toString());
    }

    Known of(RepositoryName repository) {
      var matching = new HashSet<String>();
      globs.stream().filter(glob -> glob.matches(repository.value())).forEach(glob -> matching.add(glob.pattern()));
      return new Known(matching, among);
    }
  }
}
