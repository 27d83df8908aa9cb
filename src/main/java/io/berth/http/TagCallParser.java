package io.berth.http;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagFilter;
import io.berth.registry.Moment;
import io.berth.registry.TagLists;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/** The part of {@link CallParser} for tags: as names, as objects, and what became of them. Pure. */
final class TagCallParser {

  /** Objects on a page of which nobody has said how long it is to be. */
  private static final int OBJECTS = 1_000;

  /** A year (RFC 3339). */
  private static final Pattern FOUR_DIGITS = Pattern.compile("[0-9]{4}-");

  private TagCallParser() {}

  /** {@code /v2/<name>/tags/}: objects, a batch, or what changes. */
  static Call all(Request request, RepositoryName repository, Query query) {
    return switch (request.method()) {
      case "GET", "HEAD" -> query.has("watch") || Accept.of(request).names(MediaType.EVENT_STREAM)
          ? new Call.WatchTags(repository, Following.after(request, query, 0))
          : new Call.ListTagObjects(repository, filter(query), query.n(OBJECTS), CallParser.position(query), at(query).orElse(null));
      case "POST" -> new Call.ChangeTags(repository);
      default -> throw new MethodNotAllowed("GET, HEAD, POST");
    };
  }

  /** {@code /v2/<name>/tags/<tag>}. The list of names is a tag called {@code list} only to who literally takes a tag. */
  static Call one(Request request, RepositoryName repository, String name, Query query) {
    return switch (request.method()) {
      case "GET", "HEAD" -> {
        Accept accept = Accept.of(request);
        if (name.equals("list") && !takesTag(accept)) {
          yield names(accept, repository, query);
        }
        if (!Tag.isValid(name)) {
          throw new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "this is not a tag, so nothing can be tagged so");
        }
        yield new Call.GetTag(repository, new Tag(name), at(query).orElse(null));
      }
      case "PUT" -> new Call.PutTag(repository, Tag.parse(name), at(query).orElse(null));
      case "DELETE" -> new Call.DeleteTag(repository, Tag.parse(name), query.dryRun());
      default -> throw new MethodNotAllowed("GET, HEAD, PUT, DELETE");
    };
  }

  private static boolean takesTag(Accept accept) {
    return accept.names(MediaType.TAG) || accept.names(MediaType.TAG_JWS) || accept.names(MediaType.TAG_PRETTYJWS);
  }

  private static Call names(Accept accept, RepositoryName repository, Query query) {
    if (!accept.prefers(MediaType.OCI_INDEX, new MediaType("application/json"))) {
      return new Call.ListTags(repository, query.n(Limits.PAGE), CallParser.position(query));
    }
    boolean byAge = switch (query.one("sort_by").orElse("name")) {
      case "name" -> false;
      case "created_at" -> true;
      default -> throw wrong("sort_by is name or created_at");
    };
    boolean backwards = switch (query.one("sort_order").orElse("asc")) {
      case "asc" -> false;
      case "desc" -> true;
      default -> throw wrong("sort_order is asc or desc");
    };
    TagLists.Order order = byAge
        ? backwards ? TagLists.Order.NEWEST : TagLists.Order.OLDEST
        : backwards ? TagLists.Order.NAME_BACKWARDS : TagLists.Order.NAME;
    return new Call.DescribeTags(repository, order, query.n(Limits.PAGE), position(query, byAge).orElse(null));
  }

  /** {@code <tag>}, or {@code <version>:<tag>} in a list by age. */
  private static Optional<TagLists.Position> position(Query query, boolean byAge) {
    String last = CallParser.position(query);
    if (last.isEmpty()) {
      return Optional.empty();
    }
    int colon = last.indexOf(':');
    String name = last.substring(colon + 1);
    if (byAge != colon > 0 || !Tag.isValid(name)) {
      throw wrong("last is not one that a Link of this list gave");
    }
    return Optional.of(new TagLists.Position(byAge ? number(last.substring(0, colon), "last") : 0, new Tag(name)));
  }

  /** {@code /v2/<name>/_oci/tag-history/<tag>}. */
  static Call history(Request request, RepositoryName repository, String name, Query query) {
    String last = CallParser.position(query);
    var span =
        new TagLists.Span(last.isEmpty() ? null : (Long) number(last, "last"), query.one("before").map(TagCallParser::instant).orElse(null),
            query.one("since").map(TagCallParser::instant).orElse(null), query.one("digest").map(Digest::parse).orElse(null));
    return CallParser.onlyGet(request, new Call.GetTagHistory(repository, Tag.parse(name), query.n(OBJECTS), span));
  }

  private static TagFilter filter(Query query) {
    String prefix = query.one("prefix").orElse("");
    if (prefix.length() > Tag.MAX_LENGTH) {
      throw wrong("prefix is longer than a tag can be");
    }
    return new TagFilter(prefix, query.one("target").map(Digest::parse).orElse(null));
  }

  private static Optional<Moment> at(Query query) {
    return query.one("at").map(TagCallParser::moment);
  }

  /** A sequence number, or an instant (RFC 3339). */
  static Moment moment(String text) {
    return isNumber(text) ? new Moment.Sequence(number(text, "at")) : new Moment.Time(instant(text));
  }

  private static Instant instant(String text) {
    try {
      if (FOUR_DIGITS.matcher(text).lookingAt()) { // what Java calls a year goes beyond any database
        return OffsetDateTime.parse(text).toInstant();
      }
    } catch (DateTimeParseException _) {
      // said below
    }
    throw wrong("a time is written as 2026-03-01T12:00:00Z");
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static long number(String text, String name) {
    if (!isNumber(text) || text.length() > 18) {
      throw wrong(name + " is not a sequence number");
    }
    return Long.parseLong(text);
  }

  private static RegistryException wrong(String message) {
    return new RegistryException(400, ErrorCode.UNSUPPORTED, message);
  }
}
