package io.berth.storage.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Somebody planted something in place of a blob or an upload that is no regular file. To open a FIFO would wait for ever. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class NoRegularFileTest {

  private static final byte[] CONTENT = "content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.Algorithm.SHA256.of(CONTENT);

  @TempDir Path root;

  private BlobStore store;
  private Path blob;
  private Path upload;

  @BeforeEach
  void open() throws IOException {
    store = FsBlobStore.open(root);
    var layout = new Layout(root);
    Files.createDirectories(layout.folder(DIGEST));
    blob = layout.folder(DIGEST).resolve("data");
    upload = layout.upload("abc");
  }

  private static void plantFifo(Path path) throws Exception {
    Path program = Path.of("/usr/bin/mkfifo");
    assumeTrue(Files.isExecutable(program), "there is no mkfifo");
    assertThat(new ProcessBuilder(program.toString(), path.toString()).inheritIO().start().waitFor()).isZero();
  }

  private void assertRefused() {
    assertThatThrownBy(() -> store.open(DIGEST)).isInstanceOf(IOException.class).hasMessageContaining("not a regular file");
  }

  private void push() throws IOException {
    try (Staged staged = store.stage("u")) {
      staged.append(ByteBuffer.wrap(CONTENT));
      store.commit(staged, DIGEST);
    }
  }

  private void assertPushed() throws IOException {
    try (BlobContent content = store.open(DIGEST).orElseThrow()) {
      assertThat(content.size()).isEqualTo(CONTENT.length);
    }
    assertThat(blob).isRegularFile().hasBinaryContent(CONTENT);
  }

  @Test
  void aFifoInPlaceOfABlobIsRefusedWithoutWaiting() throws Exception {
    plantFifo(blob);

    assertRefused();
  }

  @Test
  void aFifoInPlaceOfAnUploadIsRefusedWithoutWaiting() throws Exception {
    plantFifo(upload);

    assertThatThrownBy(() -> store.stage("abc")).isInstanceOf(IOException.class);
  }

  @Test
  void aSocketInPlaceOfABlobIsRefused() throws IOException {
    Path near = Files.createTempDirectory("s"); // a socket's path has no more than a hundred characters
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(near.resolve("s")));
      Files.move(near.resolve("s"), blob);

      assertRefused();
    } finally {
      Files.delete(near);
    }
  }

  @Test
  void aDirectoryInPlaceOfABlobIsRefused() throws IOException {
    Files.createDirectory(blob);

    assertRefused();
    assertThatThrownBy(this::push).isInstanceOf(IOException.class);
  }

  @Test
  void aDirectoryInPlaceOfAnUploadIsRefused() throws IOException {
    Files.createDirectory(upload);

    assertThatThrownBy(() -> store.stage("abc")).isInstanceOf(IOException.class);
  }

  @Test
  void aSymbolicLinkToADeviceIsRefused() throws IOException {
    Files.createSymbolicLink(blob, Path.of("/dev/zero"));

    assertRefused();
  }

  @Test
  void aPushReplacesAFifoByTheBlob() throws Exception {
    plantFifo(blob);

    push();

    assertPushed();
  }
}
