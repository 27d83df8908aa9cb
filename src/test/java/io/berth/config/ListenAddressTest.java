package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.oci.Strings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ListenAddressTest {

  @Test
  void hostAndPortAreReadAndWrittenBack() {
    for (String text : new String[] {"127.0.0.1:5000", "localhost:0", "registry.example.com:65535", "[::1]:5000", "[fe80::1%eth0]:1",
      "0.0.0.0:80"}) {
      assertThat(ListenAddress.parse(text)).hasToString(text);
    }
    assertThat(ListenAddress.parse("[::1]:5000")).isEqualTo(new ListenAddress.Tcp("::1", 5000));
    assertThat(ListenAddress.parse("a:007")).isEqualTo(new ListenAddress.Tcp("a", 7));
  }

  @Test
  void aPortAloneMeansAllAddresses() {
    assertThat(ListenAddress.parse(":5000")).isEqualTo(new ListenAddress.Tcp("0.0.0.0", 5000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ":", "localhost", "localhost:", "localhost:x", "localhost:65536", "localhost:-1", "localhost:+1", "localhost:123456",
        "localhost:\u0665", "5000", "http://localhost:5000", "[::1]", "::1:5000", "::1", "[::1:5000", "::1]:5000"})
  void whatIsNoAddressIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> ListenAddress.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("127.0.0.1:5000");
  }

  @Test
  void aSocketInTheFileSystemIsReadAndWrittenBack() {
    assertThat(ListenAddress.parse("unix:/run/berth.sock")).isEqualTo(new ListenAddress.UnixSocket(Path.of("/run/berth.sock")))
        .hasToString("unix:/run/berth.sock");
    assertThatThrownBy(() -> ListenAddress.parse("unix:")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyTextIsAnAddressThatIsReadBackOrRefused() {
    Law.forAll(Strings.around(random -> "[::1]:" + random.nextInt(70_000)), text -> {
      try {
        ListenAddress address = ListenAddress.parse(text);
        assertThat(ListenAddress.parse(address.toString())).isEqualTo(address);
        assertThat(((ListenAddress.Tcp) address).port()).isBetween(0, 65_535);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("HOST:PORT");
      }
    });
  }
}
