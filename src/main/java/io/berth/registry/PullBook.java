package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoreFailure;
import io.berth.registry.Pulls.Counted;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what was pulled: finds out of which tags it was, and adds it to what is known of the day, in transactions of bounded size. What could not be
 * written stays for the next round, as far as there is room. For one thread at a time.
 */
public final class PullBook {

  private static final Logger LOG = LoggerFactory.getLogger(PullBook.class);

  /** Rows of one transaction, about. */
  private static final int ROWS = 500;

  private final MetadataStore metadata;
  private final Pulls pulls;
  private final List<Attribution.Result> unwritten = new ArrayList<>();
  private int searches;

  /** Writes what {@code pulls} has counted. */
  public PullBook(MetadataStore metadata, Pulls pulls) {
    this.metadata = metadata;
    this.pulls = pulls;
  }

  /**
   * One round: everything that has been counted by now.
   *
   * @throws RuntimeException a {@link StoreFailure}, if the store fails; then the rest waits for the next round
   */
  public void write() {
    writeRows();
    searches = Attribution.SEARCHES;
    var byRepository = new TreeMap<RepositoryName, List<Counted>>();
    pulls.drain().forEach(pull -> byRepository.computeIfAbsent(pull.about().repository(), _ -> new ArrayList<>()).add(pull));
    try {
      while (!byRepository.isEmpty()) {
        List<Counted> some = byRepository.firstEntry().getValue();
        attribute(byRepository.firstKey(), some.subList(0, Math.min(ROWS, some.size())));
        some.subList(0, Math.min(ROWS, some.size())).clear();
        if (some.isEmpty()) {
          byRepository.pollFirstEntry();
        }
        if (unwritten.stream().mapToInt(Attribution.Result::rows).sum() >= ROWS) {
          writeRows();
        }
      }
      writeRows();
    } catch (RuntimeException e) {
      byRepository.values().forEach(pulls::restore);
      throw e;
    }
  }

  private void attribute(RepositoryName repository, List<Counted> some) {
    try {
      Attribution.Result result = metadata.read(tx -> Attribution.of(tx, repository, some, searches));
      searches -= result.searches();
      unwritten.add(result);
    } catch (RuntimeException e) {
      if (e instanceof StoreFailure) {
        throw e;
      }
      LOG.error("pulls from {} can't be attributed, and are left out of the statistics", repository, e);
      pulls.drop(some.size());
    }
  }

  private void writeRows() {
    if (unwritten.isEmpty()) {
      return;
    }
    metadata.write(tx -> {
      for (Attribution.Result result : unwritten) {
        tx.pulls().add(result.repository(), result.days());
        tx.pulls().pulled(result.repository(), result.last());
      }
      return true;
    });
    unwritten.clear();
  }

  /** Gives up what could not be written. */
  public void giveUp() {
    pulls.drop(unwritten.stream().mapToInt(result -> result.days().size()).sum() + pulls.drain().size());
    unwritten.clear();
  }

  /**
   * Forgets some of what was before a day.
   *
   * @return whether more may be left
   */
  public boolean forget(LocalDate before) {
    return metadata.<Integer>write(tx -> tx.pulls().forget(before, ROWS)) == ROWS;
  }
}
