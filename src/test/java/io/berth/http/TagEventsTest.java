package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataException;
import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.policy.Extent;
import io.berth.policy.Identity;
import io.berth.registry.ChangeSet;
import io.berth.registry.Feed;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How changes of tags look to those who follow them. */
@Timeout(60)
class TagEventsTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Digest OLD = Digest.parse("sha256:" + "a".repeat(64));
  private static final Digest NEW = Digest.parse("sha256:" + "b".repeat(64));
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Identity ALICE = new Identity.User("alice");

  private static final List<TagEvent> EVENTS = List.of(event(18, "1.0", TagEvent.Kind.MOVED, OLD, NEW, "docker/29"),
      event(18, "2.0", TagEvent.Kind.CREATED, null, NEW, "docker/29"),
      event(19, "1.0", TagEvent.Kind.DELETED, NEW, null, "a\n\ndata: {\"forged\": \"\u2028\"}\r\n\r\n"));

  private final Feed<ChangeSet> feed =
      new Feed<>((_, after, _) -> ChangeSet.of(EVENTS.stream().filter(e -> e.sequence() > after).toList()));
  private final TagEvents events = new TagEvents(feed.term());

  private static TagEvent event(long sequence, String tag, TagEvent.Kind kind, Digest from, Digest to, String client) {
    return new TagEvent(sequence, Tag.parse(tag), kind, from,
        new Descriptor(MediaType.OCI_MANIFEST, to == null ? from : to, 3, null), Instant.parse("2030-01-02T03:04:05.678Z"),
        new Author("user:alice", client), 1);
  }

  private EventSource follow(long after, Identity identity) {
    return ((Reply.Events) events.follow(APP, after, !(identity instanceof Identity.Anonymous), Extent.ALL)).source();
  }

  private static byte[] bytes(EventSource source) throws InterruptedException {
    return ((EventSource.Next.Message) source.next(LONG)).bytes();
  }

  private static String text(EventSource source) throws InterruptedException {
    return new String(bytes(source), StandardCharsets.UTF_8);
  }

  @Test
  void aChangeSetIsOneMessage() throws Exception {
    try (EventSource source = follow(17, ALICE)) {
      assertThat(text(source)).isEqualTo("id: 18\nevent: change\ndata: {\"sequence\":18,\"time\":\"2030-01-02T03:04:05.678Z\",\"changes\":["
          + "{\"tag\":\"1.0\",\"kind\":\"moved\",\"from\":\"" + OLD + "\",\"to\":\"" + NEW
          + "\",\"actor\":\"user:alice\",\"client\":\"docker/29\"},"
          + "{\"tag\":\"2.0\",\"kind\":\"created\",\"to\":\"" + NEW + "\",\"actor\":\"user:alice\",\"client\":\"docker/29\"}]}\n\n");
    }
  }

  @Test
  void whoDidItIsNotForStrangers() throws Exception {
    try (EventSource source = follow(18, new Identity.Anonymous())) {
      assertThat(text(source)).isEqualTo("id: 19\nevent: change\ndata: {\"sequence\":19,\"time\":\"2030-01-02T03:04:05.678Z\",\"changes\":["
          + "{\"tag\":\"1.0\",\"kind\":\"deleted\",\"from\":\"" + NEW + "\"}]}\n\n");
    }
  }

  @Test
  void noTextOfAStrangerBeginsAMessageOfItsOwn() throws Exception {
    try (EventSource source = follow(18, ALICE)) {
      assertThat(text(source).lines()).hasSize(4).last().isEqualTo("");
      assertThat(text(follow(18, ALICE))).doesNotContain("\r").contains("\\n\\ndata: {\\\"forged\\\"");
    }
  }

  @Test
  void allWhoFollowSendTheSameBytes() throws Exception {
    try (EventSource first = follow(17, ALICE); EventSource second = follow(17, new Identity.User("bob"));
        EventSource stranger = follow(17, new Identity.Anonymous())) {
      byte[] sent = bytes(first);
      assertThat(bytes(second)).isSameAs(sent);
      assertThat(bytes(stranger)).isNotSameAs(sent);
    }
  }

  @Test
  void nothingYetAndNothingMore() throws Exception {
    EventSource source = follow(19, ALICE);
    assertThat(source.next(Duration.ofMillis(1))).isInstanceOf(EventSource.Next.Quiet.class);
    feed.endAll();
    assertThat(source.next(LONG)).isInstanceOf(EventSource.Next.End.class);
    source.close();
    assertThat(feed.followers()).isZero();
  }

  @Test
  void aStoreThatFailsEndsTheStreamInOrder() throws Exception {
    var failing = new TagEvents(new Feed<ChangeSet>((_, _, _) -> {
      throw new MetadataException("on purpose", new IllegalStateException());
    }).term());
    try (EventSource source = ((Reply.Events) failing.follow(APP, 0, true, Extent.ALL)).source()) {
      assertThat(source.next(LONG)).isInstanceOf(EventSource.Next.End.class);
    }
  }

  @Test
  void noCacheOrProxyKeepsMessagesBack() {
    Reply.Events reply = (Reply.Events) events.follow(APP, 0, true, Extent.ALL);
    reply.source().close();
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers().first("Content-Type")).contains("text/event-stream");
    assertThat(reply.headers().first("Cache-Control")).contains("no-store");
    assertThat(reply.headers().first("X-Accel-Buffering")).contains("no");
  }

  @Test
  void whatAClientHadLastWins() {
    assertThat(after("watch=17")).isEqualTo(17);
    assertThat(after("watch=17", "42")).isEqualTo(42);
    assertThat(after("watch=999999999999999999")).isEqualTo(999_999_999_999_999_999L);
    assertThat(after("watch=0")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "+1", "1.0", "x", "0x1", "1000000000000000000", "99999999999999999999999", "1 ", "\u0663"})
  void whatIsNoSequenceIsRefused(String text) {
    assertThatThrownBy(() -> after("watch=0", text))
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(400))
        .hasMessageStartingWith("Last-Event-ID must be a sequence");
    if (!text.endsWith(" ")) {
      String encoded = java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
      assertThatThrownBy(() -> after("watch=" + encoded)).isInstanceOf(RegistryException.class)
          .hasMessageStartingWith("watch must be a sequence");
      assertThatThrownBy(() -> after("watch=" + encoded, "1")).as("even if it does not count").isInstanceOf(RegistryException.class);
    }
  }

  @Test
  void norIsNothingNorSeveral() {
    assertThatThrownBy(() -> after("watch=")).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> after("watch=1", "")).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> after("watch=1&watch=1")).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> after("watch=1", "2", "2")).isInstanceOf(RegistryException.class);
  }

  private static long after(String query, String... last) {
    return Following.after(new Asked(query, List.of(last)), new Query(query), 0);
  }

  /** As much of a request as is looked at. */
  private record Asked(String rawQuery, List<String> last) implements Request {

    @Override
    public String id() {
      return "";
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String rawPath() {
      return "/v2/team/app/tags/";
    }

    @Override
    public Optional<String> header(String name) {
      return headers(name).stream().findFirst();
    }

    @Override
    public List<String> headers(String name) {
      return name.equals("Last-Event-ID") ? last : List.of();
    }

    @Override
    public String protocol() {
      return "HTTP/1.1";
    }

    @Override
    public SocketAddress remote() {
      return UnixDomainSocketAddress.of("");
    }

    @Override
    public Origin origin() {
      throw new UnsupportedOperationException();
    }

    @Override
    public RequestBody body() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Trail trail() {
      throw new UnsupportedOperationException();
    }
  }
}
