package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataException;
import io.berth.registry.StorageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a client is told when a store fails: what helps, and nothing of the inside. */
final class ProblemsTest {

  private static final Request REQUEST = new Asked();

  static Stream<RuntimeException> full() {
    return Stream.of(disk("No space left on device"), disk("Disk quota exceeded"), sqlite(SQLiteErrorCode.SQLITE_FULL),
        postgresql("53100"));
  }

  static Stream<RuntimeException> passing() {
    return Stream.of(disk("Too many open files"), disk("Too many open files in system"), sqlite(SQLiteErrorCode.SQLITE_BUSY),
        sqlite(SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT), sqlite(SQLiteErrorCode.SQLITE_CANTOPEN), postgresql("08006"), postgresql("57P01"),
        postgresql("57014"), postgresql("53300"), postgresql("40P01"), postgresql("25006"),
        new MetadataException("/secret", new SQLTransientConnectionException("no connection")),
        new MetadataException("/secret", new TimeoutException()));
  }

  static Stream<RuntimeException> lasting() {
    return Stream.of(disk("Input/output error"), disk("Read-only file system"), sqlite(SQLiteErrorCode.SQLITE_CORRUPT),
        sqlite(SQLiteErrorCode.SQLITE_IOERR_FSYNC), postgresql("42P01"), postgresql("XX001"), new IllegalStateException("/secret"),
        new MetadataException("/secret", new IllegalStateException()));
  }

  /** With a path, as the operations of files have it; its own name must not be taken for the reason. */
  private static RuntimeException disk(String reason) {
    return new StorageException("/secret", new FileSystemException("/secret/No space left on device, Too many open files", null, reason));
  }

  private static RuntimeException sqlite(SQLiteErrorCode code) {
    return new MetadataException("/secret", new SQLiteException("/secret", code));
  }

  private static RuntimeException postgresql(String state) {
    return new MetadataException("/secret", new SQLException("/secret", state));
  }

  private static String body(Reply reply) {
    return new String(((Reply.Bytes) reply).body(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource
  void full(RuntimeException failure) {
    Reply reply = Problems.reply(failure, REQUEST);

    assertThat(reply.status()).isEqualTo(507);
    assertThat(body(reply)).contains("\"code\":\"DENIED\"", "disk is full").doesNotContain("secret");
  }

  @ParameterizedTest
  @MethodSource
  void passing(RuntimeException failure) {
    Reply reply = Problems.reply(failure, REQUEST);

    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.headers().first("Retry-After")).hasValue("5");
    assertThat(body(reply)).contains("\"code\":\"UNKNOWN\"", "try again").doesNotContain("secret");
  }

  @ParameterizedTest
  @MethodSource
  void lasting(RuntimeException failure) {
    Reply reply = Problems.reply(failure, REQUEST);

    assertThat(reply.status()).isEqualTo(500);
    assertThat(body(reply)).contains("\"code\":\"UNKNOWN\"", "about request 1").doesNotContain("secret");
  }

  @Test
  void anErrorOfAWriteHasItsReasonAsItsMessage() {
    assertThat(Problems.reply(new StorageException("a", new IOException("No space left on device")), REQUEST).status()).isEqualTo(507);
    assertThat(Problems.reply(new StorageException("a", new IOException()), REQUEST).status()).isEqualTo(500);
  }

  /** A request that says nothing of itself. */
  record Asked() implements Request {

    @Override
    public String id() {
      return "1";
    }

    @Override
    public String method() {
      return "PUT";
    }

    @Override
    public String rawPath() {
      return "/";
    }

    @Override
    public String rawQuery() {
      return "";
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.empty();
    }

    @Override
    public List<String> headers(String name) {
      return List.of();
    }

    @Override
    public String protocol() {
      return "HTTP/1.1";
    }

    @Override
    public SocketAddress remote() {
      return new InetSocketAddress(1);
    }

    @Override
    public Origin origin() {
      return new Origin("192.0.2.1", "http", null, "");
    }

    @Override
    public RequestBody body() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Trail trail() {
      return new Trail();
    }
  }
}
