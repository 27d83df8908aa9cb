package io.berth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The code keeps to the table of rooms in docs/ARCHITECTURE.md. */
final class ArchitectureTest {
  private static final Pattern NAMED_AFTER_A_PATTERN = Pattern.compile("Base|Base[A-Z].*|.*(Util|Utils|Helper|Manager|Impl|DTO|Dto)");

  private static Rooms rooms;
  private static List<JavaClass> classes;

  @BeforeAll
  static void read() throws IOException {
    rooms = Rooms.read();
    classes = List.copyOf(new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(Rooms.ROOT));
    assertThat(classes).as("classes of " + Rooms.ROOT + ", which must be compiled first").isNotEmpty();
  }

  @Test
  void everyClassLivesInAListedRoom() {
    var homeless = classes.stream().filter(type -> rooms.of(type.getPackageName()).isEmpty()).map(JavaClass::getName);

    assertThat(homeless).as("classes in packages that %s does not list", Rooms.PAGE).isEmpty();
  }

  @Test
  void everyListedRoomExists() {
    var packages = classes.stream().map(JavaClass::getPackageName).toList();

    assertThat(rooms.all()).as("rooms listed in %s", Rooms.PAGE)
        .allSatisfy(room -> assertThat(packages).contains(Rooms.ROOT + "." + room.name()));
  }

  @Test
  void roomsImportOnlyWhatTheirRowAllows() {
    var wrong = imports()
        .filter(Import::isOurs)
        .filter(i -> !rooms.of(i.target()).map(other -> i.room().mayImport(other.name())).orElse(false));

    assertThat(sentences(wrong)).as("imports between rooms that %s does not allow", Rooms.PAGE).isEmpty();
  }

  @Test
  void librariesStayInTheRoomsThatNameThem() {
    var wrong = imports().filter(i -> !i.isOurs()).filter(i -> !rooms.mayUse(i.room(), i.target()));

    assertThat(sentences(wrong)).as("libraries in rooms that %s does not give them to", Rooms.PAGE).isEmpty();
  }

  /** Together with the imports being as listed, a table without cycles means code without cycles. */
  @Test
  void roomsFormNoCycle() {
    for (var room : rooms.all()) {
      var reachable = new TreeSet<String>();
      Deque<String> open = new ArrayDeque<>(room.imports());
      while (!open.isEmpty()) {
        var next = open.pop();
        if (reachable.add(next)) {
          open.addAll(rooms.of(Rooms.ROOT + "." + next).orElseThrow().imports());
        }
      }
      assertThat(reachable).as("rooms that %s reaches by its imports in %s", room.name(), Rooms.PAGE).doesNotContain(room.name());
    }
  }

  /** Ways in which strangers' bytes became programs elsewhere. */
  @Test
  void nothingThatMakesObjectsOrProgramsOfBytesIsUsed() {
    var dangerous =
        List.of("java.io.ObjectInputStream", "java.io.ObjectOutputStream", "java.beans.XML", "javax.xml.", "org.w3c.dom.", "org.xml.sax.",
            "javax.script.", "javax.naming.", "java.rmi.", "javax.management.remote.", "java.util.zip.",
            "java.util.jar.",
            "tools.jackson.databind.jsontype.", "org.yaml.snakeyaml.constructor.", "org.snakeyaml.engine.v2.constructor.", "sun.misc.");
    var wrong = imports().filter(i -> dangerous.stream().anyMatch(name -> i.to().getName().startsWith(name)));

    assertThat(sentences(wrong)).as("ways in which bytes become programs").isEmpty();
  }

  /** Names of requests, pauses, and the bytes of a load may be guessed; identifiers of uploads may not, and come from a SecureRandom. */
  @Test
  void onlyThoseWhomGuessingDoesNotHarmUseGuessableRandomness() {
    var allowed = Set.of("io.berth.http.engine.RequestIds", "io.berth.metadata.sql.PostgresMetadataStore", "io.berth.bench.Contents");
    var guessable = Set.of("java.util.Random", "java.util.SplittableRandom", "java.util.concurrent.ThreadLocalRandom", "java.util.UUID");
    var wrong = imports().filter(i -> guessable.contains(i.to().getName())).filter(i -> !allowed.contains(i.from().getName()));

    assertThat(sentences(wrong)).as("classes that use randomness which can be guessed").isEmpty();
  }

  @Test
  void noClassIsNamedAfterAPattern() {
    var wrong = classes.stream().filter(type -> NAMED_AFTER_A_PATTERN.matcher(type.getSimpleName()).matches()).map(JavaClass::getName);

    assertThat(wrong).as("names that say how a class is used, not what it is").isEmpty();
  }

  @Test
  void anUnreadableTableIsRefusedInWords() {
    var header = "| package | what lives there | may import | third-party libraries |";
    var line = "|---|---|---|---|";

    assertThatThrownBy(() -> Rooms.parse(List.of("# Architecture"))).hasMessageContaining("has no table with the columns package");
    assertThatThrownBy(() -> Rooms.parse(List.of(header, line))).hasMessageContaining("without rows");
    assertThatThrownBy(() -> Rooms.parse(List.of(header, line, "| `a` | x | nothing |"))).hasMessageContaining("3 cells instead of 4");
    assertThatThrownBy(() -> Rooms.parse(List.of(header, line, "| `a` | x | `b` | none |")))
        .hasMessageContaining("import `b`, which has no row");
    assertThatThrownBy(() -> Rooms.parse(List.of(header, line, "| `a` | x | nothing | jackson |")))
        .hasMessageContaining("no list of `names`");
    assertThatThrownBy(() -> Rooms.parse(List.of(header, line, "| `a` | x | nothing | none |", "| `a` | x | nothing | none |")))
        .hasMessageContaining("twice");
  }

  /** One dependency of a class of ours on a package. */
  private record Import(Rooms.Room room, JavaClass from, JavaClass to) {
    String target() {
      return to.getPackageName();
    }

    boolean isOurs() {
      return target().equals(Rooms.ROOT) || target().startsWith(Rooms.ROOT + ".");
    }

    @Override
    public String toString() {
      return room.name() + " must not use " + target() + ": " + from.getName() + " names " + to.getName();
    }
  }

  private static Stream<Import> imports() {
    return classes.stream().flatMap(type -> rooms.of(type.getPackageName()).stream().flatMap(room -> importsOf(room, type)));
  }

  private static Stream<Import> importsOf(Rooms.Room room, JavaClass type) {
    return type.getDirectDependenciesFromSelf()
        .stream()
        .map(Dependency::getTargetClass)
        .map(JavaClass::getBaseComponentType)
        .filter(target -> !target.isPrimitive())
        .map(target -> new Import(room, type, target));
  }

  private static Set<String> sentences(Stream<Import> imports) {
    return imports.map(Import::toString).collect(TreeSet::new, Set::add, Set::addAll);
  }
}
