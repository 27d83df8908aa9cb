package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.oci.Strings;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CidrTest {

  private record Asked(byte[] network, int bits, byte[] address) {}

  private static Asked asked(RandomGenerator random) {
    int length = random.nextBoolean() ? 4 : 16;
    byte[] network = new byte[length];
    random.nextBytes(network);
    byte[] address = network.clone();
    if (random.nextInt(4) > 0) {
      int bit = random.nextInt(length * 8);
      address[bit / 8] ^= (byte) (0x80 >> bit % 8);
    }
    int bits = random.nextInt(length * 8 + 1);
    byte[] first = new byte[length];
    byte[] cut = new BigInteger(1, network).shiftRight(length * 8 - bits).shiftLeft(length * 8 - bits).toByteArray();
    for (int i = 1; i <= Math.min(length, cut.length); i++) {
      first[length - i] = cut[cut.length - i];
    }
    return new Asked(first, bits, address);
  }

  @Test
  void aBlockHoldsTheAddressesThatShareItsLeadingBits() {
    Law.forAll(CidrTest::asked, asked -> {
      int shift = asked.network.length * 8 - asked.bits;
      boolean shared = new BigInteger(1, asked.network).shiftRight(shift).equals(new BigInteger(1, asked.address).shiftRight(shift));
      Cidr block = new Cidr(InetAddress.getByAddress(asked.network), asked.bits);
      assertThat(block.contains(InetAddress.getByAddress(asked.address))).isEqualTo(shared);
      assertThat(Cidr.parse(block.toString())).isEqualTo(block);
    });
  }

  @Test
  void oneAddressIsABlockOfOne() {
    assertThat(Cidr.parse("10.0.0.1")).hasToString("10.0.0.1/32");
    assertThat(Cidr.parse("::1").contains(InetAddress.ofLiteral("::1"))).isTrue();
    assertThat(Cidr.parse("0.0.0.0/0").contains(InetAddress.ofLiteral("::1"))).isFalse();
    assertThat(Cidr.parse("10.0.0.0/8").contains(InetAddress.ofLiteral("::ffff:10.1.2.3"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.1/8", "localhost", "localhost/8",
    "::/129",
    "10.0.0.0/8/8", "10.0.0.0/\u0668", "10.0.0.0/1000", "10.0.0.256/32", "example.com", "2001:db8::1/32"})
  void whatIsNoBlockIsRefused(String text) {
    assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyTextIsABlockOrRefused() {
    Law.forAll(Strings.around(random -> "10.0.0.0/" + random.nextInt(40)), text -> {
      try {
        Cidr block = Cidr.parse(text);
        assertThat(Cidr.parse(block.toString())).isEqualTo(block);
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    });
  }
}
