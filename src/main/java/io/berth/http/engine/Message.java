package io.berth.http.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The head of a request as it came over the wire. Immutable, so safe for any thread. */
interface Message {

  String method();

  /** {@code HTTP/1.1}. */
  String protocol();

  /** The raw request target. */
  String target();

  /** {@code http} or {@code https}, by the socket. */
  String scheme();

  /** The first value of a field. Names compare without case. */
  @Nullable String field(String name);

  /** All values of a field, one element a line. */
  List<String> fields(String name);
}
