package io.berth.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A blob store and the words to talk to it, for the contract. */
public abstract class BlobStoreUnderTest {

  protected BlobStore store;

  /** A new, empty store. */
  protected abstract BlobStore open() throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  protected static Digest digest(String text) {
    return Digest.Algorithm.SHA256.of(bytes(text));
  }

  protected static void append(BlobStore store, String upload, String text) throws IOException {
    try (Staged staged = store.stage(upload)) {
      staged.append(ByteBuffer.wrap(bytes(text)));
    }
  }

  /** Without forgetting the upload's trace. */
  protected static Digest commit(BlobStore store, String upload, String text) throws IOException {
    try (Staged staged = store.stage(upload)) {
      staged.append(ByteBuffer.wrap(bytes(text)));
      store.commit(staged, digest(text));
    }
    return digest(text);
  }

  protected static Digest push(BlobStore store, String upload, String text) throws IOException {
    commit(store, upload, text);
    store.discard(upload);
    return digest(text);
  }

  protected final List<String> leftovers(Instant before) throws IOException {
    var found = new TreeSet<String>();
    store.leftovers(before, found::add);
    return List.copyOf(found);
  }

  protected static String staged(BlobStore store, String upload) throws IOException {
    try (Staged staged = store.stage(upload)) {
      ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(staged.size()));
      while (into.hasRemaining() && staged.read(into, into.position()) >= 0) {
        assertThat(into.position()).isPositive();
      }
      return new String(into.array(), 0, into.position(), UTF_8);
    }
  }

  protected static String text(BlobContent content) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(content.size()));
    while (into.hasRemaining() && content.read(into, into.position()) >= 0) {
      assertThat(into.position()).isPositive();
    }
    return new String(into.array(), 0, into.position(), UTF_8);
  }

  protected static Optional<String> text(BlobStore store, Digest digest) throws IOException {
    Optional<BlobContent> content = store.open(digest);
    if (content.isEmpty()) {
      return Optional.empty();
    }
    try (BlobContent open = content.get()) {
      return Optional.of(text(open));
    }
  }
}
