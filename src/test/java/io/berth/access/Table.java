package io.berth.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.access.Table.Cell.Sameness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which answer who gets to what, as {@code src/test/resources/access/matrix.txt} has it; how it is written stands there. Immutable.
 *
 * @param principals who asks, in the order of the columns
 * @param sight the names that each of them may be told, of all that are in the fixture
 */
record Table(List<String> principals, Map<String, Set<String>> sight, List<Row> rows) {

  /** The kind of a row whose path is that of no call. */
  static final String NO_CALL = "-";

  private static final Path FILE = Path.of("src/test/resources/access/matrix.txt");
  private static final Pattern CHOICE = Pattern.compile("<([^<>|]*)\\|([^<>|]*)>");
  private static final int FIRST_CELL = 2;

  /**
   * What is expected.
   *
   * @param existing the status if what is asked for is there
   * @param absent the status if it is not
   * @param sameness of the two answers
   */
  record Cell(int existing, int absent, Sameness sameness) {

    private static final Pattern TEXT = Pattern.compile("([1-5][0-9][0-9])(=|~|[*]|/([1-5][0-9][0-9]))?");

    /** How two answers compare. */
    enum Sameness {
      /** They are the same, word for word. */
      EQUAL,
      /** They are not. */
      DIFFERENT,
      /** It does not matter. */
      ANY
    }

    static Cell parse(String text) {
      Matcher cell = TEXT.matcher(text);
      if (!cell.matches()) {
        throw new IllegalArgumentException("no cell: " + text);
      }
      int status = Integer.parseInt(cell.group(1));
      Sameness sameness = "=".equals(cell.group(2)) ? Sameness.EQUAL : "~".equals(cell.group(2)) ? Sameness.DIFFERENT : Sameness.ANY;
      return new Cell(status, cell.group(3) == null ? status : Integer.parseInt(cell.group(3)), sameness);
    }
  }

  /**
   * A request, and who gets what answer to it.
   *
   * @param line where it stands
   * @param kind the kind of call that it is
   * @param needs what a token has to be for
   */
  record Row(int line, String kind, String needs, List<Cell> cells, String request, List<String> headers, String body) {

    /** Whether something is asked for that may be there or not. */
    boolean hasChoice() {
      return CHOICE.matcher(all()).find();
    }

    private String all() {
      return request + String.join("", headers) + body;
    }

    /** The row as it asks for what is there, or for what is not. */
    Row chosen(boolean existing) {
      return new Row(line, kind, needs, cells, chosen(request, existing), headers.stream().map(header -> chosen(header, existing)).toList(),
          chosen(body, existing));
    }

    /** What is asked for where it is there, or where it is not. */
    List<String> choices(boolean existing) {
      return CHOICE.matcher(all()).results().map(choice -> choice.group(existing ? 1 : 2)).toList();
    }

    private static String chosen(String text, boolean existing) {
      return CHOICE.matcher(text).replaceAll(existing ? "$1" : "$2");
    }

    String method() {
      return request.substring(0, request.indexOf(' '));
    }

    String target() {
      return request.substring(request.indexOf(' ') + 1);
    }
  }

  /** The rows of some kinds of calls. */
  Table only(Set<String> kinds) {
    return new Table(principals, sight, rows.stream().filter(row -> kinds.contains(row.kind)).toList());
  }

  static Table read() {
    try {
      return parse(Files.readString(FILE, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Table parse(String text) {
    List<String> principals = List.of();
    var sight = new LinkedHashMap<String, Set<String>>();
    var rows = new ArrayList<Row>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      List<String> words = List.of(line.split(" +", -1));
      switch (words.getFirst()) {
        case "principals" -> principals = words.subList(1, words.size());
        case "sees" -> sight.put(words.get(1), Set.copyOf(words.subList(2, words.size())));
        default -> rows.add(row(i + 1, line, principals.size()));
      }
    }
    return new Table(principals, sight, rows);
  }

  private static Row row(int line, String text, int principals) {
    String[] words = text.split(" +", FIRST_CELL + principals + 1);
    try {
      List<Cell> cells = List.of(words).subList(FIRST_CELL, FIRST_CELL + principals).stream().map(Cell::parse).toList();
      String[] parts = words[FIRST_CELL + principals].split(" << ", 2);
      String[] head = parts[0].split(" ; ", -1);
      var row = new Row(line, words[0], words[1], cells, head[0].strip(),
          List.of(head).subList(1, head.length).stream().map(String::strip).toList(),
          parts.length < 2 ? "" : parts[1].strip());
      require(row);
      return row;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("matrix.txt:" + line + ": " + e.getMessage() + ": " + text, e);
    }
  }

  private static void require(Row row) {
    for (Cell cell : row.cells) {
      if (!row.hasChoice() && (cell.sameness != Sameness.ANY || cell.existing != cell.absent)) {
        throw new IllegalArgumentException("where nothing can be there or not, a cell is a status alone");
      }
    }
    CHOICE.matcher(row.all()).results().filter(choice -> choice.group(1).length() != choice.group(2).length()
        && "@%$".indexOf(choice.group(1).charAt(0)) < 0).forEach(choice -> {
          throw new IllegalArgumentException("alternatives have to be of one length, so that lengths can be compared: " + choice.group());
        });
  }
}
