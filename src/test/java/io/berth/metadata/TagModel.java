package io.berth.metadata;

import io.berth.metadata.TagReads.Progress;
import io.berth.oci.Author;
import io.berth.oci.Digest;
import io.berth.oci.TagContent;
import io.berth.oci.TagEvent;
import io.berth.oci.TagEvent.Kind;
import io.berth.oci.TagFilter;
import io.berth.oci.Tagged;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The tags of a repository as one would keep them who has all the time and memory: the list of all changes, and nothing else but when tags go. */
final class TagModel {

  private final List<Tagged> changes = new ArrayList<>();
  private final Map<String, Instant> expiries = new HashMap<>();
  private long sequence;
  private Instant at = Instant.EPOCH;

  /** The repository goes, and comes again. */
  void delete() {
    changes.clear();
    expiries.clear();
  }

  long sequence() {
    return sequence;
  }

  Progress progress() {
    return new Progress(sequence, at, at(Long.MAX_VALUE, TagFilter.ALL).size());
  }

  /** In the order in which they were made, those made together by name. */
  List<TagEvent> events() {
    return changes.stream().map(Tagged::event).sorted(Comparator.comparingLong(TagEvent::sequence).thenComparing(TagEvent::tag)).toList();
  }

  @Nullable TagContent content(String name) {
    return now(name).map(Tagged::content).orElse(null);
  }

  Optional<Tagged> now(String name) {
    return at(name, Long.MAX_VALUE);
  }

  Optional<Tagged> at(String name, long last) {
    Tagged found = null;
    for (Tagged change : changes) {
      if (change.event().tag().value().equals(name) && change.event().sequence() <= last) {
        found = change;
      }
    }
    return Optional.ofNullable(found).filter(change -> !change.event().kind().isRemoval());
  }

  List<Tagged> at(long last, TagFilter filter) {
    var names = new TreeSet<String>();
    changes.forEach(change -> names.add(change.event().tag().value()));
    return names.stream().filter(name -> name.startsWith(filter.prefix())).flatMap(name -> at(name, last).stream())
        .filter(tagged -> filter.target() == null || filter.target().equals(tagged.content().target().digest())).toList();
  }

  Optional<Instant> expiry(String name) {
    return Optional.ofNullable(expiries.get(name));
  }

  void keep(String name) {
    expiries.remove(name);
  }

  /** In the order of the moves. */
  List<TagEvent> move(List<TagMove> moves, Author author, Instant now) {
    List<TagMove> real = moves.stream().filter(move -> !Objects.equals(content(move.tag().value()), move.content())).toList();
    if (real.isEmpty()) {
      return List.of();
    }
    sequence++;
    Instant time = now.truncatedTo(ChronoUnit.MICROS);
    at = time.isAfter(at) ? time : at.plus(1, ChronoUnit.MICROS);
    long total = at(Long.MAX_VALUE, TagFilter.ALL).size();
    for (TagMove move : real) {
      total += (move.content() == null ? 0 : 1) - (content(move.tag().value()) == null ? 0 : 1);
    }
    var events = new ArrayList<TagEvent>();
    for (TagMove move : real) {
      String name = move.tag().value();
      TagContent before = content(name);
      TagContent shown = move.content() == null ? before : move.content();
      Digest from = before == null ? null : before.target().digest();
      var event = new TagEvent(sequence, move.tag(), kind(move, before), from, shown.target(), at, author, total);
      events.add(event);
      changes.add(new Tagged(event, shown));
      if (move.content() == null || move.expires() == null) {
        expiries.remove(name);
      } else {
        expiries.put(name, move.expires());
      }
    }
    return events;
  }

  private static Kind kind(TagMove move, @Nullable TagContent before) {
    return switch (move.cause()) {
      case EXPIRY -> Kind.EXPIRED;
      case RESTORATION -> Kind.RESTORED;
      case IMPORT -> Kind.IMPORTED;
      case REQUEST -> {
        if (move.content() == null) {
          yield Kind.DELETED;
        }
        if (before == null) {
          yield Kind.CREATED;
        }
        yield before.target().digest().equals(move.content().target().digest()) ? Kind.UPDATED : Kind.MOVED;
      }
    };
  }
}
