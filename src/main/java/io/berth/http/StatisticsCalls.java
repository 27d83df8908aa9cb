package io.berth.http;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.ImageRefs;
import io.berth.oci.Json;
import io.berth.oci.PullCounts;
import io.berth.oci.PullDay;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import io.berth.registry.Caller;
import io.berth.registry.Pulls;
import io.berth.registry.Statistics;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Has pulls counted when their answers are over, and answers calls about what was counted. Safe for any thread. */
final class StatisticsCalls {

  private static final Logger LOG = LoggerFactory.getLogger(StatisticsCalls.class);
  private static final int DAYS = 1_000;
  private static final LocalDate FIRST = LocalDate.EPOCH;
  private static final LocalDate LAST = LocalDate.of(9999, 12, 31);
  private static final Pattern FOUR_DIGITS = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

  private final Optional<Pulls> pulls;
  private final Statistics statistics;
  private final WireOptions options;

  /** Counts nothing where there is nothing to count with. */
  StatisticsCalls(Optional<Pulls> pulls, Statistics statistics, WireOptions options) {
    this.pulls = pulls;
    this.statistics = statistics;
    this.options = options;
  }

  /** Counts an answer that is over, if it was a pull. Never blocks, and never throws. */
  void ended(Request request, Ending ending) {
    Rights rights = request.trail().rights();
    if (pulls.isEmpty() || rights == null) {
      return;
    }
    try {
      switch (request.trail().call()) {
        case Call.GetManifest(RepositoryName repository, TagOrDigest name) -> {
          boolean sent = isContent(request, ending);
          if (sent || name instanceof Tag && isFound(ending)) {
            long pulled = sent && ending.whole() ? 1 : 0;
            count(request, rights, repository, name, new PullCounts(pulled, 0, sent ? ending.bytesSent() : 0));
          }
        }
        case Call.GetBlob(RepositoryName repository, Digest digest) when isContent(request, ending) ->
            count(request, rights, repository, digest, new PullCounts(0, ending.whole() ? 1 : 0, ending.bytesSent()));
        case null, default -> {
          // no pull
        }
      }
    } catch (RuntimeException e) {
      lost(e);
    }
  }

  /** The conditions of rules may be asked about tags that the request says it is for: that can take long, so the event loop does not wait for it. */
  private void count(Request request, Rights rights, RepositoryName repository, TagOrDigest name, PullCounts counts) {
    ImageRefs refs = request.trail().refs();
    if (name instanceof Digest && !refs.refs().isEmpty() && rights.asksConditions(new Scope.Repository(repository, Action.PULL))) {
      Thread.startVirtualThread(() -> {
        try {
          count(repository, name, rights, refs, counts);
        } catch (RuntimeException e) {
          lost(e);
        }
      });
    } else {
      count(repository, name, rights, refs, counts);
    }
  }

  private void count(RepositoryName repository, TagOrDigest name, Rights rights, ImageRefs refs, PullCounts counts) {
    pulls.ifPresent(all -> all.count(repository, name, rights, refs, counts));
  }

  private void lost(RuntimeException e) {
    pulls.ifPresent(all -> all.drop(1));
    LOG.debug("a pull could not be counted", e);
  }

  private static boolean isContent(Request request, Ending ending) {
    return request.method().equals("GET") && (ending.status() == 200 || ending.status() == 206);
  }

  private static boolean isFound(Ending ending) {
    return ending.status() == 200 || ending.status() == 304;
  }

  /** The call that a query means. */
  static Call parse(RepositoryName repository, Query query) {
    var span = new Statistics.Span(query.one("tag").map(Tag::parse).orElse(null), query.one("from").map(StatisticsCalls::day).orElse(FIRST),
        query.one("to").map(StatisticsCalls::day).orElse(LAST));
    return new Call.GetStatistics(repository, span, query.n(DAYS), place(CallParser.position(query)));
  }

  private static LocalDate day(String text) {
    try {
      if (FOUR_DIGITS.matcher(text).matches()) {
        return LocalDate.parse(text);
      }
    } catch (DateTimeParseException _) {
      // said below
    }
    throw wrong("a day is written as 2026-03-01");
  }

  /** {@code <day>} or {@code <day>:<tag>}. */
  private static PullDay.@Nullable Place place(String last) {
    if (last.isEmpty()) {
      return null;
    }
    int colon = last.indexOf(':');
    String tag = last.substring(colon + 1);
    if (colon >= 0 && !Tag.isValid(tag)) {
      throw wrong("last is not one that a Link of this list gave");
    }
    return new PullDay.Place(day(colon < 0 ? last : last.substring(0, colon)), colon < 0 ? null : new Tag(tag));
  }

  private static RegistryException wrong(String message) {
    return new RegistryException(400, ErrorCode.UNSUPPORTED, message);
  }

  Reply get(Call.GetStatistics call, Caller caller, Request request) {
    int n = Math.min(call.n(), options.tagsPage());
    Statistics.Page page = statistics.page(caller, call.repository(), call.span(), call.after(), n);
    ObjectNode body = Json.MAPPER.createObjectNode().put("name", call.repository().value());
    ArrayNode days = body.putArray("days");
    page.days().forEach(day -> write(days.addObject(), day));
    ObjectNode last = body.putObject("lastPulls");
    new TreeMap<>(page.lastPulls()).forEach((tag, at) -> last.put(tag.value(), at.toString()));
    Headers headers = new Headers().add("Cache-Control", "no-store");
    PullDay.Place next = page.next();
    if (next != null) {
      boolean readable = next.tag() == null ? caller.access(call.repository()).mayEverywhere(Action.PULL)
          : caller.access(call.repository()).may(Action.PULL, next.tag());
      String position = next.tag() == null ? next.day().toString() : next.day() + ":" + next.tag();
      Links.addNext(headers, options.locations().of(request), request, n, Positions.of(position, readable));
    }
    return JsonReply.of(200, headers, body);
  }

  private static void write(ObjectNode entry, PullDay day) {
    entry.put("day", day.day().toString());
    if (day.tag() != null) {
      entry.put("tag", day.tag().value());
    }
    write(entry.putObject("verified"), day.verified());
    write(entry.putObject("claimed"), day.claimed());
    if (day.tag() == null) {
      write(entry.putObject("unattributed"), day.unattributed());
    }
  }

  private static void write(ObjectNode object, PullCounts counts) {
    object.put("pulls", counts.pulls()).put("blobs", counts.blobs()).put("bytes", counts.bytes());
  }
}
