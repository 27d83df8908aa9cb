package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.body;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Access;
import io.berth.policy.SparseRules;
import io.berth.policy.TagTerms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is true after an answer was lost, or given twice. */
final class AfterFailureTest {

  private static final String OLD = Documents.image("{}", "old");
  private static final String NEW = Documents.image("{}", "new");
  private static final Tag TAG = tag("1.0");

  @TempDir Path folder;

  private House house;
  private Manifests losing;
  private Repositories losingRepositories;

  /** A store that does what it is asked for and loses the answer. */
  private record Losing(MetadataStore store) implements MetadataStore {

    @Override
    public <T> T read(Function<? super ReadTransaction, T> work) {
      return store.read(work);
    }

    @Override
    public <T> T write(Function<? super WriteTransaction, T> work) {
      store.write(work);
      throw new MetadataException("the connection broke during the commit", new IOException("connection reset"));
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @BeforeEach
  void begin() {
    house = new House(folder);
    var store = new Losing(house.metadata);
    var news = new TagNews(house.cache, _ -> {
    });
    var labels = new ImageLabels(store, house.storage);
    var tags = new Tags(store, news, TagTerms.DEFAULT, labels, TagTrust.NONE, house.clock);
    losing = new Manifests(store, tags, news, house.cache, TagTerms.DEFAULT, labels, house.leases, house.departures(), SparseRules.DEFAULT,
        Fetches.NONE, house.clock);
    losingRepositories = new Repositories(store, house.cache, TagTerms.DEFAULT, house.leases, _ -> {
    });
    house.blob(APP, "new");
    house.image(APP, TAG, "{}", "old");
    pulls(TAG, OLD);
    pulls(digest(OLD), OLD);
  }

  @AfterEach
  void end() {
    house.close();
  }

  private void pulls(TagOrDigest name, String document) {
    assertThat(house.manifests.get(ALICE, APP, name).digest()).isEqualTo(digest(document));
  }

  private void findsNo(TagOrDigest name) {
    assertThat(refusal(() -> house.manifests.get(ALICE, APP, name))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void aMoveWhoseAnswerWasLostIsSeen() {
    assertThatThrownBy(() -> losing.put(ALICE, APP, TAG, List.of(), null, Precondition.NONE, Documents.bytes(NEW)))
        .isInstanceOf(MetadataException.class);

    pulls(TAG, NEW);
  }

  @Test
  void aRemovalOfATagWhoseAnswerWasLostIsSeen() {
    assertThatThrownBy(() -> losing.delete(ALICE, APP, TAG, Precondition.NONE)).isInstanceOf(MetadataException.class);

    findsNo(TAG);
    pulls(digest(OLD), OLD);
  }

  @Test
  void aRemovalOfAManifestWhoseAnswerWasLostIsSeen() {
    assertThatThrownBy(() -> losing.delete(ALICE, APP, digest(OLD), Precondition.NONE)).isInstanceOf(MetadataException.class);

    findsNo(TAG);
    findsNo(digest(OLD));
  }

  @Test
  void aRemovalOfARepositoryWhoseAnswerWasLostIsSeen() {
    assertThatThrownBy(() -> losingRepositories.delete(House.ALICE, APP)).isInstanceOf(MetadataException.class);

    findsNo(TAG);
    findsNo(digest(OLD));
  }

  @Test
  void aRefusedChangeLeavesWhatIsInMemory() {
    assertThatThrownBy(
        () -> losing.put(ALICE, APP, TAG, List.of(), null, Precondition.NONE, Documents.bytes(Documents.image("{}", "missing"))))
        .isInstanceOf(RegistryException.class);

    assertThat(house.manifests.cached(Access.ALL, APP, TAG)).isNotNull();
  }

  @Test
  void anUploadThatIsClosedAgainAfterItsBlobWasDeletedIsUnknown() {
    String id = house.uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    house.uploads.finish(ALICE, APP, id, digest("content"), null, body("content"));
    house.uploads.finish(ALICE, APP, id, digest("content"), null, body());

    house.blobs.delete(ALICE, APP, digest("content"));

    assertThat(refusal(() -> house.uploads.finish(ALICE, APP, id, digest("content"), null, body())))
        .containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
  }

  @Test
  void anUploadWhoseClosingAnswerWasLostIsClosedAgain() {
    var lost = new Uploads(new Losing(house.metadata), house.storage, house.leases, house.digests, house.clock, () -> "lost",
        UploadLimits.DEFAULT, Patience.OF_A_REQUEST);
    String id = house.uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    assertThatThrownBy(() -> lost.finish(ALICE, APP, id, digest("content"), null, body("content"))).isInstanceOf(MetadataException.class);

    lost.finish(ALICE, APP, id, digest("content"), null, body());

    assertThat(house.blobs.size(ALICE, APP, digest("content"))).isEqualTo(7);
  }
}
