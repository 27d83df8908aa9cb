package io.berth.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.wire.Story.Expected;
import io.berth.wire.Story.Request;
import io.berth.wire.Story.Step.Definition;
import io.berth.wire.Story.Step.Exchange;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transcripts' own language: what is not noticed here is not noticed anywhere. */
final class StoryTest {

  private static final String STORY = """
      # A comment.
      @server = no-delete
      @blob = {{repeat 3 "a#"}}
      @document =
      {
        "blob": "{{blob.sha256}}"
      }

      ### A push
      PUT /v2/app/manifests/1
      Content-Type: a/b

      {{document}}

      second line
      # A comment in between.
      HTTP/1.1 400 MANIFEST_INVALID DIGEST_INVALID
      Location: {{new location}}
      -Link

      {"errors": []}

      ### Bytes
      > GET / HTTP/1.1\\r\\n
      > \\x00\\\\

      HTTP/1.1 100

      HTTP/1.1 200
      """;

  @Test
  void aStoryIsReadAsItIsWritten() {
    Story story = Story.parse("story", STORY);

    assertThat(story.server()).isEqualTo("no-delete");
    assertThat(story.steps()).containsExactly(
        new Definition("blob", "{{repeat 3 \"a#\"}}"),
        new Definition("document", "{\n  \"blob\": \"{{blob.sha256}}\"\n}"),
        new Exchange(9, "A push",
            new Request.Usual("PUT /v2/app/manifests/1", List.of("Content-Type: a/b"), "{{document}}\n\nsecond line"),
            List.of(new Expected(400, List.of("MANIFEST_INVALID", "DIGEST_INVALID"), List.of("Location: {{new location}}", "-Link"),
                "{\"errors\": []}",
                "HTTP/1.1 400 MANIFEST_INVALID DIGEST_INVALID\nLocation: {{new location}}\n-Link\n\n{\"errors\": []}"))),
        new Exchange(23, "Bytes", new Request.Raw("GET / HTTP/1.1\r\n\0\\"),
            List.of(new Expected(100, List.of(), List.of(), "", "HTTP/1.1 100"),
                new Expected(200, List.of(), List.of(), "", "HTTP/1.1 200"))));
  }

  @Test
  void whatIsNeitherOfItsPartsIsAnError() {
    assertThatThrownBy(() -> Story.parse("story", "\nGET /v2/")).hasMessageContaining("story:2");
    assertThatThrownBy(() -> Story.parse("story", "### A sentence\n")).hasMessageContaining("without a request");
    assertThatThrownBy(() -> Story.parse("story", "@a = b\n")).hasMessageContaining("nothing is exchanged");
  }

  /** How each test of a transcript ends, in order: nothing where it passes. */
  private static List<String> played(Path folder, String text) throws IOException {
    Path file = Files.writeString(folder.resolve("story.http"), text);
    try (Stream<DynamicNode> tests = WireTest.tests("story.http", file, folder.resolve("data"))) {
      var failures = new ArrayList<String>();
      tests.forEach(test -> {
        try {
          ((DynamicTest) test).getExecutable().execute();
          failures.add("");
        } catch (Throwable e) {
          failures.add(String.valueOf(e.getMessage()));
        }
      });
      return failures;
    }
  }

  @Test
  void aStoryThatCannotBeToldFails(@TempDir Path folder) throws IOException {
    String exchange = "\n\n### It is there\nGET /v2/\n\nHTTP/1.1 200\n\n";

    assertThat(played(folder, exchange)).containsExactly("");
    assertThat(played(folder, "@a = {{nothing}}" + exchange)).satisfiesExactly(
        first -> assertThat(first).contains("@a", "nothing is called nothing"), second -> assertThat(second).isEmpty());
    assertThat(played(folder, exchange + "@a = {{hex 0x}}" + exchange)).hasSize(3).element(1).asString().contains("@a");
    assertThat(played(folder, exchange + "@a = {{file none}}" + exchange)).hasSize(3).element(1).asString().contains("@a", "none");
    assertThat(played(folder, "@server = nonsense 7" + exchange)).singleElement().asString().contains("nonsense");
    assertThat(played(folder, "GET /v2/" + exchange)).singleElement().asString().contains("neither a definition");
    assertThat(played(folder, "")).singleElement().asString().contains("nothing is exchanged");
  }

  @Test
  void expressionsStandForBytes() {
    var values = new Values();
    values.define("abc", "abc");

    assertThat(values.expand("{{abc}} {{abc.size}} {{abc.base64}} {{abc[0..1]}} {{abc[1..]}}")).isEqualTo("abc 3 YWJj ab bc");
    assertThat(values.expand("{{abc.sha256}}")).isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(values.expand("{{abc.hex}}")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(values.expand("{{abc.sha512}}")).startsWith("sha512:ddaf35a193617aba").hasSize(135);
    assertThat(values.expand("{{repeat 3 \"a#\"}}{{hex 0dff}}{{base64 \"a:b\"}}")).isEqualTo("a1a2a3\r\u00ffYTpi");
    assertThat(values.expand("{\"x\": \"{{fill 20 \"x\"}}\"}")).hasSize(20).endsWith("xx\"}");
    assertThat(values.expand("{{random 9 seed 1}}")).hasSize(9).isEqualTo(values.expand("{{random 9 seed 1}}"))
        .isNotEqualTo(values.expand("{{random 9 seed 2}}"));
    assertThatThrownBy(() -> values.expand("{{unheard}}")).hasMessageContaining("unheard");
  }

  @Test
  void anExpectationSeesEveryDifference() {
    var values = new Values();
    var response = new Response(200, List.of("Link: </next>; rel=\"next\"", "Allow: GET"), "{\"a\":[1,{\"b\":\"text\",\"c\":2}]}");

    assertThat(differences(values, response, "HTTP/1.1 200\nlink: <{{new next}}>; rel=*\n\n{\"a\": [1, {\"b\": \"t*t\"}]}")).isEmpty();
    assertThat(values.expand("{{next}}")).isEqualTo("/next");
    assertThat(differences(values, response, "HTTP/1.1 200\n\n= {\"a\":[1,{\"b\":\"text\",\"c\":2}]}")).isEmpty();
    for (String wrong : List.of("HTTP/1.1 201", "HTTP/1.1 200\nAllow: PUT", "HTTP/1.1 200\nETag: *", "HTTP/1.1 200\n-Allow",
        "HTTP/1.1 200 DENIED",
        "HTTP/1.1 200\n\n{\"a\": [1]}", "HTTP/1.1 200\n\n{\"d\": 1}", "HTTP/1.1 200\n\n{\"a\": [1, {\"b\": \"x*\"}]}",
        "HTTP/1.1 200\n\n= {}")) {
      assertThat(differences(values, response, wrong)).as(wrong).hasSize(1);
    }
  }

  @Test
  void textsInJsonMayBeKeptAndDecoded() {
    var values = new Values();
    values.define("who", "me");
    var response = new Response(200, List.of(), "{\"a\":\"from me at 10:00\",\"payload\":\"eyJiIjoxfQ\"}");

    assertThat(differences(values, response, "HTTP/1.1 200\n\n{\"a\": \"* {{who}} at {{new time}}\", \"payload\": {\"b\": 1}}")).isEmpty();
    assertThat(values.expand("{{time}}")).isEqualTo("10:00");
    assertThat(differences(values, response, "HTTP/1.1 200\n\n{\"a\": \"{{new x}} then\", \"payload\": {\"b\": 2}}")).hasSize(2);
  }

  @Test
  void aStreamOfEventsIsAnArray() throws IOException {
    String body = ": keep-alive\n\nid: 7\nevent: change\ndata: {\"sequence\":7}\n\n";
    String text = "HTTP/1.1 200\n\n[{\"id\": 7, \"event\": \"change\", \"data\": {\"sequence\": 7}}]";
    String chunk = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    Response response = Response.read(new ByteArrayInputStream((head + chunk).getBytes(ISO_8859_1)), false, 1);
    assertThat(response.body()).isEqualTo(body);
    assertThat(differences(new Values(), response, text)).isEmpty();
    assertThat(differences(new Values(), response, text.replace("7}", "8}"))).hasSize(1);
    assertThatThrownBy(() -> Response.read(new ByteArrayInputStream((head + chunk + "0\r\n\r\n").getBytes(ISO_8859_1)), false, 2))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void anErrorIsTheSpecifications() {
    String text = "HTTP/1.1 404 BLOB_UNKNOWN";

    assertThat(differences(new Values(), error("{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"m\",\"detail\":\"d\"}]}"), text))
        .isEmpty();
    for (String wrong : List.of("not found", "{}", "{\"errors\":[]}", "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"m\"}]}",
        "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"java.io.IOException\"}]}",
        "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"m\",\"detail\":{}}]}", "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\"}]}")) {
      assertThat(differences(new Values(), error(wrong), text)).as(wrong).isNotEmpty();
    }
  }

  private static Response error(String body) {
    return new Response(404, List.of("Content-Type: application/json"), body);
  }

  private static List<String> differences(Values values, Response response, String expected) {
    var exchange = (Exchange) Story.parse("story", "### A sentence\nGET /\n\n" + expected).steps().getFirst();
    return new Expectation(values).differences(exchange.expected().getFirst(), response);
  }
}
