package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.berth.Fuzz;
import java.util.List;
import java.util.function.Function;

/** Strangers' bytes as the nouns of the specification: each is refused in words, or is valid and says itself again. */
final class NounsFuzzTest {

  @FuzzTest
  void names(byte[] input) {
    String text = Fuzz.text(input);
    if (saysItselfAgain(text, RepositoryName::parse)) {
      assertThat(text).doesNotContain("..", "//").doesNotStartWith("/").doesNotEndWith("/");
    }
    saysItselfAgain(text, Tag::parse);
    saysItselfAgain(text, Digest::parse);
    saysItselfAgain(text, TagOrDigest::parse);
    Reference reference = Fuzz.orRefusal(() -> Reference.parse(text));
    if (reference != null) {
      assertThat(reference).hasToString(text);
      assertThat(text.chars()).as("nothing that would mean something in a URL or on a terminal").allMatch(c -> c > ' ' && c < 0x7f)
          .noneMatch(c -> "\\%?#".indexOf(c) >= 0);
    }
    MediaType type = Fuzz.orRefusal(() -> MediaType.parse(text));
    if (type != null) {
      assertThat(Fuzz.orRefusal(() -> MediaType.parse(type.toString()))).isEqualTo(type);
      assertThat(type.toString().chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    }
  }

  private static <T> boolean saysItselfAgain(String text, Function<String, T> parse) {
    T value = Fuzz.orRefusal(() -> parse.apply(text));
    if (value != null) {
      assertThat(value).hasToString(text);
      assertThat(text).hasSizeLessThanOrEqualTo(255).doesNotContain("\\", "%", "\0", "\n", " ");
    }
    return value != null;
  }

  /** Each line is the value of a field; those of tags begin with an exclamation mark. */
  @FuzzTest
  void imageRefs(byte[] input) {
    List<String> lines = Fuzz.text(input).lines().toList();
    ImageRefs refs = ImageRefs.parse(lines.stream().filter(line -> !line.startsWith("!")).toList(),
        lines.stream().filter(line -> line.startsWith("!")).map(line -> line.substring(1)).toList(), "here.example"::equals);

    assertThat(refs.refs()).hasSizeLessThanOrEqualTo(ImageRefs.MOST).allMatch(ref -> ref.tag() != null || ref.digest() != null);
    String text = refs.text();
    assertThat(text == null).isEqualTo(refs.refs().isEmpty());
    if (text != null) {
      assertThat(text).hasSizeLessThan(600);
      assertThat(text.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    }
    for (ImageRefs.Ref ref : refs.refs()) {
      if (ref.repository() != null) {
        assertThat(ImageRefs.parse(List.of(ref.toString()), List.of(), "here.example"::equals).refs()).containsExactly(ref);
      }
    }
  }

  /** The first line is a {@code Range} or {@code Content-Range}, the length of the rest is the size of the content. */
  @FuzzTest
  void ranges(byte[] input) {
    String text = Fuzz.text(input);
    String header = text.lines().findFirst().orElse("");
    long size = (long) text.length() - header.length();
    if (ByteRange.of(header, size) instanceof ByteRange.Part part) {
      assertThat(part.first()).isBetween(0L, part.last());
      assertThat(part.last()).isLessThan(size);
    }
    ContentRange range = Fuzz.orRefusal(() -> ContentRange.parse(header));
    if (range != null) {
      assertThat(range.length()).isPositive().isEqualTo(range.last() - range.first() + 1);
    }
  }

  /** The first line is the {@code Content-Type} if it ends in a line feed and is none of the document's. */
  @FuzzTest
  void manifests(byte[] input) {
    String text = new String(input, java.nio.charset.StandardCharsets.ISO_8859_1);
    int end = text.startsWith("{") ? -1 : text.indexOf('\n');
    MediaType stated = end < 0 ? null : Fuzz.orRefusal(() -> MediaType.parse(text.substring(0, end)));
    byte[] document = java.util.Arrays.copyOfRange(input, end + 1, input.length);

    Manifest manifest = Fuzz.orRefusal(() -> Manifest.parse(stated, document));

    if (manifest != null) {
      assertThat(manifest.edges()).extracting(Edge::pointer).doesNotHaveDuplicates();
      assertThat(manifest.edges()).allMatch(edge -> edge.target().size() >= 0);
      assertThat(manifest.mediaType().toString()).endsWith("json");
    }
  }

  @FuzzTest
  void json(byte[] input) {
    try {
      var tree = Json.parse(input);
      assertThat(Json.parse(Json.write(tree).getBytes(java.nio.charset.StandardCharsets.UTF_8))).isEqualTo(tree);
    } catch (Json.InvalidJson e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }
}
