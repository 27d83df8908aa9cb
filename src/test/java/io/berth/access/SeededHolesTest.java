package io.berth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.access.HollowProgram.Hole;
import io.berth.access.Stand.Shown;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The matrix sees: where a check is taken out of the program, it says which cells are wrong. */
final class SeededHolesTest {

  private static final String REGISTRY = "io.berth.registry.";
  private static final String ACCESS = "io.berth.policy.Access";
  private static final String REACH = REGISTRY + "Reach";

  @TempDir private static Path folder;

  private static List<String> wrong = List.of();

  /**
   * A program with holes.
   *
   * @param kinds the calls that go through
   * @param found how each wrong cell begins that is to be found at least
   */
  record Seeded(String name, List<Hole> holes, Set<String> kinds, List<String> found) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Seeded> seeded() {
    return Stream.of(
        new Seeded("a copy from what one may not read",
            List.of(new Hole(REGISTRY + "Copies", "copy", ACCESS, "may"), new Hole(REGISTRY + "Copies", "copy", REACH, "shows")),
            Set.of("CopyManifest"), List.of("CopyManifest by writer", "CopyManifest by maker")),
        new Seeded("blobs whatever tags one may pull", List.of(new Hole(REGISTRY + "Blobs", "look", REACH, "shows")),
            Set.of("GetBlob"), List.of("GetBlob by tagged", "GetBlob by key", "GetBlob by bound", "GetBlob by builder")),
        new Seeded("a list of all repositories", List.of(new Hole(REGISTRY + "Repositories", "list", ACCESS, "may")),
            Set.of("Catalogue"), List.of("Catalogue by nobody", "Catalogue by elsewhere", "Catalogue by tagged", "Catalogue by bound")),
        new Seeded("referrers of what one can't read",
            List.of(new Hole(REGISTRY + "Referrers", "list", REACH, "shows"),
                new Hole(REGISTRY + "Referrers$Draft", "fill", REACH, "shows")),
            Set.of("ListReferrers", "ListReferences"), List.of("ListReferrers by tagged")),
        new Seeded("the history of any tag", List.of(new Hole(REGISTRY + "TagLists", "history", ACCESS, "may")),
            Set.of("GetTagHistory"), List.of("GetTagHistory by tagged", "GetTagHistory by builder")),
        new Seeded("another's upload", List.of(new Hole(REGISTRY + "Uploads", "find", "java.lang.String", "equals")),
            Set.of("UploadStatus", "CancelUpload"), List.of("UploadStatus by writer", "CancelUpload by maker")),
        new Seeded("tags moved by who may make them", List.of(new Hole(ACCESS, "decide", ACCESS, "may")),
            Set.of("PutTag", "ChangeTags"), List.of("PutTag by maker", "ChangeTags by maker", "PutTag by builder")),
        new Seeded("tokens for whatever they were made", List.of(new Hole("io.berth.auth.Gate", "bearer", "io.berth.auth.Token", "covers")),
            Set.of("ListTags", "DeleteTag"), List.of("ListTags by reader (BARE)", "DeleteTag by writer (BARE)")));
  }

  /** All of them in one program, since each is in the way of other calls. */
  @BeforeAll
  static void walk() {
    List<Hole> holes = seeded().flatMap(seeded -> seeded.holes.stream()).toList();
    Set<String> kinds = seeded().flatMap(seeded -> seeded.kinds.stream()).collect(Collectors.toSet());
    var program = new HollowProgram(holes);
    try (var stand = new Stand(start(program, folder))) {
      wrong = new Matrix(Table.read().only(kinds), stand, EnumSet.allOf(Shown.class)).walk();
    }
    assertThat(program.made()).containsExactlyInAnyOrderElementsOf(holes);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("seeded")
  void theMatrixFindsIt(Seeded seeded) {
    for (String found : seeded.found) {
      assertThat(wrong).as(found).anyMatch(cell -> cell.startsWith(found));
    }
  }

  /** The classes of that program are others than those here, though they are called the same. */
  private static Stand.Server start(HollowProgram program, Path data) {
    Object server = call(() -> program.loadClass("io.berth.wire.TestServer").getMethod("start", Path.class, String.class, String.class)
        .invoke(null, data, Stand.OPTIONS, "sqlite"));
    return new Stand.Server() {
      @Override
      public InetSocketAddress address() {
        return (InetSocketAddress) ask("address");
      }

      @Override
      public Path data() {
        return (Path) ask("data");
      }

      @Override
      public String setupToken() {
        return (String) ((Optional<?>) ask("setupToken")).orElseThrow();
      }

      @Override
      public void close() {
        ask("close");
      }

      private Object ask(String method) {
        return call(() -> Optional.ofNullable(server.getClass().getMethod(method).invoke(server)).orElse(method));
      }
    };
  }

  private interface Reflection {
    Object run() throws ReflectiveOperationException;
  }

  private static Object call(Reflection reflection) {
    try {
      return reflection.run();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
