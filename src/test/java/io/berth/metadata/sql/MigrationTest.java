package io.berth.metadata.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.PresenceReads;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.metadata.ReadTransaction.Orphan;
import io.berth.metadata.TagMove;
import io.berth.metadata.TagReads.Progress;
import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.TagEvent.Kind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database of an older Berth is brought to the present schema with what it holds, and its queues are found by their indexes. */
final class MigrationTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant LATER = NOW.plus(Duration.ofDays(1));
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Digest HELD = Documents.digest("held");
  private static final Digest LEFT = Documents.digest("left");

  @TempDir Path folder;

  private static void holdTwoBlobsOneOfThemInNoRepository(Session session) {
    session.run("INSERT INTO repository (name, created_at) VALUES (?, 1)", APP);
    session.run("INSERT INTO blob (digest, size, created_at) VALUES (?, 4, 1)", HELD);
    session.run("INSERT INTO blob (digest, size, created_at) VALUES (?, 5, 1)", LEFT);
    session.run(
        "INSERT INTO link (repository_id, blob_id, created_at) SELECT repository.id, blob.id, 1 FROM repository, blob WHERE digest = ?",
        HELD);
  }

  /** What a repository holds stays as if a manifest needed it; what none holds gets a whole grace at the first look. */
  private static void assertThatNobodyHasLookedYet(MetadataStore store) {
    store.read(tx -> {
      assertThat(tx.heldBlob(APP, HELD)).contains(new HeldBlob(4, null));
      assertThat(tx.dueLinks(NOW, 10)).isEmpty();
      return assertThat(tx.dueOrphans(NOW, 10)).containsExactly(new Orphan(LEFT, 5));
    });
    assertThat(store.<Boolean>write(tx -> tx.condemnBlob(LEFT, NOW, LATER))).isFalse();
    store.read(tx -> {
      assertThat(tx.dueOrphans(LATER.minusMillis(1), 10)).isEmpty();
      return assertThat(tx.dueOrphans(LATER, 10)).containsExactly(new Orphan(LEFT, 5));
    });
    assertThat(store.<Boolean>write(tx -> tx.condemnBlob(LEFT, LATER, LATER))).isTrue();
  }

  @Test
  void aFileFromBeforeTheCollectorIsLookedAtFirst() {
    Path file = folder.resolve("metadata.db");
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + file)) {
      Migrations.run(session, Dialect.SQLITE, 1);
      holdTwoBlobsOneOfThemInNoRepository(session);
    }
    try (MetadataStore store = SqliteMetadataStore.open(file)) {
      assertThatNobodyHasLookedYet(store);
    }
  }

  @Test
  void aPostgresqlDatabaseFromBeforeTheCollectorIsLookedAtFirst() throws SQLException {
    String database = PostgresForTests.newDatabase();
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      Migrations.run(session, Dialect.POSTGRESQL, 1);
      holdTwoBlobsOneOfThemInNoRepository(session);
    }
    try (MetadataStore store = PostgresMetadataStore.open(PostgresForTests.options(database), () -> {})) {
      assertThatNobodyHasLookedYet(store);
    }
  }

  private static final Digest IMAGE = Documents.digest("image");
  private static final Digest INDEX = Documents.digest("index");
  private static final Digest GONE = Documents.digest("gone");
  private static final RepositoryName LIB = RepositoryName.parse("team/lib");
  private static final RepositoryName BARE = RepositoryName.parse("team/bare");

  /** Two repositories with manifests, of which one is gone, and their histories; and one in which no tag has ever changed. */
  private static void moveTags(Session session) {
    for (RepositoryName repository : List.of(APP, LIB, BARE)) {
      session.run("INSERT INTO repository (name, created_at, sequence) VALUES (?, 1, ?)", repository, repository.equals(APP) ? 5 : 0);
      session.run("INSERT INTO manifest (repository_id, digest, media_type, size, created_at, annotations, content)"
          + " SELECT id, ?, ?, 30, 1, '{}', ? FROM repository WHERE name = ?", IMAGE, MediaType.OCI_MANIFEST, new byte[30], repository);
      session.run("INSERT INTO manifest (repository_id, digest, media_type, size, created_at, annotations, content)"
          + " SELECT id, ?, ?, ?, 1, '{}', ? FROM repository WHERE name = ?", INDEX, MediaType.OCI_INDEX,
          repository.equals(APP) ? 40 : 41, new byte[40], repository);
    }
    event(session, APP, 1, "v1", "created", null, IMAGE);
    event(session, APP, 2, "v2", "created", null, GONE);
    event(session, APP, 3, "v1", "moved", IMAGE, INDEX);
    event(session, APP, 4, "v2", "deleted", GONE, null);
    event(session, APP, 5, "v3", "created", null, IMAGE);
    event(session, LIB, 1, "v1", "created", null, INDEX);
    session.run("UPDATE repository SET sequence = 1 WHERE name = ?", LIB);
    tag(session, APP, "v1", INDEX, 3);
    tag(session, APP, "v3", IMAGE, 5);
    tag(session, LIB, "v1", INDEX, 1);
  }

  private static void event(Session session, RepositoryName repository, long sequence, String tag, String kind, @Nullable Digest from,
      @Nullable Digest to) {
    session.run("INSERT INTO tag_event (repository_id, sequence, tag, kind, from_digest, to_digest, at, actor, client)"
        + " SELECT id, ?, ?, ?, ?, ?, ?, 'user:alice', 'test/1' FROM repository WHERE name = ?", sequence, tag, kind, from, to,
        1_000 * sequence, repository);
  }

  private static void tag(Session session, RepositoryName repository, String tag, Digest target, long version) {
    session.run("INSERT INTO tag (repository_id, name, target, version) SELECT id, ?, ?, ? FROM repository WHERE name = ?", tag, target,
        version, repository);
  }

  private static void assertThatTagsHaveAHistory(MetadataStore store) {
    store.read(tx -> {
      assertThat(tx.progress(APP)).isEqualTo(new Progress(5, Times.instant(5_000), 2));
      assertThat(tx.progress(LIB)).isEqualTo(new Progress(1, Times.instant(1_000), 1));
      assertThat(tx.progress(BARE)).isEqualTo(Progress.NONE);
      List<TagEvent> events = tx.changes(APP, 0, 10);
      assertThat(events).extracting(TagEvent::total).containsExactly(1L, 2L, 2L, 1L, 2L);
      assertThat(events).extracting(TagEvent::kind).containsExactly(Kind.CREATED, Kind.CREATED, Kind.MOVED, Kind.DELETED, Kind.CREATED);
      var image = new Descriptor(MediaType.OCI_MANIFEST, IMAGE, 30, null);
      var index = new Descriptor(MediaType.OCI_INDEX, INDEX, 40, null);
      var gone = new Descriptor(new MediaType("application/octet-stream"), GONE, 0, null);
      assertThat(events).extracting(TagEvent::target).containsExactly(image, gone, index, gone, image);
      assertThat(events).extracting(TagEvent::from).containsExactly(null, null, IMAGE, GONE, null);
      assertThat(tx.tagged(APP, new Tag("v1")).orElseThrow().content()).isEqualTo(new TagContent(index, null, null, null));
      assertThat(tx.taggedAt(APP, new Tag("v2"), 3).orElseThrow().content().target()).isEqualTo(gone);
      assertThat(tx.taggedAt(APP, new Tag("v2"), 4)).isEmpty();
      assertThat(tx.tagged(LIB, new Tag("v1")).orElseThrow().content().target().size()).isEqualTo(41);
      return assertThat(tx.tagsOf(APP, INDEX)).containsExactly(new Tag("v1"));
    });
    var move = new TagMove(new Tag("v4"), null, new TagContent(new Descriptor(MediaType.OCI_MANIFEST, IMAGE, 30, null), null, null, null),
        null, TagMove.Cause.REQUEST);
    TagEvent next = store.write(tx -> tx.moveTags(APP, List.of(move), new Author("user:alice", "test/1"), Instant.EPOCH)).getFirst();
    assertThat(next).extracting(TagEvent::sequence, TagEvent::at, TagEvent::total).containsExactly(6L, Times.instant(5_001), 3L);
  }

  @Test
  void tagsOfAFileFromBeforeTagsWereObjectsHaveAHistory() {
    Path file = folder.resolve("metadata.db");
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + file)) {
      Migrations.run(session, Dialect.SQLITE, 2);
      moveTags(session);
    }
    try (MetadataStore store = SqliteMetadataStore.open(file)) {
      assertThatTagsHaveAHistory(store);
    }
  }

  @Test
  void tagsOfAPostgresqlDatabaseFromBeforeTagsWereObjectsHaveAHistory() throws SQLException {
    String database = PostgresForTests.newDatabase();
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      Migrations.run(session, Dialect.POSTGRESQL, 2);
      moveTags(session);
    }
    try (MetadataStore store = PostgresMetadataStore.open(PostgresForTests.options(database), () -> {})) {
      assertThatTagsHaveAHistory(store);
    }
  }

  private static final MediaType SIGNATURE = new MediaType("application/x.signature");
  private static final MediaType BOM = new MediaType("application/x.bom");

  /** Manifests that point at one, with types and without, as they were written down when edges did not know their types. */
  private static void pointAtAnImage(Session session) {
    for (RepositoryName repository : List.of(APP, LIB)) {
      session.run("INSERT INTO repository (name, created_at) VALUES (?, 1)", repository);
      edge(session, repository, "signature", SIGNATURE, "/subject", "subject");
      edge(session, repository, "bom", BOM, "/subject", "subject");
      edge(session, repository, "untyped", null, "/subject", "subject");
      edge(session, repository, "about a layer", SIGNATURE, "/layers/0/reference", "reference");
      edge(session, repository, "list", BOM, "/manifests/0", "child");
      edge(session, repository, "user", SIGNATURE, "/layers/0", "layer");
    }
    session.run("DELETE FROM edge WHERE pointer = '/subject' AND repository_id = (SELECT id FROM repository WHERE name = ?)", LIB);
  }

  private static void edge(Session session, RepositoryName repository, String manifest, @Nullable MediaType type, String pointer,
      String kind) {
    session.run("INSERT INTO manifest (repository_id, digest, media_type, artifact_type, size, created_at, annotations, content)"
        + " SELECT id, ?, ?, ?, 1, 1, '{}', ? FROM repository WHERE name = ?", Documents.digest(manifest), MediaType.OCI_MANIFEST, type,
        new byte[1], repository);
    session.run("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size)"
        + " SELECT manifest.id, ?, repository_id, ?, ?, ?, 30 FROM manifest JOIN repository ON repository.id = repository_id"
        + " WHERE digest = ? AND name = ?", pointer, kind, IMAGE, MediaType.OCI_MANIFEST, Documents.digest(manifest), repository);
  }

  private static void assertThatReferrersAreFoundByType(MetadataStore store) {
    ReferrerFilter all = ReferrerFilter.of(ReferrerFilter.KINDS);
    assertThat(referrers(store, APP, ReferrerFilter.SUBJECT)).containsExactly("signature", "bom", "untyped");
    assertThat(referrers(store, APP, ReferrerFilter.SUBJECT.withArtifactTypes(Set.of(SIGNATURE)))).containsExactly("signature");
    assertThat(referrers(store, APP, all)).containsExactly("signature", "bom", "untyped", "about a layer", "list");
    assertThat(referrers(store, APP, all.withArtifactTypes(Set.of(SIGNATURE)))).containsExactly("signature", "about a layer");
    assertThat(referrers(store, APP, all.withArtifactTypes(Set.of(SIGNATURE, BOM)))).containsExactly("signature", "bom", "about a layer",
        "list");
    assertThat(referrers(store, LIB, all.withArtifactTypes(Set.of(BOM)))).containsExactly("list");
    String later = Documents.about("image", BOM.value(), "c");
    var stored = new StoredManifest(Documents.digest(later), MediaType.OCI_MANIFEST, Documents.bytes(later));
    store.write(tx -> {
      tx.putManifest(APP, stored, Manifest.parse(null, stored.bytes()), NOW, LATER);
      return stored;
    });
    assertThat(store.<List<Digest>>read(tx -> tx.referrers(APP, IMAGE, all.withArtifactTypes(Set.of(BOM)), Place.START, 10).stream()
        .map(referrer -> referrer.descriptor().digest()).toList())).containsExactly(Documents.digest("bom"), Documents.digest("list"),
            stored.digest());
  }

  private static List<String> referrers(MetadataStore store, RepositoryName repository, ReferrerFilter filter) {
    return store.read(tx -> tx.referrers(repository, IMAGE, filter, Place.START, 10)).stream()
        .map(referrer -> Stream.of("signature", "bom", "untyped", "about a layer", "list", "user")
            .filter(name -> Documents.digest(name).equals(referrer.descriptor().digest())).findFirst().orElseThrow())
        .toList();
  }

  @Test
  void referrersInAFileFromBeforeEdgesHadTypesAreFoundByType() {
    Path file = folder.resolve("metadata.db");
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + file)) {
      Migrations.run(session, Dialect.SQLITE, 4);
      pointAtAnImage(session);
    }
    try (MetadataStore store = SqliteMetadataStore.open(file)) {
      assertThatReferrersAreFoundByType(store);
    }
  }

  @Test
  void referrersInAPostgresqlDatabaseFromBeforeEdgesHadTypesAreFoundByType() throws SQLException {
    String database = PostgresForTests.newDatabase();
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      Migrations.run(session, Dialect.POSTGRESQL, 4);
      pointAtAnImage(session);
    }
    try (MetadataStore store = PostgresMetadataStore.open(PostgresForTests.options(database), () -> {})) {
      assertThatReferrersAreFoundByType(store);
    }
  }

  /** What came to two repositories while their numbers were those of the database: 1, 3 and 4 to the one, 2 and 5 to the other. */
  private static void come(Session session) {
    session.run("INSERT INTO repository (name, created_at) VALUES (?, 1)", APP);
    session.run("INSERT INTO repository (name, created_at) VALUES (?, 1)", LIB);
    for (RepositoryName repository : List.of(APP, LIB, APP, APP, LIB)) {
      session.run("INSERT INTO presence (repository_id, content, present, at) SELECT id, ?, 1, 1 FROM repository WHERE name = ?", IMAGE,
          repository);
    }
  }

  private static void assertThatEachCountsForItself(MetadataStore store) {
    assertThat(numbers(store, APP)).as("as many, up to the last").containsExactly(2L, 3L, 4L);
    assertThat(numbers(store, LIB)).containsExactly(4L, 5L);
    byte[] image = Documents.bytes(Documents.image("config", "layer"));
    store.write(tx -> {
      tx.putManifest(APP, new StoredManifest(Documents.digest(Documents.image("config", "layer")), MediaType.OCI_MANIFEST, image),
          Manifest.parse(null, image), NOW, LATER);
      tx.linkBlob(APP, Documents.digest("layer"), 5, Times.instant(2), LATER);
      return image;
    });
    assertThat(numbers(store, APP)).containsExactly(2L, 3L, 4L, 5L);
    assertThat(numbers(store, LIB)).containsExactly(4L, 5L);
  }

  private static List<Long> numbers(MetadataStore store, RepositoryName repository) {
    return store.read(tx -> tx.presence().changes(repository, 0, 10).stream().map(PresenceReads.Change::sequence).toList());
  }

  @Test
  void whatCameInAFileFromBeforeEachRepositoryCountedForItselfKeepsItsOrder() {
    Path file = folder.resolve("metadata.db");
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + file)) {
      Migrations.run(session, Dialect.SQLITE, 12);
      come(session);
    }
    try (MetadataStore store = SqliteMetadataStore.open(file)) {
      assertThatEachCountsForItself(store);
    }
  }

  @Test
  void whatCameInAPostgresqlDatabaseFromBeforeEachRepositoryCountedForItselfKeepsItsOrder() throws SQLException {
    String database = PostgresForTests.newDatabase();
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      Migrations.run(session, Dialect.POSTGRESQL, 12);
      come(session);
    }
    try (MetadataStore store = PostgresMetadataStore.open(PostgresForTests.options(database), () -> {})) {
      assertThatEachCountsForItself(store);
    }
  }

  @Test
  void theQueuesAreReadByTheirIndexes() {
    Path file = folder.resolve("metadata.db");
    SqliteMetadataStore.open(file).close();
    try (Session session = SqliteMetadataStore.connect("jdbc:sqlite:" + file)) {
      assertThat(plan(session, "EXPLAIN QUERY PLAN " + BlobTable.DUE, 4)).contains("INDEX link_by_expires_at")
          .noneMatch(step -> step.contains("SCAN"));
      assertThat(plan(session, "EXPLAIN QUERY PLAN " + OrphanQueue.DUE, 4)).contains("INDEX blob_by_orphaned_at");
    }
  }

  @Test
  void theQueuesAreReadByTheirIndexesInPostgresqlToo() throws SQLException {
    String database = PostgresForTests.newDatabase();
    PostgresMetadataStore.open(PostgresForTests.options(database), () -> {}).close();
    try (Connection connection = PostgresForTests.connect(database); var session = new Session(connection)) {
      session.run("SET enable_seqscan = off");
      session.run("SET enable_bitmapscan = off");
      assertThat(plan(session, "EXPLAIN " + BlobTable.DUE, 1)).contains("Index Scan using link_by_expires_at");
      assertThat(plan(session, "EXPLAIN " + OrphanQueue.DUE, 1)).contains("Index Scan using blob_by_orphaned_at");
    }
  }

  /** The steps, each cut to what names its index. */
  private static List<String> plan(Session session, String question, int column) {
    return session.all(question, row -> row.getString(column), 1L, 10).stream()
        .map(step -> step.replaceAll(".*?((INDEX|Index Scan using) [a-z_]+).*", "$1")).toList();
  }
}
