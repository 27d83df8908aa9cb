package io.berth.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Blobs of one repository, mounted into new ones. */
final class Mounting implements Scenario {

  private static final int BLOBS = 16;

  private final String source;
  private final String destinations;
  private final List<Blob> blobs;
  private final AtomicLong mounts = new AtomicLong();

  Mounting(Setting setting) {
    source = setting.repository("mount-source");
    destinations = setting.repository("mount");
    long number = setting.contents().newNumbers();
    blobs = LongStream.range(0, BLOBS).mapToObj(i -> setting.contents().blob(SmallPushes.LAYER, number + i)).toList();
  }

  @Override
  public List<Kind> kinds() {
    return List.of(new Kind("", 0));
  }

  @Override
  public boolean optional() {
    return true;
  }

  @Override
  public void setUp(SetUp setUp) throws IOException {
    setUp.each(BLOBS, (client, i) -> client.pushBlob(source, blobs.get(Math.toIntExact(i))));
  }

  @Override
  public String probe(RegistryClient client) throws IOException {
    if (!mounted(client)) {
      throw new Unsupported("opens an upload instead of mounting");
    }
    return "";
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    if (!mounted(client)) {
      throw new IOException("a mount became an upload");
    }
    return 0;
  }

  private boolean mounted(RegistryClient client) throws IOException {
    long mount = mounts.getAndIncrement();
    return client.mounted(destination(mount), blob(mount), source);
  }

  private String destination(long mount) {
    return destinations + "/" + mount;
  }

  private Blob blob(long mount) {
    return blobs.get((int) (mount % BLOBS));
  }

  @Override
  public List<Leftovers> leftovers() {
    return List.of(new Leftovers(mounts.get(), mount -> List.of(Paths.blob(destination(mount), blob(mount)))), Leftovers.of(source, blobs));
  }
}
