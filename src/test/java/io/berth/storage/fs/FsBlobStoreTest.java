package io.berth.storage.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.BlobStore.Trace;
import io.berth.storage.BlobStoreContract;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FsBlobStoreTest extends BlobStoreContract {

  private static final String BLOBS = "docker/registry/v2/blobs/";

  /** One for all tests, since a new store makes and syncs hundreds of folders. */
  @TempDir static Path folder;

  @BeforeEach
  void removeFiles() throws IOException {
    for (String file : files()) {
      Files.delete(folder.resolve(file));
    }
  }

  private Path root() {
    return folder.resolve("data");
  }

  @Override
  protected BlobStore open() throws IOException {
    return FsBlobStore.open(Files.createDirectories(root()));
  }

  private Path file(Digest digest) {
    return root().resolve(BLOBS + digest.algorithm() + "/" + digest.encoded().substring(0, 2) + "/" + digest.encoded() + "/data");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> !Files.isDirectory(path)).map(path -> folder.relativize(path).toString()).sorted().toList();
    }
  }

  @Test
  void blobsLieWhereDistributionPutsThem() throws IOException {
    push(store, "u1", "{}");
    Digest sha512 = Digest.Algorithm.SHA512.of(bytes("{}"));
    try (Staged staged = store.stage("u2")) {
      staged.append(ByteBuffer.wrap(bytes("{}")));
      store.commit(staged, sha512);
    }
    store.discard("u2");

    assertThat(files()).containsExactly(
        "data/docker/registry/v2/blobs/sha256/44/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a/data",
        "data/docker/registry/v2/blobs/sha512/" + sha512.encoded().substring(0, 2) + "/" + sha512.encoded() + "/data");
    assertThat(file(digest("{}"))).hasContent("{}");
  }

  @Test
  void blobsThatDistributionPutThereAreFound() throws IOException {
    Path file = file(digest("theirs"));
    Files.createDirectories(file.getParent());
    Files.writeString(file, "theirs");

    assertThat(text(store, digest("theirs"))).contains("theirs");
  }

  @Test
  void unfinishedUploadsLieInAFolderOfTheirOwn() throws IOException {
    append(store, "abc", "half");

    assertThat(files()).containsExactly("data/uploads/abc");
    assertThat(root().resolve("uploads/abc")).hasContent("half");
  }

  @Test
  void theTraceOfACommitIsALinkThatLeadsNowhere() throws IOException {
    commit(store, "abc", "content");

    Path trace = root().resolve("uploads/abc.committed");
    assertThat(Files.readSymbolicLink(trace).toString()).as("short enough for the inode").matches("sha256:[A-Za-z0-9_-]{43}");
    assertThat(store.committed("abc")).contains(new Trace(digest("content"), true));
    assertThat(Files.exists(trace)).as("what the link leads to").isFalse();

    commit(store, "def", "content");
    Path again = root().resolve("uploads/def.committed");
    assertThat(Files.readSymbolicLink(again).toString()).as("short enough for the inode").matches("=sha256:[A-Za-z0-9_-]{43}");
  }

  @Test
  void whatIsNoTraceIsNotTakenForOne() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    Files.createSymbolicLink(root().resolve("uploads/elsewhere.committed"), secret);
    Files.createSymbolicLink(root().resolve("uploads/almost.committed"), Path.of("../sha256:" + "A".repeat(43)));
    Files.createSymbolicLink(root().resolve("uploads/loose.committed"), Path.of("sha256:" + "A".repeat(42) + "B"));
    Files.createSymbolicLink(root().resolve("uploads/short.committed"), Path.of("sha256:AAAA"));
    Files.createSymbolicLink(root().resolve("uploads/twice.committed"), Path.of("==sha256:" + "A".repeat(43)));
    Files.writeString(root().resolve("uploads/file.committed"), digest("content").toString());

    for (String upload : List.of("elsewhere", "almost", "loose", "short", "twice", "file")) {
      assertThat(store.committed(upload)).as(upload).isEmpty();
      store.discard(upload);
    }
    assertThat(files()).containsExactly("secret");
  }

  @Test
  void aFileThatNoUploadMadeIsNoLeftover() throws IOException {
    Files.writeString(root().resolve("uploads/README.txt"), "theirs");
    Files.writeString(root().resolve("uploads/a-b.committed"), "theirs");
    append(store, "abc", "half");
    Files.setLastModifiedTime(root().resolve("uploads/abc"), FileTime.from(Instant.EPOCH.plusSeconds(1)));

    assertThat(leftovers(Instant.EPOCH.plusSeconds(2))).containsExactly("abc");
    assertThat(leftovers(Instant.MAX)).containsExactly("abc");
  }

  @Test
  void aDeletedBlobLeavesNoFolderUnlessSomethingElseIsInIt() throws IOException {
    Digest one = push(store, "u", "one");
    Digest two = push(store, "u", "two");
    Files.writeString(file(two).resolveSibling("note"), "theirs");

    store.delete(one);
    store.delete(two);

    assertThat(file(one).getParent()).doesNotExist();
    assertThat(file(two).resolveSibling("note")).hasContent("theirs");
    assertThat(store.open(two)).isEmpty();
  }

  @Test
  void aReopenedStoreFindsEverything() throws IOException {
    push(store, "u1", "blob");
    append(store, "u2", "half ");
    store.close();

    try (BlobStore reopened = open()) {
      assertThat(text(reopened, digest("blob"))).contains("blob");
      append(reopened, "u2", "done");
      assertThat(staged(reopened, "u2")).isEqualTo("half done");
    }
  }

  @Test
  void aSymbolicLinkInPlaceOfABlobIsNotFollowed() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    Digest digest = digest("secret");
    Files.createDirectories(file(digest).getParent());
    Files.createSymbolicLink(file(digest), secret);

    assertThatThrownBy(() -> store.open(digest)).isInstanceOf(IOException.class);
  }

  @Test
  void aCommitOverASymbolicLinkReplacesTheLinkAndNotItsTarget() throws IOException {
    Path target = Files.writeString(folder.resolve("target"), "untouched");
    Digest digest = digest("content");
    Files.createDirectories(file(digest).getParent());
    Files.createSymbolicLink(file(digest), target);

    push(store, "u", "content");

    assertThat(target).hasContent("untouched");
    assertThat(Files.isSymbolicLink(file(digest))).isFalse();
    assertThat(text(store, digest)).contains("content");
  }

  @Test
  void aDeletionOfASymbolicLinkLeavesItsTarget() throws IOException {
    Path target = Files.writeString(folder.resolve("target"), "untouched");
    Digest digest = digest("content");
    Files.createDirectories(file(digest).getParent());
    Files.createSymbolicLink(file(digest), target);

    store.delete(digest);

    assertThat(target).hasContent("untouched");
    assertThat(store.open(digest)).isEmpty();
  }

  @Test
  void aSymbolicLinkInPlaceOfAnUploadIsNotFollowed() throws IOException {
    Path target = Files.writeString(folder.resolve("target"), "untouched");
    Files.createSymbolicLink(root().resolve("uploads/abc"), target);
    Files.createSymbolicLink(root().resolve("uploads/dangling"), folder.resolve("made"));

    assertThatThrownBy(() -> append(store, "abc", "x")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> append(store, "dangling", "x")).isInstanceOf(IOException.class);
    store.discard("abc");

    assertThat(target).hasContent("untouched");
    assertThat(folder.resolve("made")).doesNotExist();
  }

  @Test
  void nothingElseOnDiskIsTouched() throws IOException {
    Files.createDirectories(root().resolve("docker/registry/v2/repositories/a/_manifests"));
    Files.writeString(root().resolve("docker/registry/v2/repositories/a/_manifests/link"), "theirs");
    Files.writeString(root().resolve("metadata.db"), "names");
    Files.writeString(folder.resolve("beside"), "beside");
    List<String> before = files();

    Digest digest = push(store, "u1", "blob");
    append(store, "u2", "half");
    store.discard("u2");
    store.delete(digest);
    open().close();

    assertThat(files()).isEqualTo(before);
    assertThat(root().resolve("metadata.db")).hasContent("names");
    assertThat(root().resolve("docker/registry/v2/repositories/a/_manifests/link")).hasContent("theirs");
    assertThat(folder.resolve("beside")).hasContent("beside");
  }

  @Test
  void aRefusedIdentifierLeavesNoTrace() throws IOException {
    assertThatThrownBy(() -> store.stage("../evil")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.discard("../docker")).isInstanceOf(IllegalArgumentException.class);

    assertThat(files()).isEmpty();
  }
}
