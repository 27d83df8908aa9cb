package io.berth.http;

import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RegistryException;
import io.berth.oci.Text;
import io.berth.registry.Referrers;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a request for a list of referrers or references asks for.
 *
 * @param applied the names of the filters that were given
 * @param n entries at most
 */
record ReferrerQuery(ReferrerFilter filter, List<String> applied, Referrers.Data data, int n, Place last) {

  private static final int PLACE_DIGITS = 18;

  /** For the list of the specification. */
  static ReferrerQuery ofSubjects(Query query) {
    return of(query, Set.of(Edge.Kind.SUBJECT), List.of("artifactType", "mediaType", "annotation"));
  }

  /** For everything that points there. */
  static ReferrerQuery ofReferences(Query query) {
    Set<Edge.Kind> kinds = values(query, "kind").stream().map(ReferrerQuery::kind).collect(Collectors.toSet());
    return of(query, kinds.isEmpty() ? ReferrerFilter.KINDS : kinds, List.of("artifactType", "mediaType", "annotation", "kind"));
  }

  private static ReferrerQuery of(Query query, Set<Edge.Kind> kinds, List<String> filters) {
    var filter = new ReferrerFilter(kinds, types(query, "artifactType"), types(query, "mediaType"),
        values(query, "annotation").stream().map(ReferrerQuery::annotation).toList());
    return new ReferrerQuery(filter, filters.stream().filter(query::has).toList(), data(query), query.n(Limits.REFERRERS_PAGE),
        place(CallParser.position(query)));
  }

  private static List<String> values(Query query, String name) {
    List<String> values = query.all(name);
    if (values.size() > Limits.FILTER_VALUES) {
      throw refused("the parameter '" + name + "' may be given " + Limits.FILTER_VALUES + " times at most");
    }
    return values;
  }

  private static Set<MediaType> types(Query query, String name) {
    var types = new LinkedHashSet<MediaType>();
    for (String text : values(query, name)) {
      if (!MediaType.isValid(text)) {
        throw refused(name + " is not a media type");
      }
      types.add(new MediaType(text));
    }
    return types;
  }

  /** A key may have no equals sign; a value may. */
  private static ReferrerFilter.Annotation annotation(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw refused("an annotation is asked for as annotation=<key>=<value>");
    }
    return new ReferrerFilter.Annotation(text.substring(0, equals), text.substring(equals + 1));
  }

  private static Edge.Kind kind(String text) {
    return ReferrerFilter.KINDS.stream().filter(kind -> name(kind).equals(text)).findFirst()
        .orElseThrow(() -> refused("kind is subject, reference or child, not " + Text.quoted(text)));
  }

  /** A kind as the wire has it. */
  static String name(Edge.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Referrers.Data data(Query query) {
    return switch (query.one("data").orElse("false")) {
      case "false" -> Referrers.Data.NONE;
      case "true" -> Referrers.Data.MANIFESTS;
      case "blobs" -> Referrers.Data.BLOBS;
      default -> throw refused("data is true, blobs or false");
    };
  }

  /** A place as {@code last} has it. */
  static String text(Place place) {
    return place.manifest() + ":" + place.pointer();
  }

  private static Place place(String text) {
    if (text.isEmpty()) {
      return Place.START;
    }
    int colon = text.indexOf(':');
    String manifest = colon < 0 ? text : text.substring(0, colon);
    String pointer = colon < 0 ? Place.END : text.substring(colon + 1);
    if (manifest.isEmpty() || manifest.length() > PLACE_DIGITS || !manifest.chars().allMatch(c -> c >= '0' && c <= '9')
        || !pointer.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw refused("last is not one that a Link of this list gave");
    }
    return new Place(Long.parseLong(manifest), pointer);
  }

  private static RegistryException refused(String message) {
    return new RegistryException(400, ErrorCode.UNSUPPORTED, message);
  }
}
