package io.berth.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;

/** Blobs of one repository, in turns: their heads, or all of them. */
final class BlobReads implements Scenario {

  private static final int SMALL = 1_024;
  private static final int MANY = 64;

  private final String repository;
  private final List<Blob> blobs;
  private final List<Request> requests;
  private final Kind kind;

  private BlobReads(Setting setting, Target target, String name, String method, int count, long size) {
    repository = setting.repository(name);
    long number = setting.contents().newNumbers();
    blobs = LongStream.range(0, count).mapToObj(i -> setting.contents().blob(size, number + i)).toList();
    requests = blobs.stream().map(blob -> Request.of(target, method, Paths.blob(repository, blob), method + " of a blob")).toList();
    kind = new Kind("", size > SMALL ? size : 0);
  }

  static BlobReads heads(Setting setting, Target target) {
    return new BlobReads(setting, target, "head-blob", "HEAD", MANY, SMALL);
  }

  static BlobReads small(Setting setting, Target target) {
    return new BlobReads(setting, target, "pull-small", "GET", MANY, SMALL);
  }

  static BlobReads large(Setting setting, Target target) {
    return new BlobReads(setting, target, "pull-blob", "GET", 1, setting.options().size());
  }

  @Override
  public List<Kind> kinds() {
    return List.of(kind);
  }

  @Override
  public void setUp(SetUp setUp) throws IOException {
    setUp.each(blobs.size(), (client, i) -> client.pushBlob(repository, blobs.get(Math.toIntExact(i))));
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    int chosen = (int) (ticket % blobs.size());
    client.requireLength(requests.get(chosen), blobs.get(chosen).size());
    return 0;
  }

  @Override
  public List<Leftovers> leftovers() {
    return List.of(Leftovers.of(repository, blobs));
  }
}
