package io.berth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The table of rooms in docs/ARCHITECTURE.md, as the page states it. */
final class Rooms {
  static final Path PAGE = Path.of("docs/ARCHITECTURE.md");
  static final String ROOT = "io.berth";

  private static final List<String> HEADER = List.of("package", "what lives there", "may import", "third-party libraries");
  private static final Pattern NAME = Pattern.compile("`([A-Za-z0-9.]+)`");

  /** One row: the room's package below io.berth, the rooms it may import, the package prefixes of its libraries. */
  record Room(String name, Set<String> imports, Set<String> libraries) {
    boolean mayImport(String other) {
      return name.equals(other) || imports.contains(other);
    }
  }

  private final Map<String, Room> byName;
  private final Set<String> librariesOfAll;

  private Rooms(Map<String, Room> byName, Set<String> librariesOfAll) {
    this.byName = byName;
    this.librariesOfAll = librariesOfAll;
  }

  static Rooms read() throws IOException {
    return parse(Files.readAllLines(PAGE));
  }

  static Rooms parse(List<String> lines) {
    List<List<String>> rows = lines.stream()
        .dropWhile(line -> !cells(line).equals(HEADER))
        .takeWhile(line -> line.startsWith("|"))
        .map(Rooms::cells)
        .toList();
    if (rows.isEmpty()) {
      throw complaint("has no table with the columns " + String.join(" | ", HEADER));
    }
    if (rows.size() < 3) {
      throw complaint("has a table of rooms without rows");
    }
    var body = rows.subList(2, rows.size());
    Set<String> names = new LinkedHashSet<>();
    for (var row : body) {
      if (row.size() != HEADER.size()) {
        throw complaint("has a row with " + row.size() + " cells instead of " + HEADER.size() + ": " + row);
      }
      if (!row.getFirst().equals("`*`") && !names.add(only(row))) {
        throw complaint("lists the room " + row.getFirst() + " twice");
      }
    }
    Map<String, Room> rooms = new LinkedHashMap<>();
    Set<String> ofAll = Set.of();
    for (var row : body) {
      Set<String> libraries = row.get(3).equals("none") ? Set.of() : names(row, 3);
      if (row.getFirst().equals("`*`")) {
        ofAll = libraries;
      } else {
        rooms.put(only(row), new Room(only(row), imports(row, names), libraries));
      }
    }
    return new Rooms(rooms, ofAll);
  }

  private static Set<String> imports(List<String> row, Set<String> known) {
    return switch (row.get(2)) {
      case "nothing" -> Set.of();
      case "everything" -> known.stream().filter(name -> !name.equals(only(row))).collect(Collectors.toCollection(LinkedHashSet::new));
      default -> {
        var imports = names(row, 2);
        for (var name : imports) {
          if (!known.contains(name)) {
            throw complaint("lets " + row.getFirst() + " import `" + name + "`, which has no row");
          }
        }
        yield imports;
      }
    };
  }

  private static String only(List<String> row) {
    var names = names(row, 0);
    if (names.size() != 1) {
      throw complaint("has a row that does not begin with one package: " + row);
    }
    return names.iterator().next();
  }

  private static Set<String> names(List<String> row, int column) {
    var cell = row.get(column);
    var names = NAME.matcher(cell).results().map(match -> match.group(1)).collect(Collectors.toCollection(LinkedHashSet::new));
    if (names.isEmpty() || !NAME.matcher(cell).replaceAll("").replace(",", "").isBlank()) {
      throw complaint("has a cell that is no list of `names`: \"" + cell + "\" in the column " + HEADER.get(column) + " of " + row);
    }
    return names;
  }

  private static List<String> cells(String line) {
    var trimmed = line.strip();
    if (trimmed.length() < 2 || !trimmed.startsWith("|") || !trimmed.endsWith("|")) {
      return List.of();
    }
    return Arrays.stream(trimmed.substring(1, trimmed.length() - 1).split("\\|", -1)).map(String::strip).toList();
  }

  private static IllegalStateException complaint(String what) {
    return new IllegalStateException(PAGE + " " + what);
  }

  Iterable<Room> all() {
    return byName.values();
  }

  /** The room of a package: the row with the longest name that is the package below io.berth, or a parent of it. */
  Optional<Room> of(String packageName) {
    var name = packageName.equals(ROOT) ? "" : packageName.substring(ROOT.length() + 1);
    while (!name.isEmpty()) {
      var room = byName.get(name);
      if (room != null) {
        return Optional.of(room);
      }
      name = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }
    return Optional.empty();
  }

  /** Whether a room may use a package that is not ours: the JDK is free unless the table gives a part of it to a room. */
  boolean mayUse(Room room, String packageName) {
    if (isBelow(packageName, room.libraries()) || isBelow(packageName, librariesOfAll)) {
      return true;
    }
    var isJdk = isBelow(packageName, Set.of("java", "javax", "jdk"));
    return isJdk && byName.values().stream().noneMatch(other -> isBelow(packageName, other.libraries()));
  }

  private static boolean isBelow(String packageName, Set<String> prefixes) {
    return prefixes.stream().anyMatch(prefix -> packageName.equals(prefix) || packageName.startsWith(prefix + "."));
  }
}
