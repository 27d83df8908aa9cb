package io.berth.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML document into nodes. Bounded in all that a file can make large: its length, its depth, and what its aliases unfold to. Repeats
 * nothing of the text in its messages but keys, since the text may hold secrets. For one use.
 */
final class YamlReader {

  /** Characters; the longest configurations that people write have some tens of thousands. */
  static final int LENGTH = 1 << 20;

  static final int DEPTH = 30;
  static final int NODES = 20_000;

  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final String STANDARD_TAG = "tag:yaml.org,2002:";

  private final String name;
  private final boolean isFile;
  private final List<Problem> problems;
  private final Map<String, Node> anchors = new HashMap<>();
  private int nodes;
  private Origin reached;

  private YamlReader(String name, boolean isFile, List<Problem> problems) {
    this.name = name;
    this.isFile = isFile;
    this.problems = problems;
    this.reached = at(1, 1);
  }

  /** Reads a file. Adds to {@code problems} what is wrong; then the result is whatever could be made of it. */
  static Node file(String name, String text, List<Problem> problems) {
    return new YamlReader(name, true, problems).document(text);
  }

  /** Reads the value of a variable of the environment. */
  static Node variable(String name, String text, List<Problem> problems) {
    return new YamlReader(name, false, problems).document(text);
  }

  /** Reading can't go on. */
  private static final class Unreadable extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    private Unreadable(Problem problem) {
      super(problem.message(), null, false, false);
      this.problem = problem;
    }
  }

  private Node document(String text) {
    Origin start = at(1, 1);
    if (text.length() > LENGTH) {
      problems.add(new Problem(start, "", "longer than " + LENGTH + " characters, which no configuration is: give the right file"));
      return new Node.Empty(start);
    }
    try {
      Iterator<Event> events =
          new Parse(LoadSettings.builder().setLabel(name).setParseComments(false).build()).parseString(text).iterator();
      Node root = new Node.Empty(start);
      boolean found = false;
      while (events.hasNext()) {
        Event event = events.next();
        if (event.getEventId() == Event.ID.DocumentStart) {
          if (found) {
            throw stop(event, "a second document begins here: Berth reads one, remove the '---'");
          }
          found = true;
        } else if (event instanceof NodeEvent) {
          root = node(event, events, 0);
        }
      }
      return root;
    } catch (Unreadable e) {
      problems.add(e.problem);
    } catch (MarkedYamlEngineException e) {
      Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
      problems.add(new Problem(mark == null ? start : at(mark), "", "not YAML: " + words(e)));
    } catch (IllegalArgumentException _) { // of the library, which does not look at what it reads as a number
      problems.add(new Problem(reached, "",
          "not YAML: behind here, \\x, \\u or \\U between quotes lacks its 2, 4 or 8 hexadecimal digits, or they are no character"));
    } catch (YamlEngineException _) {
      problems.add(new Problem(start, "", "not YAML: it holds a character that YAML does not allow; save it as UTF-8 text"));
    }
    return new Node.Empty(start);
  }

  private static String words(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    if (problem.contains("TAB") || problem.contains("\\t") || problem.contains("'\t'")) {
      return "a tab stands where YAML wants blanks: indent with blanks";
    }
    return problem + ". Look at indentation, colons and quotes here and in the line above";
  }

  private Node node(Event event, Iterator<Event> events, int depth) throws Unreadable {
    count(event, 1);
    if (depth > DEPTH) {
      throw stop(event, "nested more than " + DEPTH + " levels deep");
    }
    if (event instanceof AliasEvent alias) {
      return alias(alias);
    }
    if (event instanceof ScalarEvent scalar) {
      requireStandard(event, scalar.getTag());
      boolean isNull = scalar.getScalarStyle() == ScalarStyle.PLAIN && NULLS.contains(scalar.getValue());
      return named(scalar, isNull ? new Node.Empty(at(event)) : new Node.Scalar(scalar.getValue(), at(event)));
    }
    if (event instanceof CollectionStartEvent collection) {
      requireStandard(event, collection.getTag());
      return named(collection,
          event.getEventId() == Event.ID.MappingStart ? section(event, events, depth) : listing(event, events, depth));
    }
    throw stop(event, "not YAML that Berth understands");
  }

  private Node listing(Event start, Iterator<Event> events, int depth) throws Unreadable {
    var items = new ArrayList<Node>();
    for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
      items.add(node(event, events, depth + 1));
    }
    return new Node.Listing(items, at(start));
  }

  private Node section(Event start, Iterator<Event> events, int depth) throws Unreadable {
    var entries = new LinkedHashMap<String, Node.Entry>();
    for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
      Node key = node(event, events, depth + 1);
      if (!(key instanceof Node.Scalar(String text, Origin place))) {
        throw stop(event, "a key has to be a word");
      }
      Node value = node(events.next(), events, depth + 1);
      Node.Entry first = entries.get(text);
      if (first != null) {
        problems.add(
            new Problem(place, "", "the key '" + Words.shown(text) + "' stands twice, first at " + first.key() + ": keep one of them"));
      } else if (text.equals("<<")) {
        problems.add(new Problem(place, "", "merge keys (<<) are not read: write the entries out"));
      } else {
        entries.put(text, new Node.Entry(place, value));
      }
    }
    return new Node.Section(entries, at(start));
  }

  /** Aliases are unfolded, and what they unfold to counts as if it were written out: a small file can't become a large one. */
  private Node alias(AliasEvent alias) throws Unreadable {
    Node target = anchors.get(alias.getAlias().getValue());
    if (target == null) {
      throw stop(alias, "the alias *" + Words.shown(alias.getAlias().getValue()) + " stands for nothing that was written above");
    }
    count(alias, size(target));
    return target;
  }

  private static int size(Node node) {
    return switch (node) {
      case Node.Empty _, Node.Scalar _ -> 1;
      case Node.Listing listing -> listing.items().stream().mapToInt(YamlReader::size).sum() + 1;
      case Node.Section section -> section.entries().values().stream().mapToInt(entry -> size(entry.value()) + 1).sum() + 1;
    };
  }

  private void count(Event event, int more) throws Unreadable {
    reached = at(event);
    nodes += more;
    if (nodes > NODES) {
      throw stop(event, "more than " + NODES + " values, with what the aliases unfold to: write it without them");
    }
  }

  private Node named(NodeEvent event, Node node) {
    event.getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), node));
    return node;
  }

  private void requireStandard(Event event, Optional<String> tag) throws Unreadable {
    if (tag.isPresent() && !tag.get().startsWith(STANDARD_TAG) && !tag.get().equals("!")) {
      throw stop(event, "tags (!" + "something) mean nothing here: remove it");
    }
  }

  private Unreadable stop(Event event, String message) {
    return new Unreadable(new Problem(at(event), "", message));
  }

  private Origin at(Event event) {
    @Nullable Mark mark = event.getStartMark().orElse(null);
    return mark == null ? at(1, 1) : at(mark);
  }

  private Origin at(Mark mark) {
    return at(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private Origin at(int line, int column) {
    return isFile ? new Origin.File(name, line, column) : new Origin.Variable(name);
  }
}
