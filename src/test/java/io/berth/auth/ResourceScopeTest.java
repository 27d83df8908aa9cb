package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.RegistryException;
import io.berth.policy.Action;
import io.berth.policy.Scope;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ResourceScopeTest {

  private static List<String> parsed(String... texts) {
    return ResourceScope.parse(List.of(texts)).stream().map(ResourceScope::text).toList();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      repository:team/app:pull               | repository:team/app:pull
      repository:team/app:push,pull          | repository:team/app:push,pull
      repository:a:pull,fly,pull             | repository:a:pull
      repository:a:*                         | repository:a:pull,push,delete,admin
      registry:catalog:*                     | registry:catalog:*
      """)
  void whatClientsWriteIsUnderstood(String text, String meaning) {
    assertThat(parsed(text)).containsExactly(meaning);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "repository", "repository:a", "repository:a:", "repository::pull", ":a:pull", "repository:A:pull",
    "repository:a/../b:pull", "repository:*:pull", "repository:**:pull", "repository:a:PULL", "repository:a:fly",
    "repository(plugin):a:pull", "Repository:a:pull", "registry:catalog:pull", "registry:other:*", "repository:localhost:5000/a:pull",
    "repository:a:pull\n", "repository:a\u0000:pull", "user:alice:admin"})
  void whatIsNoScopeIsLeftOut(String text) {
    assertThat(parsed(text, "repository:b:pull")).containsExactly("repository:b:pull");
  }

  @Test
  void severalMayStandInOneTextAndThoseAboutOneThingAreJoined() {
    assertThat(parsed("repository:a:pull repository:b:pull  repository:a:push", "repository:b:delete")).containsExactly(
        "repository:a:pull,push", "repository:b:pull,delete");
  }

  @Test
  void moreThanAHundredAreRefusedHoweverTheyAreWritten() {
    String one = "repository:a:pull ";
    assertThat(ResourceScope.parse(List.of(one.repeat(ResourceScope.MOST)))).hasSize(1);
    assertThatThrownBy(() -> ResourceScope.parse(List.of(one.repeat(ResourceScope.MOST + 1)))).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> ResourceScope.parse(Collections.nCopies(10_000, one))).isInstanceOf(RegistryException.class);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      repository:a:pull   | a   | PULL   | true
      repository:a:pull   | a   | PUSH   | false
      repository:a:pull   | a   | DELETE | false
      repository:a:pull   | a/b | PULL   | false
      repository:a/b:pull | a   | PULL   | false
      repository:a:push   | a   | PULL   | false
      repository:a:push   | a   | PUSH   | true
      repository:a:create | a   | PUSH   | true
      repository:a:create | a   | MOVE   | false
      repository:a:move   | a   | PUSH   | true
      repository:a:delete | a   | DELETE | true
      repository:a:delete | a   | ADMIN  | false
      repository:a:admin  | a   | ADMIN  | true
      repository:a:admin  | a   | PULL   | true
      registry:catalog:*  | a   | PULL   | false
      registry:admin:*    | a   | ADMIN  | false
      """)
  void itIsGoodForWhatItNamesAndNothingElse(String text, String repository, Action action, boolean good) {
    ResourceScope scope = ResourceScope.parse(List.of(text)).getFirst();

    assertThat(scope.covers(TokenStand.scope(repository, action))).isEqualTo(good);
    assertThat(scope.covers(new Scope.Administration())).isEqualTo(text.equals("registry:admin:*"));
    assertThat(scope.covers(new Scope.Catalogue())).isEqualTo(text.equals("registry:catalog:*"));
  }

  @Test
  void aTokenThatIsAskedForAsTheChallengeSaysIsGoodForTheCall() {
    for (Action action : Action.values()) {
      Scope scope = TokenStand.scope("team/app", action);
      assertThat(ResourceScope.parse(List.of(ResourceScope.needed(scope).orElseThrow().text()))).singleElement()
          .matches(asked -> asked.covers(scope));
    }
    for (Scope scope : List.of(new Scope.Catalogue(), new Scope.Administration(), new Scope.Self())) {
      assertThat(ResourceScope.needed(scope).orElseThrow().covers(scope)).isTrue();
    }
  }
}
