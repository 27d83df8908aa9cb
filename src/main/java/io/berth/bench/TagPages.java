package io.berth.bench;

import io.berth.oci.Json;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/** Pages of a list of tags, beginning anywhere. */
final class TagPages implements Scenario {

  private static final int PAGE = 100;
  private static final int BEGINNINGS = 256;

  private final TagList tags;
  private final List<Request> pages;

  TagPages(Setting setting, Target target) {
    tags = new TagList(setting, "tag-page");
    long last = Math.max(1, tags.size() - PAGE); // so that each page is full
    pages = IntStream.range(0, BEGINNINGS)
        .mapToObj(i -> Request.of(target, "GET",
            Paths.tags(tags.repository()) + "?n=" + PAGE + "&last=" + tags.tag(last * i / BEGINNINGS), "GET of a page of tags"))
        .toList();
  }

  @Override
  public List<Kind> kinds() {
    return List.of(new Kind("", 0));
  }

  @Override
  public boolean optional() {
    return true;
  }

  @Override
  public void setUp(SetUp setUp) throws IOException {
    tags.setUp(setUp);
  }

  @Override
  public String probe(RegistryClient client) throws IOException {
    Answer answer = client.require(pages.getFirst(), Integer.MAX_VALUE);
    int found;
    try {
      found = Json.parse(answer.kept()).path("tags").size();
    } catch (Json.InvalidJson e) {
      throw UnexpectedAnswer.of(pages.getFirst(), answer, "the answer is not JSON: " + e.getMessage());
    }
    int page = Math.min(PAGE, tags.size() - 1);
    if (found < page) {
      throw UnexpectedAnswer.of(pages.getFirst(), answer, found + " tags instead of " + page);
    }
    return found > page ? "answers " + found + " tags when asked for " + PAGE : "";
  }

  @Override
  public int perform(RegistryClient client, long ticket) throws IOException {
    client.require(pages.get((int) (ticket * 101 % BEGINNINGS)));
    return 0;
  }

  @Override
  public List<Leftovers> leftovers() {
    return tags.leftovers();
  }
}
