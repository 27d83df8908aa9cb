package io.berth.ops.audit;

import io.berth.oci.Json;
import io.berth.oci.Text;
import io.berth.ops.AuditLog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The audit as files of lines that vouch for each other, {@code berth audit verify}. A thread of its own writes and syncs what has come together while it
 * synced what came before, so that an entry is on the disk after two syncs at most, and no request waits for that unless the operator wants it of changes.
 * While nothing can be written, ten thousand entries wait in memory, and no refusal behind the first five thousand; more are lost, and a line says how many,
 * when there is room again. Safe for any thread.
 */
public final class AuditChain implements AuditLog {

  static final int MOST = 10_000;

  /** Of those that wait. Who asks and is refused often enough could have changes go unwritten otherwise. */
  static final int MOST_REFUSALS = MOST / 2;

  private static final Logger LOG = LoggerFactory.getLogger(AuditChain.class);
  private static final int SHOWN = 500;
  private static final int SHOWN_TAGS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long QUIET = TimeUnit.MINUTES.toNanos(1);

  private final AuditFolder folder;
  private final AuditWriter writer;
  private final InstantSource clock;
  private final Duration pause;
  private final Repetitions repetitions = new Repetitions();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final Queue<Waiting> queue = new ArrayDeque<>();
  private final Thread thread;
  private long lost;
  private boolean ending;
  private volatile boolean failing;
  private volatile AuditTerms terms;
  private volatile Anchor head;
  private long toldAt;

  /** An entry, and whoever waits for it. */
  private record Waiting(Instant time, Entry entry, CompletableFuture<Boolean> written) {}

  /**
   * Goes on with the audit in a folder, or begins it there.
   *
   * @throws IOException if it can't be written
   */
  public static AuditChain open(AuditFolder folder, AuditTerms terms, InstantSource clock) throws IOException {
    return new AuditChain(folder, terms, clock, AppendFile.OnDisk::open, Duration.ofSeconds(1));
  }

  AuditChain(AuditFolder folder, AuditTerms terms, InstantSource clock, AppendFile.Opening opening, Duration pause) throws IOException {
    this.folder = folder;
    this.terms = terms;
    this.clock = clock;
    this.pause = pause;
    this.writer = new AuditWriter(folder, terms, clock, opening);
    writer.open();
    this.head = writer.head();
    LOG.info("the audit goes on behind line {}", head);
    this.thread = Thread.ofPlatform().name("audit").daemon().start(this::run);
  }

  /** Other terms from now on. */
  public void terms(AuditTerms other) {
    terms = other;
    writer.terms(other);
  }

  /** The last line that is on the disk. */
  public Anchor head() {
    return head;
  }

  @Override
  public void write(Entry entry) {
    boolean waits = terms.required() && entry.decision() == Decision.ALLOWED;
    var waiting = new Waiting(clock.instant(), entry, new CompletableFuture<>());
    lock.lock();
    try {
      if (ending || queue.size() >= (isRefusal(entry) ? MOST_REFUSALS : MOST)) {
        lost++;
        return;
      }
      queue.add(waiting);
      more.signal();
    } finally {
      lock.unlock();
    }
    if (waits) {
      await(waiting);
    }
  }

  private static void await(Waiting waiting) {
    try {
      boolean _ = waiting.written.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.error("a change was made, and its line of the audit could not be written for {}", PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean isReady() {
    return !terms.required() || !failing;
  }

  @Override
  public boolean tellsTokens() {
    return terms.tokens();
  }

  private void run() {
    boolean more = true;
    while (more) {
      List<Waiting> group = next();
      more = group != null;
      write(group == null ? List.of() : group, group == null);
    }
    writer.close();
    folder.close();
  }

  /** What has come together, which may be nothing where something is to be summed up; {@code null} if this is the end. */
  private @Nullable List<Waiting> next() {
    lock.lock();
    try {
      while (queue.isEmpty() && lost == 0 && !ending) {
        if (repetitions.isEmpty()) {
          more.await();
        } else if (!more.await(1, TimeUnit.MINUTES)) {
          return List.of();
        }
      }
      if (queue.isEmpty() && lost == 0) {
        return null;
      }
      var group = new ArrayList<>(queue);
      queue.clear();
      if (lost > 0) {
        group.add(own("LoseEntries", Decision.FAILED, lost + " entries were lost, since nothing could be written"));
        lost = 0;
      }
      return group;
    } catch (InterruptedException e) {
      return null;
    } finally {
      lock.unlock();
    }
  }

  private Waiting own(String action, Decision decision, String reason) {
    return new Waiting(clock.instant(), new Entry(Source.REGISTRY, new Deed(action), decision, reason, 0), new CompletableFuture<>());
  }

  private void write(List<Waiting> group, boolean last) {
    List<AuditWriter.Item> items = items(group, last);
    while (!items.isEmpty()) {
      try {
        if (failing) {
          writer.open();
        }
        writer.append(items);
        head = writer.head();
        if (failing) {
          LOG.info("the audit can be written again");
        }
        failing = false;
        break;
      } catch (IOException | RuntimeException e) {
        failing = true;
        tell(e);
        if (!rest(group.size())) {
          return;
        }
      }
    }
    group.forEach(waiting -> waiting.written.complete(true));
  }

  private void tell(Exception e) {
    long now = System.nanoTime();
    if (toldAt == 0 || now - toldAt > QUIET) {
      toldAt = now;
      LOG.error("the audit can't be written; what happens meanwhile waits in memory{}", terms.required() ? ", and changes are refused" : "",
          e);
    }
  }

  /** Waits before another try; false if there is to be none. */
  private boolean rest(int held) {
    lock.lock();
    try {
      long left = pause.toNanos();
      while (left > 0 && !ending) {
        left = more.awaitNanos(left);
      }
      if (ending) {
        LOG.error("the audit could not be written until the end: {} entries are lost", held + queue.size() + lost);
        queue.clear();
        lost = 0;
      }
      return !ending;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  private List<AuditWriter.Item> items(List<Waiting> group, boolean last) {
    var items = new ArrayList<AuditWriter.Item>();
    Instant now = clock.instant();
    var repeated = last ? repetitions.rest(now.toEpochMilli()) : repetitions.over(now.toEpochMilli());
    repeated.forEach((address, times) -> items.add(repeated(now, address, times)));
    for (Waiting waiting : group) {
      if (!isRefusal(waiting.entry) || repetitions.isWorthALine(waiting.entry.source().address())) {
        items.add(new AuditWriter.Item(content(waiting.time, waiting.entry)));
      }
    }
    return items;
  }

  private static boolean isRefusal(Entry entry) {
    return entry.decision() == Decision.REFUSED || entry.decision() == Decision.LIMITED;
  }

  private static AuditWriter.Item repeated(Instant time, String address, int times) {
    ObjectNode content = Json.MAPPER.createObjectNode().put("time", time.toString()).put("identity", "registry").put("action", "SumUp");
    return new AuditWriter.Item(content.put("address", Text.visible(address, SHOWN)).put("times", times)
        .put("rule", "so much more was refused in a minute than has lines of its own"));
  }

  private static ObjectNode content(Instant time, Entry entry) {
    ObjectNode line = Json.MAPPER.createObjectNode().put("time", time.toString());
    Source source = entry.source();
    Deed deed = entry.deed();
    put(line, "request", source.id());
    put(line, "identity", source.identity());
    put(line, "address", source.address());
    put(line, "action", deed.action());
    put(line, "repository", deed.repository());
    if (!deed.tags().isEmpty()) {
      var tags = line.putArray("tags");
      deed.tags().stream().limit(SHOWN_TAGS).forEach(tag -> tags.add(Text.visible(tag, SHOWN)));
      if (deed.tags().size() > SHOWN_TAGS) {
        line.put("tagCount", deed.tags().size());
      }
    }
    put(line, "digest", deed.digest());
    put(line, "from", deed.from());
    put(line, "account", deed.account());
    put(line, "references", source.references());
    put(line, "method", source.method());
    put(line, "target", source.target());
    line.put("decision", entry.decision().name().toLowerCase(Locale.ROOT));
    put(line, "rule", entry.rule());
    if (entry.status() > 0) {
      line.put("status", entry.status());
    }
    return line;
  }

  private static void put(ObjectNode line, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      line.put(name, Text.visible(value, SHOWN));
    }
  }

  /** Writes what is left, and the end. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (ending) {
        return;
      }
      queue.add(own("Stop", Decision.ALLOWED, ""));
      ending = true;
      more.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.info("the audit ends with line {}", head);
  }
}
