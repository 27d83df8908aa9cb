package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import org.junit.jupiter.api.Test;

final class RoutesTest {

  /** What is counted and traced would have no name otherwise. */
  @Test
  void eachCallHasItsName() {
    assertThat(Routes.name(new Call.Ping())).isEqualTo("Ping");
    assertThat(Routes.name(new Call.StartUpload(RepositoryName.parse("team/app"), Digest.Algorithm.SHA256))).isEqualTo("StartUpload");
    assertThat(Routes.names()).contains("PushBlob", "GetManifest", "GetGraph", "OfAccounts").doesNotContain("OfUpload");
  }
}
