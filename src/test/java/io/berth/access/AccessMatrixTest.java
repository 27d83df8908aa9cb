package io.berth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.access.Stand.Shown;
import io.berth.access.Table.Row;
import io.berth.http.CallKinds;
import io.berth.wire.TestServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Nothing leaks: every kind of call, asked by everyone for what is there and for what is not, is answered as a table written by hand says. With
 * {@code -Dberth.test.matrix=true} what was found is printed as a table, too.
 */
final class AccessMatrixTest {

  private static final Logger LOG = LoggerFactory.getLogger(AccessMatrixTest.class);

  @TempDir private static Path folder;

  private final Table table = Table.read();

  @Test
  void everyKindOfCallHasARow() {
    assertThat(table.rows().stream().map(Row::kind).filter(kind -> !kind.equals(Table.NO_CALL)).distinct())
        .containsExactlyInAnyOrderElementsOf(CallKinds.all());
  }

  @Test
  void everyRowIsTheKindOfCallThatItSays() {
    var goods = new Goods();
    for (Row row : table.rows()) {
      if (!row.kind().equals(Table.NO_CALL)) {
        assertThat(CallKinds.of(Matrix.lines(row, goods))).as("line %d", row.line()).isEqualTo(row.kind());
      }
    }
  }

  @Test
  void everyoneGetsTheAnswersOfTheTableInSqlite() {
    walk("sqlite");
  }

  @Test
  void everyoneGetsTheAnswersOfTheTableInPostgresql() {
    walk("postgresql");
  }

  private void walk(String database) {
    try (var stand = new Stand(running(TestServer.start(folder.resolve(database), Stand.OPTIONS, database)))) {
      var matrix = new Matrix(table, stand, EnumSet.allOf(Shown.class));
      List<String> wrong = matrix.walk();
      LOG.info("{} rows, {} cells with names in {}, of which {} are wrong", table.rows().size(), matrix.cells(), database, wrong.size());
      if (Boolean.getBoolean("berth.test.matrix")) {
        print(matrix);
      }
      assertThat(wrong).isEmpty();
    }
  }

  private void print(Matrix matrix) {
    System.out.println(matrix.cells() + " cells");
    matrix.found().forEach((row, cells) -> {
      var words = new ArrayList<>(List.of(row.kind(), row.needs()));
      table.principals().forEach(principal -> words.add(cells.getOrDefault(principal, "?")));
      System.out.println(row.line() + ": " + String.join(" ", words) + " " + row.request());
    });
  }

  private static Stand.Server running(TestServer server) {
    return new Stand.Server() {
      @Override
      public InetSocketAddress address() {
        return server.address();
      }

      @Override
      public Path data() {
        return server.data();
      }

      @Override
      public String setupToken() {
        return server.setupToken().orElseThrow();
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }
}
