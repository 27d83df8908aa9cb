package io.berth.metadata;

import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.Tagged;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A metadata store and the words to talk to it, for the contracts. */
public abstract class StoreUnderTest {

  protected static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  protected static final Instant LATER = NOW.plus(Duration.ofDays(1));
  protected static final RepositoryName APP = RepositoryName.parse("team/app");
  protected static final RepositoryName LIB = RepositoryName.parse("team/lib");
  protected static final String ACTOR = "user:alice";
  protected static final String CLIENT = "test/1";
  protected static final Author AUTHOR = new Author(ACTOR, CLIENT);

  @TempDir protected Path folder;

  protected MetadataStore store;

  /** Opens the store in the folder, which keeps what it held before. */
  protected abstract MetadataStore open(Path folder);

  @BeforeEach
  void openStore() {
    store = open(folder);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  protected final void reopen() {
    store.close();
    store = open(folder);
  }

  protected static Tag tag(String text) {
    return Tag.parse(text);
  }

  protected static Digest digest(String text) {
    return Documents.digest(text);
  }

  /** Changes that have no result. */
  protected interface Change {
    void apply(WriteTransaction tx);
  }

  protected final void write(Change change) {
    store.write(tx -> {
      change.apply(tx);
      return null;
    });
  }

  /** A question, with what is expected of the answer. */
  protected interface Look {
    void at(ReadTransaction tx);
  }

  protected final void look(Look look) {
    store.read(tx -> {
      look.at(tx);
      return null;
    });
  }

  /** Stores a manifest under its sha256 digest. */
  protected static Digest put(WriteTransaction tx, RepositoryName repository, String document) {
    return put(tx, repository, null, document);
  }

  protected static Digest put(WriteTransaction tx, RepositoryName repository, MediaType contentType, String document) {
    return put(tx, repository, document, Manifest.parse(contentType, Documents.bytes(document)));
  }

  /** Stores a manifest as something that is known of it. */
  protected static Digest put(WriteTransaction tx, RepositoryName repository, String document, Manifest parsed) {
    byte[] bytes = Documents.bytes(document);
    Digest digest = Digest.Algorithm.SHA256.of(bytes);
    tx.putManifest(repository, new StoredManifest(digest, parsed.mediaType(), bytes), parsed, NOW, LATER);
    return digest;
  }

  protected final Digest put(RepositoryName repository, String document) {
    return store.write(tx -> put(tx, repository, document));
  }

  protected final TagEvent change(RepositoryName repository, String tag, Digest to, Instant now) {
    return store.write(tx -> move(tx, repository, tag, to, now));
  }

  /** Moves a tag as the verbs do that know a digest only; {@code null} if it is there already. */
  protected static @Nullable TagEvent move(WriteTransaction tx, RepositoryName repository, String tag, @Nullable Digest to, Instant now) {
    TagContent before = tx.tagged(repository, tag(tag)).map(Tagged::content).orElse(null);
    TagContent after = to == null ? null : content(to);
    if (Objects.equals(before, after)) {
      return null;
    }
    List<TagEvent> events =
        tx.moveTags(repository, List.of(new TagMove(tag(tag), before == null ? null : before.target(), after, null, TagMove.Cause.REQUEST)),
            AUTHOR, now);
    return events.isEmpty() ? null : events.getFirst();
  }

  /** A target of which nothing is said. */
  protected static TagContent content(Digest target) {
    return new TagContent(new Descriptor(MediaType.OCI_MANIFEST, target, 3, null), null, null, null);
  }

  /** Runs the task in as many threads as asked for, each with its number, and waits for all. */
  protected static void inThreads(int threads, Numbered task) throws Exception {
    var tasks = new ArrayList<Callable<Object>>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      tasks.add(() -> {
        task.run(number);
        return number;
      });
    }
    try (var pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Object>> running = pool.invokeAll(tasks);
      for (Future<Object> done : running) {
        done.get();
      }
    }
  }

  /** A task that knows which thread it runs in. */
  protected interface Numbered {
    void run(int number) throws Exception;
  }
}
