package io.berth.simulation;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What clients push, and under which names: so little that they get into each other's way. */
final class Goods {

  static final List<RepositoryName> REPOSITORIES = Stream.of("team/app", "team/lib").map(RepositoryName::parse).toList();
  static final List<Tag> TAGS = Stream.of("latest", "1.0", "edge").map(Tag::parse).toList();

  private static final String EMPTY = "{}";
  private static final String SMALL = "a small layer";
  private static final String LARGE = "a large layer ".repeat(200);
  private static final String OTHER = "another layer ".repeat(30);
  private static final String NOTHING = "";

  static final List<Blob> BLOBS =
      List.of(new Blob(EMPTY), new Blob(SMALL), new Blob(LARGE), new Blob(OTHER), new Blob(NOTHING),
          new Blob(Digest.Algorithm.SHA512.of(Documents.bytes(SMALL)), SMALL));

  private static final String ONE = Documents.image(EMPTY, SMALL);
  private static final String TWO = Documents.image(EMPTY, LARGE, OTHER, NOTHING);
  private static final String THREE = Documents.image(SMALL, LARGE);

  static final List<Document> DOCUMENTS = List.of(image(ONE, EMPTY, SMALL), image(TWO, EMPTY, LARGE, OTHER, NOTHING),
      image(THREE, SMALL, LARGE), index(Documents.index(ONE, TWO), ONE, TWO), index(Documents.index(TWO, THREE), TWO, THREE),
      about(ONE, EMPTY), about(TWO, SMALL), about(aboutText(ONE, EMPTY), LARGE));

  static final List<Document> INDEXES = DOCUMENTS.stream().filter(document -> !document.children().isEmpty()).toList();
  static final List<Document> REFERRERS = DOCUMENTS.stream().filter(document -> document.subject().isPresent()).toList();

  private static final Map<Digest, Blob> BLOB_BY_DIGEST = BLOBS.stream().collect(Collectors.toMap(Blob::digest, blob -> blob));
  private static final Map<Digest, Document> DOCUMENT_BY_DIGEST =
      DOCUMENTS.stream().collect(Collectors.toMap(Document::digest, document -> document));

  /** A blob. */
  record Blob(Digest digest, String content) {

    Blob(String content) {
      this(Documents.digest(content), content);
    }

    byte[] bytes() {
      return Documents.bytes(content);
    }
  }

  /** A manifest, and the digests of what it needs. */
  record Document(Digest digest, String text, List<Digest> blobs, List<Digest> children, Optional<Digest> subject) {

    byte[] bytes() {
      return Documents.bytes(text);
    }
  }

  private Goods() {}

  private static List<Digest> digests(String... texts) {
    return Stream.of(texts).map(Documents::digest).toList();
  }

  private static Document image(String text, String... blobs) {
    return new Document(Documents.digest(text), text, digests(blobs), List.of(), Optional.empty());
  }

  private static Document index(String text, String... children) {
    return new Document(Documents.digest(text), text, List.of(), digests(children), Optional.empty());
  }

  private static String aboutText(String subject, String config) {
    return Documents.about(subject, "application/vnd.example.signature", config);
  }

  private static Document about(String subject, String config) {
    String text = aboutText(subject, config);
    return new Document(Documents.digest(text), text, digests(config), List.of(), Optional.of(Documents.digest(subject)));
  }

  /** A document with all that it needs. */
  static Set<Document> needs(Document document) {
    Set<Document> needs = new LinkedHashSet<>(Set.of(document));
    document.children.forEach(child -> needs.addAll(needs(document(child))));
    return needs;
  }

  /** What is about one of the documents. */
  static List<Document> about(Set<Document> documents) {
    return DOCUMENTS.stream().filter(each -> each.subject.map(Goods::document).filter(documents::contains).isPresent()).toList();
  }

  /** A document with all that it needs, what is about that, and so on. */
  static Set<Document> all(Document document) {
    Set<Document> all = needs(document);
    int before = 0;
    while (before < all.size()) {
      before = all.size();
      about(all).forEach(each -> all.addAll(needs(each)));
    }
    return all;
  }

  /** What a manifest is about, and what that is about, and so on. */
  static List<Digest> above(Digest manifest) {
    return Stream.iterate(document(manifest).subject(), Optional::isPresent, subject -> document(subject.get()).subject())
        .map(Optional::orElseThrow).toList();
  }

  static Blob blob(Digest digest) {
    return BLOB_BY_DIGEST.get(digest);
  }

  static Document document(Digest digest) {
    return DOCUMENT_BY_DIGEST.get(digest);
  }
}
