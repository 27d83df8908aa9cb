package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Referrer;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import io.berth.oci.Strings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: repositories, blobs and unfinished uploads. */
public abstract class RepositoryContract extends StoreUnderTest {

  private static final Digest BLOB = digest("blob");

  private static Upload upload(String id, Instant touchedAt) {
    return new Upload(id, APP, ACTOR, "", Digest.Algorithm.SHA256, touchedAt);
  }

  @Test
  void aRepositoryExistsFromItsFirstLink() {
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isFalse();
    write(tx -> tx.linkBlob(APP, BLOB, 4, NOW, LATER));
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isTrue();
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(LIB))).isFalse();
    put(LIB, Documents.image("c"));
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(LIB))).isTrue();
  }

  @Test
  void aBlobIsHeldByTheRepositoriesThatLinkItAndByNoOther() {
    write(tx -> tx.linkBlob(APP, BLOB, 4, NOW, LATER));
    put(LIB, Documents.image("c"));

    look(tx -> assertThat(tx.blobSize(APP, BLOB)).hasValue(4));
    look(tx -> assertThat(tx.blobSize(LIB, BLOB)).isEmpty());
    look(tx -> assertThat(tx.blobSize(RepositoryName.parse("no/such"), BLOB)).isEmpty());

    write(tx -> tx.linkBlob(LIB, BLOB, 4, NOW, LATER));
    assertThat(store.<Boolean>write(tx -> tx.unlinkBlob(APP, BLOB, LATER))).isTrue();
    look(tx -> assertThat(tx.blobSize(APP, BLOB)).isEmpty());
    look(tx -> assertThat(tx.blobSize(LIB, BLOB)).hasValue(4));
    assertThat(store.<Boolean>write(tx -> tx.unlinkBlob(APP, BLOB, LATER))).isFalse();
  }

  @Test
  void linkingAgainChangesNothing() {
    for (int i = 0; i < 3; i++) {
      write(tx -> tx.linkBlob(APP, BLOB, 4, NOW, LATER));
    }
    look(tx -> assertThat(tx.blobSize(APP, BLOB)).hasValue(4));
    look(tx -> assertThat(tx.repositories("", 10)).containsExactly(APP));
    assertThat(store.<Boolean>write(tx -> tx.unlinkBlob(APP, BLOB, LATER))).isTrue();
    look(tx -> assertThat(tx.blobSize(APP, BLOB)).isEmpty());
  }

  @Test
  void aRepositoryStaysWhenItsLastBlobGoes() {
    write(tx -> tx.linkBlob(APP, BLOB, 4, NOW, LATER));
    store.write(tx -> tx.unlinkBlob(APP, BLOB, LATER));

    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isTrue();
  }

  @Test
  void hugeBlobsHaveTheirSizes() {
    write(tx -> tx.linkBlob(APP, BLOB, 1L << 60, NOW, LATER));

    look(tx -> assertThat(tx.blobSize(APP, BLOB)).hasValue(1L << 60));
  }

  @Test
  void aPageOfRepositoriesBeginsBehindAnyTextInByteOrder() {
    var names = new TreeSet<String>();
    for (String name : List.of("a", "a-b", "a.b", "a/b", "a/b/c", "a0", "a_b", "aa", "b", "b--c", "b/a", "z", "0", "9")) {
      names.add(name);
      write(tx -> tx.linkBlob(RepositoryName.parse(name), BLOB, 4, NOW, LATER));
    }
    record Page(String after, int limit) {}
    Law.forAll(500, random -> new Page(
        (random.nextBoolean() ? Strings.of(random, "ab0/-._z", 0, 4) : Strings.any(random)).replaceAll("[\ud800-\udfff]", ""),
        random.nextInt(17)),
        page -> look(tx -> assertThat(tx.repositories(page.after, page.limit)).extracting(RepositoryName::value)
            .containsExactlyElementsOf(names.stream().filter(name -> name.compareTo(page.after) > 0).limit(page.limit).toList())));
  }

  @Test
  void aQuestionAboutARepositoryThatDoesNotExistFindsNothing() {
    store.read(tx -> {
      assertThat(tx.tags(APP, "", 10)).isEmpty();
      assertThat(tx.tag(APP, tag("a"))).isEmpty();
      assertThat(tx.tagsOf(APP, BLOB)).isEmpty();
      assertThat(tx.history(APP, tag("a"), 10)).isEmpty();
      assertThat(tx.manifest(APP, BLOB)).isEmpty();
      assertThat(tx.manifest(APP, tag("a"))).isEmpty();
      assertThat(tx.neededBy(APP, BLOB)).isEmpty();
      assertThat(tx.referrers(APP, BLOB, ReferrerFilter.of(ReferrerFilter.KINDS), Referrer.Place.START, 10)).isEmpty();
      return assertThat(tx.blobSize(APP, BLOB)).isEmpty();
    });
    assertThat(store.<Boolean>write(tx -> tx.deleteRepository(APP, LATER))).isFalse();
    assertThat(store.<Boolean>write(tx -> tx.unlinkBlob(APP, BLOB, LATER))).isFalse();
    assertThat(store.<Boolean>write(tx -> tx.deleteManifest(APP, BLOB, LATER))).isFalse();
  }

  @Test
  void deletingARepositoryRemovesAllThatItHeldAndItsHistory() {
    String document = Documents.about("subject", "x/y", "c");
    for (RepositoryName repository : List.of(APP, LIB)) {
      Digest manifest = put(repository, document);
      write(tx -> tx.linkBlob(repository, BLOB, 4, NOW, LATER));
      change(repository, "v1", manifest, NOW);
      change(repository, "v2", manifest, NOW);
      change(repository, "v2", null, NOW);
    }

    assertThat(store.<Boolean>write(tx -> tx.deleteRepository(APP, LATER))).isTrue();
    assertNothingIsLeft(document);

    write(tx -> tx.linkBlob(APP, digest("new"), 3, NOW, LATER));
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isTrue();
    store.read(tx -> {
      assertThat(tx.blobSize(APP, BLOB)).isEmpty();
      assertThat(tx.tags(APP, "", 10)).isEmpty();
      assertThat(tx.history(APP, tag("v1"), 10)).isEmpty();
      return assertThat(tx.manifest(APP, digest(document))).isEmpty();
    });
  }

  private void assertNothingIsLeft(String document) {
    store.read(tx -> {
      assertThat(tx.repositoryExists(APP)).isFalse();
      assertThat(tx.repositories("", 10)).containsExactly(LIB);
      assertThat(tx.blobSize(APP, BLOB)).isEmpty();
      assertThat(tx.manifest(APP, digest(document))).isEmpty();
      assertThat(tx.neededBy(APP, digest("c"))).isEmpty();
      assertThat(tx.referrers(APP, digest("subject"), ReferrerFilter.SUBJECT, Referrer.Place.START, 10)).isEmpty();
      assertThat(tx.tags(APP, "", 10)).isEmpty();
      assertThat(tx.history(APP, tag("v1"), 10)).isEmpty();

      assertThat(tx.blobSize(LIB, BLOB)).hasValue(4);
      assertThat(tx.manifest(LIB, tag("v1"))).isPresent();
      assertThat(tx.referrers(LIB, digest("subject"), ReferrerFilter.SUBJECT, Referrer.Place.START, 10)).hasSize(1);
      return assertThat(tx.history(LIB, tag("v2"), 10)).hasSize(2);
    });
  }

  @Test
  void anUploadIsFoundAsItWasRecorded() {
    var upload = new Upload("abc", APP, "user:b\u00f6b", "2001:db8:0:0::/64", Digest.Algorithm.SHA512, NOW.plusNanos(123_000));
    write(tx -> tx.putUpload(upload));

    look(tx -> assertThat(tx.upload("abc")).contains(upload));
    look(tx -> assertThat(tx.upload("ab")).isEmpty());
    look(tx -> assertThat(tx.upload("ABC")).isEmpty());
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isFalse();

    write(tx -> tx.deleteUpload("abc"));
    write(tx -> tx.deleteUpload("abc"));
    look(tx -> assertThat(tx.upload("abc")).isEmpty());
  }

  @Test
  void idleUploadsAreListedTheOldestFirst() {
    write(tx -> {
      tx.putUpload(upload("middle", NOW.minus(Duration.ofHours(2))));
      tx.putUpload(upload("young", NOW.minus(Duration.ofMinutes(59))));
      tx.putUpload(upload("oldest", NOW.minus(Duration.ofDays(9))));
      tx.putUpload(upload("edge", NOW.minus(Duration.ofHours(1))));
    });
    Instant since = NOW.minus(Duration.ofHours(1));

    look(tx -> assertThat(tx.idleUploads(since, 10)).extracting(Upload::id).containsExactly("oldest", "middle"));
    look(tx -> assertThat(tx.idleUploads(since, 1)).extracting(Upload::id).containsExactly("oldest"));
    look(tx -> assertThat(tx.idleUploads(since, 0)).isEmpty());
  }

  @Test
  void uploadsOfSomebodyAreListedTheOldestFirst() {
    write(tx -> {
      for (String address : List.of("192.0.2.1", "192.0.2.2", "")) {
        tx.putUpload(
            new Upload("young" + address.length() + address.endsWith("1"), APP, "anonymous", address, Digest.Algorithm.SHA256, NOW));
        tx.putUpload(new Upload("old" + address.length() + address.endsWith("1"), LIB, "anonymous", address, Digest.Algorithm.SHA256,
            NOW.minusSeconds(1)));
      }
      tx.putUpload(upload("other", NOW));
    });

    look(tx -> assertThat(tx.uploadsOf("anonymous", "192.0.2.1", 10)).extracting(Upload::id).containsExactly("old9true", "young9true"));
    look(tx -> assertThat(tx.uploadsOf("anonymous", "192.0.2.1", 1)).extracting(Upload::id).containsExactly("old9true"));
    look(tx -> assertThat(tx.uploadsOf(ACTOR, "", 10)).extracting(Upload::id).containsExactly("other"));
    look(tx -> assertThat(tx.uploadsOf("nobody", "", 10)).isEmpty());
  }

  @Test
  void theLastLookAtTheClockIsWhatWasWrittenDownLast() {
    look(tx -> assertThat(tx.clockSeen()).isEmpty());

    write(tx -> tx.seeClock(LATER));
    look(tx -> assertThat(tx.clockSeen()).contains(LATER));
    write(tx -> tx.seeClock(NOW));
    reopen();
    look(tx -> assertThat(tx.clockSeen()).contains(NOW));
  }

  @Test
  void anUploadThatIsTouchedIsIdleNoMore() {
    write(tx -> tx.putUpload(upload("u", NOW.minus(Duration.ofDays(9)))));
    write(tx -> tx.putUpload(upload("u", NOW)));

    look(tx -> assertThat(tx.idleUploads(NOW, 10)).isEmpty());
    look(tx -> assertThat(tx.upload("u").orElseThrow().touchedAt()).isEqualTo(NOW));
  }
}
