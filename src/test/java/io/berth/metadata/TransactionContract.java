package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: transactions. */
public abstract class TransactionContract extends StoreUnderTest {

  @Test
  void whatWorkReturnsIsPassedOnEvenNull() {
    assertThat(store.<String>read(_ -> null)).isNull();
    assertThat(store.<String>write(_ -> null)).isNull();
    assertThat(store.<String>read(_ -> "read")).isEqualTo("read");
    assertThat(store.<String>write(_ -> "written")).isEqualTo("written");
  }

  @Test
  void workThatThrowsLeavesNothingAndItsExceptionIsPassedOn() {
    put(APP, Documents.image("before"));
    change(APP, "kept", digest("one"), NOW);
    var thrown = new IllegalStateException("enough");

    assertThatThrownBy(() -> write(tx -> {
      tx.linkBlob(LIB, digest("blob"), 4, NOW, LATER);
      put(tx, LIB, Documents.image("c"));
      move(tx, APP, "kept", digest("two"), NOW);
      move(tx, APP, "new", digest("two"), NOW);
      tx.putUpload(new Upload("u1", APP, ACTOR, "", Digest.Algorithm.SHA256, NOW));
      tx.deleteRepository(APP, LATER);
      throw thrown;
    })).isSameAs(thrown);

    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(LIB))).isFalse();
    look(tx -> assertThat(tx.blobSize(LIB, digest("blob"))).isEmpty());
    look(tx -> assertThat(tx.upload("u1")).isEmpty());
    look(tx -> assertThat(tx.tags(APP, "", 10)).containsExactly(tag("kept")));
    look(tx -> assertThat(tx.tag(APP, tag("kept"))).hasValueSatisfying(state -> assertThat(state.target()).isEqualTo(digest("one"))));
    look(tx -> assertThat(tx.history(APP, tag("kept"), 10)).hasSize(1));
    assertThat(change(APP, "kept", digest("two"), NOW).sequence()).isEqualTo(2);
  }

  @Test
  void errorsArePassedOnToo() {
    var error = new AssertionError("wrong");
    assertThatThrownBy(() -> write(tx -> {
      tx.linkBlob(APP, digest("blob"), 4, NOW, LATER);
      throw error;
    })).isSameAs(error);
    assertThatThrownBy(() -> store.read(_ -> {
      throw error;
    })).isSameAs(error);
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isFalse();
  }

  @Test
  void readingGoesOnAfterReadsThatThrow() {
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> store.read(_ -> {
        throw new IllegalStateException("enough");
      })).hasMessage("enough");
    }
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isFalse();
  }

  @Test
  void aTransactionSeesItsOwnChanges() {
    write(tx -> {
      tx.linkBlob(APP, digest("blob"), 4, NOW, LATER);
      assertThat(tx.blobSize(APP, digest("blob"))).hasValue(4);
      move(tx, APP, "a", digest("one"), NOW);
      assertThat(tx.tags(APP, "", 10)).containsExactly(tag("a"));
      assertThat(tx.history(APP, tag("a"), 10)).hasSize(1);
    });
  }

  @Test
  void everythingIsThereAfterCloseAndReopening() {
    put(APP, Documents.image("c"));
    change(APP, "latest", digest("one"), NOW);
    write(tx -> tx.putUpload(new Upload("u1", APP, ACTOR, "", Digest.Algorithm.SHA512, NOW)));
    write(tx -> tx.linkBlob(LIB, digest("blob"), 4, NOW, LATER));

    reopen();

    look(tx -> assertThat(tx.repositories("", 10)).containsExactly(APP, LIB));
    look(tx -> assertThat(tx.manifest(APP, digest(Documents.image("c")))).isPresent());
    look(tx -> assertThat(tx.history(APP, tag("latest"), 10)).hasSize(1));
    look(tx -> assertThat(tx.upload("u1")).hasValueSatisfying(
        upload -> assertThat(upload.algorithm()).isEqualTo(Digest.Algorithm.SHA512)));
    look(tx -> assertThat(tx.blobSize(LIB, digest("blob"))).hasValue(4));
  }

  /** Two tags always move together; a reader that saw them apart, or at another time, would see two states. */
  @Test
  void aReaderSeesOneStateWhileWritersGoOn() throws Exception {
    var ended = new AtomicBoolean();
    write(tx -> tx.linkBlob(APP, digest("0"), 1, NOW, LATER));
    inThreads(4, number -> {
      if (number == 0) {
        try {
          for (int i = 0; i < 300; i++) {
            int value = i;
            write(tx -> {
              move(tx, APP, "left", digest("" + value), NOW);
              move(tx, APP, "right", digest("" + value), NOW);
            });
          }
        } finally {
          ended.set(true);
        }
        return;
      }
      while (!ended.get()) {
        store.read(tx -> {
          var left = tx.tag(APP, tag("left")).map(TagState::target);
          var right = tx.tag(APP, tag("right")).map(TagState::target);
          assertThat(left).isEqualTo(right);
          assertThat(tx.tag(APP, tag("left")).map(TagState::target)).isEqualTo(left);
          return assertThat(tx.history(APP, tag("left"), 1).stream().map(TagEvent::to).findFirst()).isEqualTo(left);
        });
      }
    });
  }

  @Test
  void aReaderDoesNotSeeWhatIsWrittenAfterItsFirstLook() {
    write(tx -> tx.linkBlob(APP, digest("0"), 1, NOW, LATER));
    store.read(tx -> {
      assertThat(tx.repositories("", 10)).containsExactly(APP);
      write(other -> other.linkBlob(LIB, digest("0"), 1, NOW, LATER));
      return assertThat(tx.repositories("", 10)).containsExactly(APP);
    });
    look(tx -> assertThat(tx.repositories("", 10)).containsExactly(APP, LIB));
  }

  @Test
  void allWritesOfSixteenThreadsLand() throws Exception {
    write(tx -> tx.linkBlob(APP, digest("0"), 1, NOW, LATER));
    inThreads(16, number -> {
      for (int i = 0; i < 200; i++) {
        Tag own = tag("t" + number);
        int value = i;
        TagEvent event = store.write(tx -> move(tx, APP, own.value(), digest(own + "/" + value), NOW));
        assertThat(event.to()).isEqualTo(digest(own + "/" + value));
      }
    });

    var sequences = new ArrayList<Long>();
    for (int i = 0; i < 16; i++) {
      Tag own = tag("t" + i);
      List<TagEvent> history = store.read(tx -> tx.history(APP, own, 1000));
      assertThat(history).hasSize(200);
      assertThat(history.getFirst().to()).isEqualTo(digest(own + "/199"));
      history.forEach(event -> sequences.add(event.sequence()));
    }
    assertThat(sequences).hasSize(3200).doesNotHaveDuplicates().allMatch(sequence -> sequence >= 1 && sequence <= 3200);
  }

  @Test
  void readModifyWriteIsSerialisable() throws Exception {
    inThreads(8, _ -> {
      for (int i = 0; i < 25; i++) {
        store.write(tx -> {
          int count = tx.repositories("", 1000).size();
          tx.linkBlob(RepositoryName.parse("r" + count), digest("0"), 1, NOW, LATER);
          return count;
        });
      }
    });
    look(tx -> assertThat(tx.repositories("", 1000)).hasSize(200));
  }

  @Test
  void aTransactionThatThrowsDoesNotDisturbItsNeighbours() throws Exception {
    var thrown = new AtomicInteger();
    inThreads(12, number -> {
      for (int i = 0; i < 60; i++) {
        RepositoryName own = RepositoryName.parse("r" + number + "/" + i);
        boolean fails = (number + i) % 3 == 0;
        try {
          write(tx -> {
            tx.linkBlob(own, digest("0"), 1, NOW, LATER);
            move(tx, own, "t", digest("0"), NOW);
            if (fails) {
              throw new IllegalStateException(own.value());
            }
          });
          assertThat(fails).isFalse();
        } catch (IllegalStateException e) {
          assertThat(e).hasMessage(own.value());
          thrown.incrementAndGet();
        }
        assertThat(store.<Boolean>read(tx -> tx.repositoryExists(own))).isEqualTo(!fails);
      }
    });
    assertThat(thrown).hasValue(240);
    look(tx -> assertThat(tx.repositories("", 1000)).hasSize(480));
  }

  @Test
  void manyReadersMayReadAtOnceAndInsideEachOther() throws Exception {
    write(tx -> tx.linkBlob(APP, digest("0"), 1, NOW, LATER));
    inThreads(40, _ -> {
      for (int i = 0; i < 50; i++) {
        assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isTrue();
      }
    });
    assertThat(store.<Boolean>read(_ -> store.read(tx -> tx.repositoryExists(APP)))).isTrue();
  }

  @Test
  void aClosedStoreRefusesToWriteInsteadOfWaitingForEver() throws Exception {
    inThreads(8, number -> {
      try {
        for (int i = 0; i < 1_000; i++) {
          RepositoryName name = RepositoryName.parse("r" + number + "-" + i);
          write(tx -> tx.linkBlob(name, digest("0"), 1, NOW, LATER));
          if (number == 0 && i == 20) {
            store.close();
          }
        }
        throw new AssertionError("a closed store went on writing");
      } catch (MetadataException closed) {
        assertThat(closed).hasMessageContaining("closed");
      }
    });
  }
}
