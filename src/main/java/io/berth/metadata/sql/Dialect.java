package io.berth.metadata.sql;

import java.util.Map;

/** How the databases differ in words: what the placeholders of the migrations mean. All other statements are the same text for each of them. */
enum Dialect {
  SQLITE("INTEGER PRIMARY KEY AUTOINCREMENT", "TEXT", "BLOB"),
  /** Text in the collation "C" is compared by its bytes, as SQLite compares it, whatever the locale of the database is. */
  POSTGRESQL("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "TEXT COLLATE \"C\"", "BYTEA");

  private final String id;
  private final String text;
  private final String bytes;

  Dialect(String id, String text, String bytes) {
    this.id = id;
    this.text = text;
    this.bytes = bytes;
  }

  Map<String, String> words() {
    return Map.of("id", id, "text", text, "bytes", bytes);
  }
}
