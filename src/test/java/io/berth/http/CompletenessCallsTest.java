package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Documents;
import io.berth.oci.Manifest;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.registry.Caller;
import io.berth.registry.Completeness;
import io.berth.registry.Feeds;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is there, and what came and went, is told with the memory that there is for it. */
@Timeout(60)
final class CompletenessCallsTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Caller ALICE = new Caller(Rights.open(new Identity.User("alice")), "test/1", "192.0.2.1");
  private static final Request REQUEST = new ProblemsTest.Asked();
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private final Allowance memory = new Allowance(400 * 1024, Duration.ofMillis(1));
  private MetadataStore metadata;
  private CompletenessCalls calls;

  @BeforeEach
  void anImageThatWasAwaited() {
    metadata = SqliteMetadataStore.open(folder.resolve("metadata.db"));
    calls = new CompletenessCalls(new Completeness(metadata), Feeds.of(metadata).term().presence(), Locations.PLAIN, memory);
    put(Documents.index(Documents.image("config")));
    put(Documents.image("config"));
  }

  @AfterEach
  void close() {
    metadata.close();
  }

  private void put(String document) {
    byte[] bytes = Documents.bytes(document);
    Manifest parsed = Manifest.parse(null, bytes);
    var stored = new StoredManifest(Documents.digest(document), parsed.mediaType(), bytes);
    boolean _ = metadata.<Boolean>write(tx -> {
      tx.putManifest(APP, stored, parsed, Instant.EPOCH, Instant.EPOCH.plus(LONG));
      return true;
    });
  }

  private List<Allowance.Held> takeAll() {
    return List.of("a", "b", "c", "d").stream().map(client -> memory.take(100 * 1024, client)).toList();
  }

  private EventSource follow() {
    return ((Reply.Events) calls.watch(new Call.WatchCompleteness(APP, 0), ALICE, REQUEST)).source();
  }

  @Test
  void withoutMemoryNewsIsForLater() {
    var list = new Call.ListCompleteness(APP, 100, 0);
    List<Allowance.Held> all = takeAll();
    assertThatThrownBy(() -> calls.changes(list, ALICE, REQUEST))
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(503));
    assertThatThrownBy(() -> calls.get(new Call.GetCompleteness(APP, new Tag("latest")), ALICE, REQUEST))
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(503));
    all.forEach(Allowance.Held::close);

    assertThat(calls.changes(list, ALICE, REQUEST).status()).isEqualTo(200);
    takeAll().forEach(Allowance.Held::close); // which waits for nobody, as nothing is held any more
  }

  @Test
  void withoutMemoryAStreamEndsInOrder() throws Exception {
    List<Allowance.Held> all = takeAll();
    try (EventSource source = follow()) {
      assertThat(source.next(LONG)).isInstanceOf(EventSource.Next.End.class);
    }
    all.forEach(Allowance.Held::close);

    try (EventSource source = follow()) {
      assertThat(source.next(LONG)).as("and goes on later").isInstanceOf(EventSource.Next.Message.class);
    }
    takeAll().forEach(Allowance.Held::close);
  }
}
