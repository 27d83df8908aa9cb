package io.berth.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** New large blobs into one repository, each in one piece or in chunks. */
final class LargePushes implements Scenario {

  private final Contents contents;
  private final String repository;
  private final long size;
  private final long chunk;
  private final long firstNumber;
  private final AtomicLong pushes = new AtomicLong();

  LargePushes(Setting setting) {
    contents = setting.contents();
    repository = setting.repository("push-blob");
    size = setting.options().size();
    chunk = setting.options().chunk();
    firstNumber = contents.newNumbers();
  }

  @Override
  public List<Kind> kinds() {
    return List.of(new Kind("", size));
  }

  @Override
  public long pushedBytes() {
    return size;
  }

  @Override
  public boolean optional() {
    return chunk > 0;
  }

  @Override
  public void setUp(SetUp setUp) {
    blob(0); // so that the common beginning of all blobs is hashed
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    Blob blob = blob(pushes.getAndIncrement());
    if (chunk > 0) {
      client.pushBlobInChunks(repository, blob, chunk);
    } else {
      client.pushBlob(repository, blob);
    }
    return 0;
  }

  private Blob blob(long push) {
    return contents.blob(size, firstNumber + push);
  }

  @Override
  public List<Leftovers> leftovers() {
    return List.of(new Leftovers(pushes.get(), push -> List.of(Paths.blob(repository, blob(push)))));
  }
}
