package io.berth.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentsTest {

  private final Contents contents = new Contents(42);

  @ParameterizedTest
  @ValueSource(longs = {32, 33, 1_024, 10_240, (16 << 20) + 31, (16 << 20) + 32, (16 << 20) + 33, (40 << 20) + 7})
  void aBlobHasItsSizeAndItsDigest(long size) {
    Blob blob = contents.blob(size, 7);

    byte[] bytes = bytes(blob.content(), 100_000);

    assertThat(bytes).hasSize(Math.toIntExact(size));
    assertThat(Digest.Algorithm.SHA256.of(bytes)).isEqualTo(blob.digest());
  }

  @Test
  void aNumberMakesTheSameBlobAgainAndAnotherOneAnother() {
    assertThat(contents.blob(1_024, 1).digest()).isEqualTo(contents.blob(1_024, 1).digest());
    assertThat(contents.blob(1_024, 1).digest()).isNotEqualTo(contents.blob(1_024, 2).digest());
    assertThat(contents.newNumbers()).isNotEqualTo(contents.newNumbers());
  }

  @Test
  void aBlobDoesNotCompress() {
    byte[] bytes = bytes(contents.blob(1 << 20, 1).content(), 1 << 20);
    var deflater = new Deflater();
    deflater.setInput(bytes);
    deflater.finish();

    assertThat(deflater.deflate(new byte[2 << 20])).isGreaterThan(bytes.length);
    deflater.end();
  }

  @Test
  void aSliceIsAStretchOfTheWhole() {
    Payload whole = contents.blob((16 << 20) + 1_000, 3).content();

    byte[] slice = bytes(whole.slice(100, whole.size() - 5), 333_333);

    byte[] all = bytes(whole, 1 << 20);
    assertThat(slice).isEqualTo(Arrays.copyOfRange(all, 100, all.length - 5));
  }

  @Test
  void aBlobThatCannotBeUniqueIsRefused() {
    assertThatThrownBy(() -> contents.blob(31, 1)).hasMessageContaining("at least 32 bytes");
  }

  private static byte[] bytes(Payload payload, int most) {
    var all = new ByteArrayOutputStream();
    while (all.size() < payload.size()) {
      ByteBuffer part = payload.part(all.size(), most);
      assertThat(part.remaining()).isBetween(1, most);
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }
}
