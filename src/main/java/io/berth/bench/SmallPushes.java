package io.berth.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** New small images, each into a repository of its own, or all into one. */
final class SmallPushes implements Scenario {

  static final int LAYER = 10 << 10;

  private static final int CONFIG_AND_MANIFEST = 1 << 10; // about

  private final Contents contents;
  private final String repository;
  private final boolean one;
  private final long firstNumber;
  private final AtomicLong pushes = new AtomicLong();

  SmallPushes(Setting setting, String name) {
    contents = setting.contents();
    repository = setting.repository(name);
    one = setting.options().oneRepository();
    firstNumber = contents.newNumbers();
  }

  @Override
  public List<Kind> kinds() {
    return List.of(new Kind("", 0));
  }

  @Override
  public long pushedBytes() {
    return LAYER + CONFIG_AND_MANIFEST;
  }

  @Override
  public void setUp(SetUp setUp) {
    artifact(0); // so that the common beginning of all layers is hashed
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    long push = pushes.getAndIncrement();
    client.pushArtifact(repositoryOf(push), one ? "t" + push : "latest", artifact(push));
    return 0;
  }

  private Artifact artifact(long push) {
    return Artifact.of(contents, firstNumber + push, 1, LAYER);
  }

  private String repositoryOf(long push) {
    return one ? repository : repository + "/" + push;
  }

  @Override
  public List<Leftovers> leftovers() {
    return List.of(new Leftovers(pushes.get(), push -> artifact(push).paths(repositoryOf(push))));
  }
}
