package io.berth.metadata;

import io.berth.oci.StoreFailure;
import io.berth.oci.StoreFailure.Kind;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;

/** What the failures of databases mean for those who wait for an answer. */
final class Causes {

  private static final int SQLITE_BUSY = 5;
  private static final int SQLITE_LOCKED = 6;
  private static final int SQLITE_FULL = 13;
  private static final int SQLITE_CANTOPEN = 14;

  private Causes() {}

  static Kind kind(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case StoreFailure known -> {
          return known.kind();
        }
        case SQLiteException sqlite -> {
          return sqlite(sqlite.getResultCode().code & 0xff); // without what extends it
        }
        case SQLException sql when sql.getSQLState() != null -> {
          return postgresql(sql.getSQLState());
        }
        case SQLTransientException _, SQLRecoverableException _, TimeoutException _, InterruptedException _ -> {
          return Kind.PASSING;
        }
        default -> {
          // the next may tell more
        }
      }
    }
    return Kind.LASTING;
  }

  /** A file can't be opened where too many are open. */
  private static Kind sqlite(int code) {
    return switch (code) {
      case SQLITE_FULL -> Kind.FULL;
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_CANTOPEN -> Kind.PASSING;
      default -> Kind.LASTING;
    };
  }

  private static Kind postgresql(String state) {
    return switch (state) {
      case "53100" -> Kind.FULL; // disk_full
      case "57014", "55P03", "25P03", "25006" -> Kind.PASSING; // timeouts of statement, lock and transaction; a server that became a standby
      default -> switch (state.substring(0, Math.min(2, state.length()))) {
        case "08", "40", "53", "57" -> Kind.PASSING; // connection lost, conflict, too little of something, server restarting
        default -> Kind.LASTING;
      };
    };
  }
}
