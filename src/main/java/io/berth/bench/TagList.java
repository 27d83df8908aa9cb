package io.berth.bench;

import io.berth.bench.Scenario.Leftovers;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** A repository with many tags, each of a manifest of its own. */
final class TagList {

  private final String repository;
  private final int size;
  private final Artifact artifact;

  TagList(Setting setting, String name) {
    repository = setting.repository(name);
    size = setting.options().tags();
    artifact = Artifact.of(setting.contents(), setting.contents().newNumbers(), 1, 1_024);
  }

  String repository() {
    return repository;
  }

  int size() {
    return size;
  }

  /** The tags sort like their numbers. */
  String tag(long number) {
    return String.format(Locale.ROOT, "t%07d", number);
  }

  private Blob manifest(long number) {
    return artifact.called(tag(number)).manifest();
  }

  void setUp(SetUp setUp) throws IOException {
    setUp.each(1, (client, _) -> client.pushArtifact(repository, tag(0), artifact.called(tag(0))));
    setUp.each(size - 1L, (client, i) -> client.pushManifest(repository, tag(i + 1), manifest(i + 1)));
  }

  List<Leftovers> leftovers() {
    return List.of(new Leftovers(size, i -> List.of(Paths.manifest(repository, manifest(i).digest().toString()))),
        Leftovers.of(repository, List.of(artifact.config(), artifact.layers().getFirst())));
  }
}
