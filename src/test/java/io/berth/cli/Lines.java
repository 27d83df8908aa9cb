package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.List;

/** The lines that an access log has written. */
final class Lines extends OutputStream {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Override
  public synchronized void write(int b) {
    bytes.write(b);
  }

  @Override
  public synchronized void write(byte[] some, int offset, int length) {
    bytes.write(some, offset, length);
  }

  synchronized List<String> all() {
    return bytes.toString(UTF_8).lines().toList();
  }
}
