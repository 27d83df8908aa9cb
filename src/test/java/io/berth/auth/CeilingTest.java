package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CeilingTest {

  private static List<Glob> globs(String words) {
    return words == null || words.isBlank() ? List.of() : Stream.of(words.split(" ")).map(Glob::new).toList();
  }

  private static Grant grant(String repositories, String tags, String actions) {
    var set = EnumSet.noneOf(Action.class);
    Stream.of(actions.split(" ")).map(String::toUpperCase).map(Action::valueOf).forEach(set::add);
    return new Grant(globs(repositories), globs(tags), set);
  }

  private static Optional<List<Grant>> one(String repositories, String tags, String actions) {
    return Optional.of(List.of(grant(repositories, tags, actions)));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    var grants = List.of(grant("team/** lib", "v* latest", "pull push"), grant("**", "", "admin"));

    assertThat(Ceiling.read(Ceiling.write(Optional.of(grants)))).contains(grants);
    assertThat(Ceiling.read(Ceiling.write(Optional.empty()))).as("none at all").isEmpty();
    assertThat(Ceiling.read(Ceiling.write(Optional.of(List.of())))).as("one that allows nothing").contains(List.of());
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      team/app,    , pull,        team/app,     , pull
      team/app,    , pull,        team/**,      , pull
      team/**,     , pull,        **,           , pull
      team/x/**,   , pull,        team/**,      , pull push
      team/*,      , pull,        team/**,      , pull
      team/app,    , pull,        team/*,       , pull
      team/app,    v1, pull,      team/app,     , pull
      team/app,    v1, pull,      team/app,     v*, pull
      team/app,    v*, pull,      team/app,     *, pull
      team/app,    , create move, team/app,     , push
      team/app,    , pull delete, team/app,     , admin
      """)
  void narrowerIsWithin(String repositories, String tags, String actions, String outerRepositories, String outerTags, String outerActions) {
    assertThat(Ceiling.isWithin(one(repositories, tags, actions), one(outerRepositories, outerTags, outerActions))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      team/app,    , pull push,   team/app,     , pull
      team/app,    , admin,       team/app,     , pull push create move delete
      **,          , pull,        team/**,      , pull
      team,        , pull,        team/**,      , pull
      teams/app,   , pull,        team/**,      , pull
      te*/app,     , pull,        team/**,      , pull
      team/app,    , pull,        team/app,     v*, pull
      team/app,    x, pull,       team/app,     v*, pull
      team/app lib,, pull,        team/app,     , pull
      *,           , pull,        lib,          , pull
      """)
  void widerOrOtherIsNot(String repositories, String tags, String actions, String outerRepositories, String outerTags,
      String outerActions) {
    assertThat(Ceiling.isWithin(one(repositories, tags, actions), one(outerRepositories, outerTags, outerActions))).isFalse();
  }

  @Test
  void everythingIsWithinNoCeilingAndNoCeilingWithinNone() {
    assertThat(Ceiling.isWithin(Optional.empty(), Optional.empty())).isTrue();
    assertThat(Ceiling.isWithin(one("**", "", "admin"), Optional.empty())).isTrue();
    assertThat(Ceiling.isWithin(Optional.empty(), one("**", "", "admin"))).isFalse();
    assertThat(Ceiling.isWithin(one("lib", "", "pull"), Optional.of(List.of()))).isFalse();
  }

  /** Whatever is said to be within allows nothing that the other does not. */
  @Test
  void whatIsWithinAllowsNothingMore() {
    var patterns = List.of("**", "*", "team/**", "team/*", "team/app", "**/app", "t?am/app", "lib");
    var tagPatterns = List.of("", "*", "v*", "v1", "**", "?1");
    var names = Stream.of("team/app", "team/x/app", "lib", "team", "toam/app").map(RepositoryName::parse).toList();
    var grants = new ArrayList<Grant>();
    for (String pattern : patterns) {
      for (String tags : tagPatterns) {
        for (Action action : List.of(Action.PULL, Action.PUSH, Action.CREATE)) {
          grants.add(new Grant(globs(pattern), globs(tags), Set.of(action)));
        }
      }
    }
    int within = 0;
    for (Grant inner : grants) {
      for (Grant outer : grants) {
        if (Ceiling.isWithin(Optional.of(List.of(inner)), Optional.of(List.of(outer)))) {
          within++;
          for (RepositoryName name : names) {
            for (Action action : Action.values()) {
              for (String tag : List.of("v1", "x1", "latest")) {
                if (inner.access(name).may(action, Tag.parse(tag))) {
                  assertThat(outer.access(name).may(action, Tag.parse(tag))).as("%s within %s: %s %s:%s", inner, outer, action, name, tag)
                      .isTrue();
                }
              }
              if (inner.access(name).mayEverywhere(action)) {
                assertThat(outer.access(name).mayEverywhere(action)).as("%s within %s: %s %s", inner, outer, action, name).isTrue();
              }
            }
          }
        }
      }
    }
    assertThat(within).isGreaterThan(grants.size());
  }

  @Test
  void aCeilingOfNothingLeavesNoRights() {
    var rights = new Rights(AccessPolicy.USERS, new Identity.User("alice"), Optional.of(List.of()), List.of());
    assertThat(rights.access(RepositoryName.parse("lib")).may(Action.PULL)).isFalse();
  }
}
