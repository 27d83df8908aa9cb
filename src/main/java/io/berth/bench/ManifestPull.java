package io.berth.bench;

import java.io.IOException;
import java.util.List;

/** One manifest of about 1.5 KB, by its tag. */
final class ManifestPull implements Scenario {

  static final String ACCEPT = "Accept: " + Artifact.MANIFEST_TYPE;

  private static final int LAYERS = 8;
  private static final int LAYER = 1_024;

  private final String repository;
  private final Artifact artifact;
  private final Request get;

  ManifestPull(Setting setting, Target target) {
    repository = setting.repository("pull-tag");
    artifact = Artifact.of(setting.contents(), setting.contents().newNumbers(), LAYERS, LAYER);
    get = Request.of(target, "GET", Paths.manifest(repository, "latest"), "GET of a manifest", ACCEPT);
  }

  @Override
  public List<Kind> kinds() {
    return List.of(new Kind("", 0));
  }

  @Override
  public void setUp(SetUp setUp) throws IOException {
    setUp.each(1, (client, _) -> client.pushArtifact(repository, "latest", artifact));
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    client.requireLength(get, artifact.manifest().size());
    return 0;
  }

  @Override
  public List<Leftovers> leftovers() {
    return List.of(Leftovers.of(repository, artifact));
  }
}
