package io.berth.config;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A block of IP addresses, {@code 10.0.0.0/8}. Two are the same if they hold the same addresses.
 *
 * @param network the first address of the block
 * @param bits how many leading bits all addresses of the block share
 */
public record Cidr(InetAddress network, int bits) {

  public Cidr {
    byte[] address = network.getAddress();
    if (bits < 0 || bits > address.length * 8) {
      throw new IllegalArgumentException("a block has 0 to " + address.length * 8 + " bits, not " + bits);
    }
    if (!Arrays.equals(address, cut(address, bits))) {
      throw new IllegalArgumentException(network.getHostAddress() + " is not the first address of a block of /" + bits);
    }
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address.
   *
   * @throws IllegalArgumentException in words
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    InetAddress network;
    try {
      network = InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("expected an address or a block of addresses, as in 10.0.0.0/8, not '" + text + "'", e);
    }
    String bits = slash < 0 ? Integer.toString(network.getAddress().length * 8) : text.substring(slash + 1);
    if (!bits.matches("\\d{1,3}")) {
      throw new IllegalArgumentException("expected an address or a block of addresses, as in 10.0.0.0/8, not '" + text + "'");
    }
    return new Cidr(network, Integer.parseInt(bits));
  }

  /** Whether the address belongs to the block. IPv4 in IPv6 ({@code ::ffff:10.0.0.1}) is IPv4 to the Java platform already. */
  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == network.getAddress().length && Arrays.equals(network.getAddress(), cut(bytes, bits));
  }

  private static byte[] cut(byte[] address, int bits) {
    byte[] cut = new byte[address.length];
    for (int i = 0; i < address.length; i++) {
      int kept = Math.clamp(bits - i * 8, 0, 8);
      cut[i] = (byte) (address[i] & (0xff << (8 - kept)));
    }
    return cut;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + bits;
  }
}
