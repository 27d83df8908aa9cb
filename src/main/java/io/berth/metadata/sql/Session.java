package io.berth.metadata.sql;

import io.berth.metadata.MetadataException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database connection with its prepared statements, which are kept: preparing again costs more than running. For one thread at a time.
 */
final class Session implements AutoCloseable {

  /** Makes a value of the row that the result stands on. */
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private final Connection connection;
  private final Map<String, PreparedStatement> kept = new HashMap<>();

  Session(Connection connection) {
    this.connection = connection;
  }

  /** The first row, if there is one. */
  <T> Optional<T> one(String sql, Row<T> row, @Nullable Object... parameters) {
    try (ResultSet rows = prepared(sql, parameters).executeQuery()) {
      return rows.next() ? Optional.of(row.read(rows)) : Optional.empty();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** All rows. */
  <T> List<T> all(String sql, Row<T> row, @Nullable Object... parameters) {
    try (ResultSet rows = prepared(sql, parameters).executeQuery()) {
      var values = new ArrayList<T>();
      while (rows.next()) {
        values.add(row.read(rows));
      }
      return values;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Runs a statement that returns no rows, and says how many it changed. */
  int run(String sql, @Nullable Object... parameters) {
    try {
      return prepared(sql, parameters).executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Runs a statement once for each list of parameters, in as few steps as the database allows. */
  void runEach(String sql, List<@Nullable Object[]> lists) {
    if (lists.isEmpty()) {
      return;
    }
    try {
      PreparedStatement statement = prepared(sql, lists.getFirst());
      for (@Nullable Object[] parameters : lists) {
        prepared(sql, parameters).addBatch();
      }
      statement.executeBatch();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private PreparedStatement prepared(String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = kept.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      kept.put(sql, statement);
    }
    for (int i = 0; i < parameters.length; i++) {
      switch (parameters[i]) {
        case null -> statement.setNull(i + 1, Types.NULL);
        case Long number -> statement.setLong(i + 1, number);
        case Integer number -> statement.setInt(i + 1, number);
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        case Object text -> statement.setString(i + 1, text.toString());
      }
    }
    return statement;
  }

  /** Makes the transaction that is open durable. */
  void commit() {
    try {
      connection.commit();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static MetadataException failed(SQLException e) {
    return new MetadataException("the metadata store failed: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
