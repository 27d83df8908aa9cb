package io.berth.http;

import io.berth.oci.Digest;
import io.berth.registry.Precondition;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Entity tags (RFC 9110 section 8.8.3): content that is named by digest has the digest as its strong tag. */
final class Conditions {

  /** What stands behind the version in the entity tag of a tag. */
  private static final Pattern FORM = Pattern.compile("(?<=[0-9])\\.[a-z]+\"");

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

  /** What a request that changes a tag or manifest by its manifest route demands of it: tags of these routes are the digest. */
  static Precondition onManifest(Request request) {
    return precondition(request, (target, _) -> target == null ? null : etag(target));
  }

  /** What a request that changes a tag by its own route demands of it: the version is compared, in whatever form the tag was read. */
  static Precondition onTag(Request request) {
    return onTag(request.headers("If-Match"), request.headers("If-None-Match"));
  }

  /** The same from the fields themselves. */
  static Precondition onTag(List<String> match, List<String> noneMatch) {
    return precondition(match.stream().map(Conditions::version).toList(), noneMatch.stream().map(Conditions::version).toList(),
        (target, version) -> target == null ? null : '"' + Long.toString(version) + '"');
  }

  /** The tag of a version of a tag in a form. */
  static String etag(long version, String form) {
    return '"' + Long.toString(version) + '.' + form + '"';
  }

  private static String version(String tags) {
    return FORM.matcher(tags).replaceAll("\"");
  }

  private interface Tagging {
    @Nullable String of(@Nullable Digest target, long version);
  }

  private static Precondition precondition(Request request, Tagging tagging) {
    return precondition(request.headers("If-Match"), request.headers("If-None-Match"), tagging);
  }

  private static Precondition precondition(List<String> match, List<String> noneMatch, Tagging tagging) {
    if (match.isEmpty() && noneMatch.isEmpty()) {
      return Precondition.NONE;
    }
    return (target, version) -> {
      String current = tagging.of(target, version);
      return (match.isEmpty() || names(match, current)) && !names(noneMatch.stream().map(text -> text.replace("W/", "")).toList(), current);
    };
  }

  /** Whether a list of tags names that one; a star names any. {@code If-Match} takes the strong comparison, {@code If-None-Match} the weak one (RFC 9110 section 13.1). */
  private static boolean names(List<String> headers, @Nullable String current) {
    return current != null && headers.stream().flatMap(header -> Stream.of(header.split(",", -1))).map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(current));
  }

  /** Whether a range may be served: there is no {@code If-Range}, or it names this content (RFC 9110 section 13.1.5). */
  static boolean rangeApplies(Request request, String etag) {
    return request.header("If-Range").map(tag -> tag.strip().equals(etag)).orElse(true);
  }
}
