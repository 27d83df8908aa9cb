package io.berth.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;

/** The manifests of many tags, their heads only, all over the list. */
final class TagHeads implements Scenario {

  private static final int MOST_ASKED = 10_000;
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  private final TagList tags;
  private final List<Request> heads;

  TagHeads(Setting setting, Target target) {
    tags = new TagList(setting, "head-tag");
    int asked = Math.min(tags.size(), MOST_ASKED);
    heads = LongStream.range(0, asked)
        .mapToObj(i -> tags.tag(i * tags.size() / asked))
        .map(tag -> Request.of(target, "HEAD", Paths.manifest(tags.repository(), tag), "HEAD of a manifest", ManifestPull.ACCEPT))
        .toList();
  }

  @Override
  public List<Kind> kinds() {
    return List.of(new Kind("", 0));
  }

  @Override
  public void setUp(SetUp setUp) throws IOException {
    tags.setUp(setUp);
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    client.require(heads.get((int) ((ticket * SCATTER >>> 1) % heads.size())));
    return 0;
  }

  @Override
  public List<Leftovers> leftovers() {
    return tags.leftovers();
  }
}
