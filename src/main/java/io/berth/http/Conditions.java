package io.berth.http;

import io.berth.oci.Digest;

/** Entity tags (RFC 9110 section 8.8.3): content that is named by digest has the digest as its strong tag. */
final class Conditions {

  private Conditions() {}

  static String etag(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  /** Whether the client says that it has this content already ({@code If-None-Match}, RFC 9110 section 13.1.2). */
  static boolean isKnown(Request request, String etag) {
    for (String header : request.headers("If-None-Match")) {
      for (String candidate : header.split(",", -1)) {
        String tag = candidate.strip();
        if (tag.equals("*") || (tag.startsWith("W/") ? tag.substring(2) : tag).equals(etag)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a range may be served: there is no {@code If-Range}, or it names this content (RFC 9110 section 13.1.5). */
  static boolean rangeApplies(Request request, String etag) {
    return request.header("If-Range").map(tag -> tag.strip().equals(etag)).orElse(true);
  }
}
