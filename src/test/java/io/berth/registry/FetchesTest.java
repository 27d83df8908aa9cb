package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.berth.oci.BlobContent;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a repository lacks comes from a second registry of the same kind, if the first may believe what that sends. */
final class FetchesTest {

  private static final String AMD = Documents.image("{}", "amd");
  private static final String ARM = Documents.image("{}", "arm");
  private static final String INDEX = Documents.indexOf(
      SparsePushesTest.entry(AMD, "linux", "amd64") + "," + SparsePushesTest.entry(ARM, "linux", "arm64"), "");

  @TempDir private Path folder;
  @TempDir private Path other;
  private House house;
  private House upstream;
  private Manifests manifests;
  private Blobs blobs;
  private final AtomicInteger asked = new AtomicInteger();
  private UnaryOperator<byte[]> onTheWay = bytes -> bytes;

  /** The other registry, as far as it serves {@code team/app}. */
  private final class Other implements Upstream {

    @Override
    public boolean serves(RepositoryName repository) {
      return repository.equals(APP);
    }

    @Override
    public Optional<Body> manifest(RepositoryName repository, Descriptor wanted) throws IOException {
      asked.incrementAndGet();
      return found(() -> upstream.manifests.get(ALICE, repository, wanted.digest()).bytes());
    }

    @Override
    public Optional<Body> blob(RepositoryName repository, Descriptor wanted) throws IOException {
      asked.incrementAndGet();
      return found(() -> {
        try (BlobContent content = upstream.blobs.open(ALICE, repository, wanted.digest())) {
          return read(content);
        }
      });
    }
  }

  private interface Question {
    byte[] ask() throws IOException;
  }

  private Optional<Upstream.Body> found(Question question) throws IOException {
    try {
      Iterator<ByteBuffer> pieces = List.of(ByteBuffer.wrap(onTheWay.apply(question.ask()))).iterator();
      return Optional.of(new Upstream.Body() {
        @Override
        public @Nullable ByteBuffer next() {
          return pieces.hasNext() ? pieces.next() : null;
        }

        @Override
        public void close() {}
      });
    } catch (RegistryException unknown) {
      return Optional.empty();
    }
  }

  private static byte[] read(BlobContent content) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) content.size());
    while (bytes.hasRemaining() && content.read(bytes, bytes.position()) >= 0) {
      // there is more
    }
    return bytes.array();
  }

  @BeforeEach
  void open() {
    house = new House(folder);
    upstream = new House(other);
    var fetches = new Fetches(new Other(), house.mode);
    house.fetches.set(fetches);
    manifests = house.manifests(new SparseRules(List.of(), SparseTerms.NOTHING));
    blobs = new Blobs(house.metadata, house.storage, house.terms, house.leases, house.uploads, fetches);
    upstream.image(APP, Documents.digest(AMD), "{}", "amd");
    upstream.image(APP, Documents.digest(ARM), "{}", "arm");
    put(ALICE, APP, INDEX);
  }

  @AfterEach
  void close() {
    house.close();
    upstream.close();
  }

  private void put(Caller caller, RepositoryName repository, String document) {
    manifests.put(caller, repository, tag("1.0"), List.of(), null, Precondition.NONE, Documents.bytes(document));
  }

  private List<ErrorCode> pulling(RepositoryName repository, Digest digest) {
    return House.refusal(() -> manifests.get(ALICE, repository, digest));
  }

  @Test
  void whatAnIndexListsIsFetchedWithItsBlobsWhenItIsPulled() throws IOException {
    assertThat(manifests.get(ALICE, APP, Documents.digest(ARM)).bytes()).asString().isEqualTo(ARM);
    assertThat(blobs.size(ALICE, APP, Documents.digest("{}"))).isEqualTo(2);
    try (BlobContent content = blobs.open(ALICE, APP, Documents.digest("arm"))) {
      assertThat(read(content)).asString().isEqualTo("arm");
    }
    assertThat(asked).hasValue(3);
    upstream.manifests.delete(ALICE, APP, Documents.digest(ARM), Precondition.NONE);

    assertThat(house.manifests.get(ALICE, APP, Documents.digest(ARM)).bytes()).as("it is here now").asString().isEqualTo(ARM);
    assertThat(asked).hasValue(3);
  }

  @Test
  void whatNothingHereListsIsNotAskedFor() {
    upstream.image(APP, tag("other"), "{}", "other");

    assertThat(pulling(APP, Documents.digest(Documents.image("{}", "other")))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(House.refusal(() -> blobs.size(ALICE, APP, Documents.digest("other")))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    assertThat(asked).hasValue(0);
  }

  @Test
  void aRepositoryWithoutAnUpstreamStaysAsItIs() {
    put(ALICE, LIB, INDEX);

    assertThat(pulling(LIB, Documents.digest(ARM))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(asked).hasValue(0);
  }

  @Test
  void whatTheUpstreamDoesNotHaveEitherIsExplained() {
    upstream.manifests.delete(ALICE, APP, Documents.digest(ARM), Precondition.NONE);
    manifests.get(ALICE, APP, Documents.digest(AMD));

    assertThat(House.caught(() -> manifests.get(ALICE, APP, Documents.digest(ARM)))).hasMessage("index " + Documents.digest(INDEX)
        + " lists this manifest for linux/arm64, and this registry does not hold it; of that index it holds linux/amd64");
  }

  @Test
  void whatIsNotWhatWasWantedIsThrownAway() {
    for (UnaryOperator<byte[]> lie : List.<UnaryOperator<byte[]>>of(bytes -> Documents.bytes(AMD), bytes -> Documents.bytes(ARM + " "),
        bytes -> new byte[bytes.length], bytes -> new byte[0])) {
      onTheWay = lie;
      assertThat(pulling(APP, Documents.digest(ARM))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    }
    onTheWay = bytes -> bytes;
    manifests.get(ALICE, APP, Documents.digest(ARM));
    for (UnaryOperator<byte[]> lie : List.<UnaryOperator<byte[]>>of(bytes -> Documents.bytes("ARM"), bytes -> Documents.bytes("arm arm"),
        bytes -> new byte[0])) {
      onTheWay = lie;
      assertThat(House.refusal(() -> blobs.open(ALICE, APP, Documents.digest("arm")))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    }
    assertThat(house.isStored(Documents.digest("ARM"))).isFalse();
    assertThat(house.staged("upload1")).as("nothing is left on the way").isZero();
  }

  @Test
  void nothingIsFetchedWhileNothingMayBeChanged() {
    house.mode.readOnly(true);

    assertThat(pulling(APP, Documents.digest(ARM))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(asked).hasValue(0);
  }

  @Test
  void forWhomTheIndexIsNotToReadNothingIsFetchedNorSaid() {
    Caller bob = ReachTest.who("bob", "other-*", Action.PULL);

    assertThat(House.caught(() -> manifests.get(bob, APP, Documents.digest(ARM)))).hasMessage("this repository has no such manifest");
    assertThat(asked).hasValue(0);
    assertThat(manifests.get(ReachTest.who("bob", "1.*", Action.PULL), APP, Documents.digest(ARM)).bytes()).asString().isEqualTo(ARM);
  }

  @Test
  void whoeverWantsTheSameThingAtTheSameTimeIsServedByOneRequest() throws Exception {
    var wanted = new CountDownLatch(1);
    var waiting = new CountDownLatch(4);
    onTheWay = bytes -> {
      try {
        wanted.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return bytes;
    };
    House.inThreads(5, number -> {
      if (number == 0) {
        waiting.await();
        await().until(() -> asked.get() == 1);
        wanted.countDown();
      } else {
        waiting.countDown();
        assertThat(manifests.get(ALICE, APP, Documents.digest(ARM)).bytes()).asString().isEqualTo(ARM);
      }
    });
    assertThat(asked).hasValue(1);
  }

  private static <T> T waited(CountDownLatch latch, T value) {
    try {
      latch.await();
      return value;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whoeverWaitsForWhatFailsIsToldWhatFailed() throws Exception {
    var wanted = new CountDownLatch(1);
    var failure = new StorageException("no room", new IOException("No space left on device"));
    Set<Thread> waiting = ConcurrentHashMap.newKeySet();
    onTheWay = bytes -> {
      waited(wanted, bytes);
      throw failure;
    };
    House.inThreads(5, number -> {
      if (number == 0) {
        await().until(() -> waiting.size() == 4 && waiting.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        wanted.countDown();
      } else {
        waiting.add(Thread.currentThread());
        assertThatThrownBy(() -> manifests.get(ALICE, APP, Documents.digest(ARM))).isSameAs(failure);
      }
    });
  }

  @Test
  void whoeverWantsWhatCanNotBeFetchedNowIsToldToAskAgain() throws Exception {
    var release = new CountDownLatch(1);
    var busy = new CountDownLatch(Fetches.AT_ONCE);
    Upstream slow = new Upstream() {
      @Override
      public boolean serves(RepositoryName repository) {
        return true;
      }

      @Override
      public Optional<Body> manifest(RepositoryName repository, Descriptor wanted) {
        busy.countDown();
        return waited(release, Optional.empty());
      }

      @Override
      public Optional<Body> blob(RepositoryName repository, Descriptor wanted) {
        return Optional.empty();
      }
    };
    var fetches = new Fetches(slow, house.mode);
    var rounds = new CyclicBarrier(4);
    var left = new CountDownLatch(4);
    Set<Object> outcomes = ConcurrentHashMap.newKeySet();
    House.inThreads(Fetches.AT_ONCE + 4, number -> {
      if (number < Fetches.AT_ONCE) {
        assertThat(fetches.manifest(APP, wanted("thing " + number), _ -> true)).isFalse();
        return;
      }
      busy.await();
      for (int round = 0; round < 500; round++) {
        rounds.await();
        try {
          outcomes.add(fetches.manifest(APP, wanted("one more"), _ -> true));
        } catch (RegistryException refused) {
          refused.problems().forEach(problem -> outcomes.add(problem.code()));
        }
      }
      left.countDown();
      left.await();
      release.countDown();
    });
    assertThat(outcomes).containsExactly(ErrorCode.TOOMANYREQUESTS);
  }

  private static Descriptor wanted(String content) {
    return new Descriptor(MediaType.OCI_MANIFEST, Documents.digest(content), content.length(), null);
  }
}
