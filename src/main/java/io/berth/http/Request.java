package io.berth.http;

import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * One HTTP request as it arrived, before anything is made of it. Nothing here is decoded: path and query are the raw characters of the
 * request line, so that they are judged and decoded once, by {@link CallParser}.
 */
public interface Request {

  /** A random identifier of this request for logs and error messages. */
  String id();

  /** The method, upper case as sent ({@code GET}). */
  String method();

  /** The path of the request target, percent-encoding and all, without the query. */
  String rawPath();

  /** The query without its question mark; empty where there is none. */
  String rawQuery();

  /** The value of a header that should stand once; of several, the first. Names compare without case. */
  Optional<String> header(String name);

  /** All values of a header in the order sent, one element a header line. */
  List<String> headers(String name);

  /** The protocol by its name in the request line ({@code HTTP/1.1}). */
  String protocol();

  /** The peer at the other end of the connection: the client, or a proxy. */
  SocketAddress remote();

  /** The certificate that the peer itself has shown and that was verified; what a proxy says of another one counts for nothing. */
  default Optional<X509Certificate> certificate() {
    return Optional.empty();
  }

  /** Where it really came from. */
  Origin origin();

  /** The address of the client, for logs and for whatever counts by client. */
  default String client() {
    return origin().client();
  }

  /** The body. Nothing of it is asked from the peer (not even by {@code 100 Continue}) before its first read. */
  RequestBody body();

  /** What is noted down about the request on its way. */
  Trail trail();
}
