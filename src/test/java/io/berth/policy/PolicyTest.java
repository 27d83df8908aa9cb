package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Descriptor;
import io.berth.oci.Documents;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may do what, and which manifest is acceptable. */
final class PolicyTest {

  private static final Identity ANONYMOUS = new Identity.Anonymous();
  private static final Identity USER = new Identity.User("alice");

  private static List<Scope> everyScope() {
    var scopes = new ArrayList<Scope>(List.of(new Scope.Entry(), new Scope.Catalogue(), new Scope.Administration()));
    for (Action action : Action.values()) {
      scopes.add(new Scope.Repository(RepositoryName.parse("team/app"), action));
    }
    return scopes;
  }

  @Test
  void anOpenRegistryLetsEveryoneDoEverything() {
    for (Scope scope : everyScope()) {
      assertThat(AccessPolicy.OPEN.decide(ANONYMOUS, scope).allowed()).isTrue();
      assertThat(AccessPolicy.OPEN.decide(USER, scope).allowed()).isTrue();
    }
  }

  @Test
  void aClosedRegistryLetsUsersDoEverythingAndStrangersNothing() {
    for (Scope scope : everyScope()) {
      assertThat(AccessPolicy.USERS.decide(USER, scope).allowed()).isTrue();
      assertThat(AccessPolicy.USERS.decide(ANONYMOUS, scope).allowed()).isFalse();
    }
  }

  @Test
  void everyDecisionNamesItsRule() {
    for (boolean open : new boolean[] {true, false}) {
      for (Scope scope : everyScope()) {
        assertThat((open ? AccessPolicy.OPEN : AccessPolicy.USERS).decide(ANONYMOUS, scope).rule()).isNotBlank();
        assertThat((open ? AccessPolicy.OPEN : AccessPolicy.USERS).decide(USER, scope).rule()).isNotBlank();
      }
    }
  }

  @Test
  void noUserCanBeCalledLikeAnotherKindOfIdentity() {
    assertThat(new Identity.User("anonymous").name()).isNotEqualTo(ANONYMOUS.name());
    assertThat(new Identity.User("a").name()).isNotEqualTo(new Identity.User("b").name());
  }

  private static boolean mustExist(Edge.Kind kind, String mediaType) {
    return ManifestRules.isNeeded(new Edge(kind, "/x", new Descriptor(new MediaType(mediaType), Documents.digest("x"), 1, null)));
  }

  @Test
  void configsLayersAndChildrenMustExist() {
    assertThat(mustExist(Edge.Kind.CONFIG, Documents.CONFIG)).isTrue();
    assertThat(mustExist(Edge.Kind.LAYER, Documents.LAYER)).isTrue();
    assertThat(mustExist(Edge.Kind.CHILD, Documents.MANIFEST)).isTrue();
    assertThat(mustExist(Edge.Kind.LAYER, "application/vnd.unknown")).isTrue();
  }

  @Test
  void layersThatMayNotBeDistributedNeedNotExistButNothingElseHidesBehindTheirTypes() {
    assertThat(mustExist(Edge.Kind.LAYER, Documents.FOREIGN_LAYER)).isFalse();
    assertThat(mustExist(Edge.Kind.LAYER, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")).isFalse();
    assertThat(mustExist(Edge.Kind.CONFIG, Documents.FOREIGN_LAYER)).isTrue();
    assertThat(mustExist(Edge.Kind.CHILD, Documents.FOREIGN_LAYER)).isTrue();
  }

  @Test
  void subjectsAndReferencesNeedNotExist() {
    assertThat(mustExist(Edge.Kind.SUBJECT, Documents.MANIFEST)).isFalse();
    assertThat(mustExist(Edge.Kind.REFERENCE, Documents.MANIFEST)).isFalse();
    assertThat(mustExist(Edge.Kind.MENTION, Documents.MANIFEST)).isFalse();
  }

  @Test
  void byDefaultDeletionIsOnAndNeededBlobsStay() {
    assertThat(DeletionRules.DEFAULT).isEqualTo(new DeletionRules(true, false));
  }
}
