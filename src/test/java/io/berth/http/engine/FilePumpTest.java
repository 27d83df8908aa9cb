package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.oci.BlobContent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an answer when a piece of its file can't be had. */
@Timeout(60)
class FilePumpTest {

  private static final int MANY = 100; // more than there may be pieces under way on one connection

  @TempDir Path folder;

  /** Blobs whose second half can't be read. */
  private Answering failing(FailingChannel.Failure failure) throws IOException {
    Path file = Files.write(folder.resolve("blob"), new byte[300_000]);
    return Answering.with(r -> {
      FileChannel channel = FileChannel.open(file);
      FileChannel read = r.rawPath().equals("/well") ? channel : new FailingChannel(channel, failure);
      return new Reply.Blob(200, new Headers(), new BlobContent.InFile(read, channel.size()), 0, channel.size());
    });
  }

  private void endsTheAnswerAndNothingElse(FailingChannel.Failure failure) throws Exception {
    try (HttpServer server = HttpServer.start(EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true), failing(failure));
        Http2Client client = Http2Client.greet(server, 4, 10_000_000)) {
      client.frame(Http2Client.WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0});
      for (int i = 0; i < MANY; i++) {
        client.request(2 * i + 1, true);
        assertThat(client.reset(2 * i + 1)).isNotZero();
      }
      client.request(2 * MANY + 1, true, ":path: /well");
      assertThat(client.answer(2 * MANY + 1).body()).hasSize(300_000);
      Awaitility.await().until(() -> server.answerBytes() == 0 && server.requests() == 0);
    }
  }

  @Test
  void givesEverythingBackWhenThereIsNoMemoryForAPiece() throws Exception {
    endsTheAnswerAndNothingElse(() -> {
      throw new OutOfMemoryError("no memory for this piece");
    });
  }

  @Test
  void givesEverythingBackWhenTheDiskFails() throws Exception {
    endsTheAnswerAndNothingElse(() -> {
      throw new IOException("no piece today");
    });
  }

  @Test
  void givesEverythingBackWhenSomethingIsWrong() throws Exception {
    endsTheAnswerAndNothingElse(() -> {
      throw new IllegalStateException("a mistake of ours");
    });
  }
}
