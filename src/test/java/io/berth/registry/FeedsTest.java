package io.berth.registry;

import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.policy.DeletionRules;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is followed of a repository ends for the same reasons. */
final class FeedsTest {

  @TempDir private Path folder;
  private House house;
  private Feeds feeds;

  @BeforeEach
  void open() {
    house = new House(folder, new DeletionRules(true, true));
    feeds = Feeds.of(house.metadata);
  }

  @AfterEach
  void close() {
    house.close();
  }

  @Test
  void rightsThatChangeEndAllWhoFollow() {
    Feeds.Term before = feeds.term();
    before.begin();
    List<Feed<?>.Follower> followers = List.of(before.tags().follow(APP, 0), before.presence().follow(APP, 0));
    assertThat(followers).noneMatch(Feed.Follower::isOver);
    Feeds.Term next = feeds.term();
    next.begin();

    assertThat(followers).allMatch(Feed.Follower::isOver);
    assertThat(before.presence().follow(APP, 0).isOver()).as("with rights of before").isTrue();
    assertThat(next.presence().follow(APP, 0).isOver()).isFalse();
  }

  @Test
  void aRepositoryThatGoesEndsAllWhoFollowIt() {
    List<Feed<?>.Follower> followers = List.of(feeds.tags().follow(APP, 0), feeds.presence().follow(APP, 0));
    Feed<?>.Follower other = feeds.presence().follow(LIB, 0);
    feeds.gone(APP);

    assertThat(followers).allMatch(Feed.Follower::isOver);
    assertThat(other.isOver()).isFalse();
  }
}
