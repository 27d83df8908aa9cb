package io.berth.cli.tag;

import io.berth.client.RegistrySession.Answer;
import io.berth.oci.Json;
import io.berth.oci.MediaType;
import io.berth.oci.Reference;
import io.berth.oci.RegistryException;
import io.berth.signing.Jws;
import io.berth.signing.TrustedKeys;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whether the pages of a signed list are all of a repository's tags, of one instant, which was the newest when the first page was signed unless another
 * one was asked for, each page where the former ended. Pages are added in their order. For one thread.
 */
final class ListVerification {

  private final Reference repository;
  private final TrustedKeys keys;
  private final String at;
  private final Set<String> signers = new TreeSet<>();
  private final ObjectNode tags = Json.MAPPER.createObjectNode();
  private @Nullable JsonNode first;
  private String position = "";
  private boolean complete;

  /**
   * Begins.
   *
   * @param at the sequence or time that is asked for; empty for the newest
   */
  ListVerification(Reference repository, TrustedKeys keys, String at) {
    this.repository = repository;
    this.keys = keys;
    this.at = at;
  }

  /** Checks a page; whether it may be followed by another. */
  boolean add(Answer page) {
    JsonNode statement = statement(page.body());
    require(!complete, "a page follows the one that was said to be the last");
    require(statement.path("repository").asString("").equals(repository.toString()),
        "a page is about another repository, " + Lines.shown(statement.path("repository").asString("")));
    require(
        statement.path("filter").path("prefix").asString("?").isEmpty() && statement.path("filter").path("target").asString("?").isEmpty(),
        "a page leaves tags out");
    require(statement.path("sequence").isIntegralNumber() && statement.path("total").isIntegralNumber(), "a page lacks sequence or total");
    if (first == null) {
      requireMoment(statement);
      first = statement;
    }
    require(statement.path("sequence").equals(first.path("sequence")) && statement.path("total").equals(first.path("total")),
        "pages are of different times");
    require(statement.path("after").asString("?").equals(position), "a page does not begin where the former ended");
    take(statement);
    complete = statement.path("complete").asBoolean(false);
    return true;
  }

  /**
   * An old list is signed like a new one, for whoever asks for it. So the registry says what the newest sequence is as it signs. Later pages are of
   * the first one's sequence, whatever happened since.
   */
  private void requireMoment(JsonNode statement) {
    require(statement.path("newest").isIntegralNumber(), "the list does not say what the newest sequence is, so it may be an old one");
    long sequence = statement.path("sequence").asLong(-1);
    long newest = statement.path("newest").asLong(-1);
    if (at.isEmpty()) {
      require(sequence == newest, "it is an old list, as of sequence " + sequence + ", and the newest was " + newest
          + " when it was signed (--at verifies one of another time)");
    } else if (at.matches("[0-9]+")) {
      long asked = Math.min(Long.parseLong(at), newest);
      require(sequence == asked, "the list is as of sequence " + sequence + ", and " + asked + " was asked for");
    }
  }

  private void take(JsonNode statement) {
    String through = statement.path("through").asString("");
    String before = position;
    for (var tag : statement.path("tags").properties()) {
      require(tag.getKey().compareTo(before) > 0 && tag.getKey().compareTo(through) <= 0,
          "a page has tags that are not of it, or in no order");
      before = tag.getKey();
      tags.set(tag.getKey(), tag.getValue());
    }
    require(through.compareTo(position) >= 0 && (statement.path("complete").asBoolean(false) || through.compareTo(position) > 0),
        "a page does not go on");
    position = through;
  }

  /** What is signed, if it is by a trusted key, and as a list of tags. */
  private JsonNode statement(byte[] document) {
    try {
      Jws jws = Jws.parse(document);
      Set<String> names = jws.verify(keys, MediaType.TAGS_JWS.value());
      require(!names.isEmpty(), "a page is signed by none of the keys, or its bytes were changed");
      require(signers.isEmpty() || signers.equals(names), "pages are signed by different keys");
      signers.addAll(names);
      return Json.parse(jws.payload());
    } catch (RegistryException | Json.InvalidJson e) {
      throw new VerificationFailed("a page is no signed list: " + e.getMessage());
    }
  }

  /** What is verified, after the last page: repository, sequence, time, total, and all tags. */
  ObjectNode result() {
    require(complete && first != null, "the list ends before its end: no page says that it is the last");
    ObjectNode result = Json.MAPPER.createObjectNode().put("repository", repository.toString());
    for (String field : new String[] {"sequence", "time", "total"}) {
      result.set(field, first == null ? null : first.path(field));
    }
    require(result.path("total").asLong(-1) == tags.size(), "the list has " + tags.size() + " tags, not " + result.path("total"));
    signers.forEach(result.putArray("keys")::add);
    return result.set("tags", tags);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new VerificationFailed(otherwise);
    }
  }
}
