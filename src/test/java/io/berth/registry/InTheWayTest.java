package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RegistryException;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.policy.Who;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of tags and manifests that are in the way of a deletion: to who reads them, and to who reads nothing. */
final class InTheWayTest {

  private static final String IMAGE = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
  private static final Caller READER = caller(Action.PULL, Action.DELETE);
  private static final Caller BLIND = caller(Action.DELETE);

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void open() {
    house = new House(folder, new TagTerms(TagTerms.DEFAULT.deletion(), new TagRules(List.of(rule("stone-*", true), rule("hers-*", false))),
        TagTerms.DEFAULT.window()));
  }

  @AfterEach
  void close() {
    house.close();
  }

  private static TagRule rule(String tags, boolean immutable) {
    return new TagRule("r", Glob.ofRepositories("**"), Glob.ofTags(tags), immutable, immutable ? Set.of() : Set.of("user:alice"),
        new Expiry.Never(), Set.of());
  }

  private static Caller caller(Action... actions) {
    var rule = new AccessRule("r", List.of(new Who.Named("user:dave")), new Grant(List.of(new Glob("**")), List.of(), Set.of(actions)),
        Condition.ALWAYS);
    return new Caller(new Rights(new AccessPolicy(List.of(rule)), new Identity.User("dave")), "test/1", "192.0.2.1");
  }

  private RegistryException refusal(Caller caller, Digest manifest) {
    return House.caught(() -> house.manifests.delete(caller, APP, manifest, Precondition.NONE));
  }

  private static void isToldTo(RegistryException refused, int status, String name) {
    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.getMessage()).contains(name);
    assertThat(refused.problems().getFirst().detail()).isEqualTo(name);
  }

  private static void isKept(RegistryException refused, int status, String name) {
    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.problems().toString()).contains("you can't read").doesNotContain(name);
  }

  @Test
  void aTagThatIsImmutable() {
    Digest image = house.put(APP, tag("stone-1"), IMAGE);
    isToldTo(refusal(READER, image), 409, "stone-1");
    isKept(refusal(BLIND, image), 409, "stone-1");
  }

  @Test
  void aTagThatOthersChange() {
    Digest image = house.put(APP, tag("hers-1"), IMAGE);
    isToldTo(refusal(READER, image), 403, "hers-1");
    isKept(refusal(BLIND, image), 403, "hers-1");
  }

  @Test
  void aManifestThatNeedsABlob() {
    Digest image = house.image(APP, tag("v1"), "config", "layer");
    Digest layer = Documents.digest("layer");
    isToldTo(House.caught(() -> house.blobs.delete(READER, APP, layer)), 405, image.toString());
    isKept(House.caught(() -> house.blobs.delete(BLIND, APP, layer)), 405, image.encoded());
    assertThat(house.blobs.size(ALICE, APP, layer)).isPositive();
  }
}
