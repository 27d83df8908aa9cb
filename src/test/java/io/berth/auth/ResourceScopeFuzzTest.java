package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.berth.Fuzz;
import io.berth.oci.RegistryException;
import java.util.List;

/** What strangers ask tokens for. */
final class ResourceScopeFuzzTest {

  @FuzzTest
  void scopes(byte[] input) {
    List<ResourceScope> scopes;
    try {
      scopes = ResourceScope.parse(List.of(Fuzz.text(input)));
    } catch (RegistryException e) {
      assertThat(e.status()).isEqualTo(400);
      return;
    }
    assertThat(scopes).hasSizeLessThanOrEqualTo(ResourceScope.MOST);
    String text = ResourceScope.text(scopes);
    assertThat(text).matches("[a-z0-9:/,*._ -]*");
    assertThat(ResourceScope.parse(List.of(text))).as("what was understood is understood again").isEqualTo(scopes);
    scopes.forEach(scope -> assertThat(scope.scopes()).hasSameSizeAs(scope.actions()));
  }
}
