package io.berth.http;

import io.berth.oci.BlobContent;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closing what has only been read: a failure there is worth a line in the log, and nothing else. */
final class Closing {

  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private Closing() {}

  static void quietly(BlobContent content) {
    try {
      content.close();
    } catch (IOException e) {
      LOG.warn("a blob could not be closed", e);
    }
  }
}
