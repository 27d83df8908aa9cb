package io.berth.bench;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can be measured. */
public enum Workload {
  PULL_TAG("pull-tag", "GET a manifest of 1.5 KB by its tag"),
  HEAD_TAG("head-tag", "HEAD manifests by many tags"),
  HEAD_BLOB("head-blob", "HEAD blobs"),
  PULL_SMALL("pull-small", "GET blobs of 1 KiB"),
  PULL_BLOB("pull-blob", "GET one large blob"),
  PUSH_SMALL("push-small", "push config, a layer of 10 KB and manifest"),
  PUSH_BLOB("push-blob", "push large blobs"),
  TAG_PAGE("tag-page", "GET pages of 100 from a list of many tags"),
  MOUNT("mount", "mount blobs into new repositories"),
  MIXED("mixed", "90 % pulls (manifest, config, layer), 10 % small pushes");

  private final String word;
  private final String description;

  Workload(String word, String description) {
    this.word = word;
    this.description = description;
  }

  /** The workload that is called so. */
  public static Optional<Workload> find(String word) {
    return Arrays.stream(values()).filter(w -> w.word.equals(word)).findFirst();
  }

  /** All names. */
  public static String words() {
    return Arrays.stream(values()).map(Workload::toString).collect(Collectors.joining(", "));
  }

  /** What it does, in a few words. */
  public String description() {
    return description;
  }

  Scenario scenario(Setting setting, Target target) {
    return switch (this) {
      case PULL_TAG -> new ManifestPull(setting, target);
      case HEAD_TAG -> new TagHeads(setting, target);
      case HEAD_BLOB -> BlobReads.heads(setting, target);
      case PULL_SMALL -> BlobReads.small(setting, target);
      case PULL_BLOB -> BlobReads.large(setting, target);
      case PUSH_SMALL -> new SmallPushes(setting, "push-small");
      case PUSH_BLOB -> new LargePushes(setting);
      case TAG_PAGE -> new TagPages(setting, target);
      case MOUNT -> new Mounting(setting);
      case MIXED -> new Mixed(setting, target);
    };
  }

  @Override
  public String toString() {
    return word;
  }
}
