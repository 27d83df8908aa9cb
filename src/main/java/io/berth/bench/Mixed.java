package io.berth.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Nine pulls of small images, each a manifest by tag, its config and its layer, and then a small push. */
final class Mixed implements Scenario {

  private static final int IMAGES = 100;
  private static final int PULL = 0;
  private static final int PUSH = 1;

  /** The requests that pull an image, and what they must bring. */
  private record Image(Artifact artifact, Request manifest, Request config, Request layer) {}

  private final String repository;
  private final List<Image> images;
  private final SmallPushes pushes;

  Mixed(Setting setting, Target target) {
    repository = setting.repository("mixed");
    pushes = new SmallPushes(setting, "mixed-push");
    long number = setting.contents().newNumbers();
    images = IntStream.range(0, IMAGES)
        .mapToObj(i -> image(target, tag(i), Artifact.of(setting.contents(), number + i, 1, SmallPushes.LAYER)))
        .toList();
  }

  private Image image(Target target, String tag, Artifact artifact) {
    return new Image(artifact, Request.of(target, "GET", Paths.manifest(repository, tag), "GET of a manifest", ManifestPull.ACCEPT),
        Request.of(target, "GET", Paths.blob(repository, artifact.config()), "GET of a config"),
        Request.of(target, "GET", Paths.blob(repository, artifact.layers().getFirst()), "GET of a layer"));
  }

  private static String tag(long image) {
    return "v" + image;
  }

  @Override
  public List<Kind> kinds() {
    return List.of(new Kind("pull", 0), new Kind("push", 0));
  }

  @Override
  public long pushedBytes() {
    return pushes.pushedBytes() / 10;
  }

  @Override
  public void setUp(SetUp setUp) throws IOException {
    pushes.setUp(setUp);
    setUp.each(IMAGES, (client, i) -> client.pushArtifact(repository, tag(i), images.get(Math.toIntExact(i)).artifact()));
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    if (ticket % 10 == 9) {
      pushes.perform(client, ticket);
      return PUSH;
    }
    Image image = images.get((int) (ticket * 37 % IMAGES));
    client.requireLength(image.manifest(), image.artifact().manifest().size());
    client.requireLength(image.config(), image.artifact().config().size());
    client.requireLength(image.layer(), image.artifact().layers().getFirst().size());
    return PULL;
  }

  @Override
  public List<Leftovers> leftovers() {
    var all = new ArrayList<>(pushes.leftovers());
    all.add(new Leftovers(IMAGES, i -> images.get(Math.toIntExact(i)).artifact().paths(repository)));
    return all;
  }
}
