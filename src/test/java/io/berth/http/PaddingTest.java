package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Who;
import io.berth.registry.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PaddingTest {

  private static final RepositoryName PART = RepositoryName.parse("part/app");
  private static final RepositoryName WHOLE = RepositoryName.parse("whole/app");
  private static final RepositoryName NONE = RepositoryName.parse("none/app");
  private static final Digest BLOB = Digest.Algorithm.SHA256.of(new byte[] {1});
  private static final Reply FOUND = new Reply.Empty(200, new Headers());
  private static final Reply ABSENT = new Reply.Empty(404, new Headers());
  private static final Reply STARTED = new Reply.Empty(202, new Headers());

  private final Caller caller =
      new Caller(new Rights(new AccessPolicy(List.of(pull("part/**", List.of(new Glob("v*"))), pull("whole/**", List.of()),
          push("**"))), new Identity.Anonymous()), "", "");
  private final Trail trail = new Trail();
  private final Padding padding = new Padding(Duration.ofMillis(50));

  private static AccessRule pull(String repositories, List<Glob> tags) {
    return rule(new Grant(List.of(new Glob(repositories)), tags, Set.of(Action.PULL)));
  }

  private static AccessRule push(String repositories) {
    return rule(new Grant(List.of(new Glob(repositories)), List.of(), Set.of(Action.PUSH)));
  }

  private static AccessRule rule(Grant grant) {
    return new AccessRule(grant.toString(), List.of(new Who.Anyone()), grant, Condition.ALWAYS);
  }

  private boolean isDue(Call call, Reply reply) {
    return Padding.isDue(call, caller, trail, reply);
  }

  private long padded(Duration worked) {
    return padding.padded(worked.toNanos(), _ -> 0);
  }

  @Test
  void whatTookDifferentTimesTakesTheSame() {
    assertThat(padded(Duration.ofNanos(1))).isEqualTo(padded(Duration.ofMillis(50))).isEqualTo(Duration.ofMillis(50).toNanos());
    assertThat(padded(Duration.ofMillis(51))).isEqualTo(padded(Duration.ofMillis(200))).isEqualTo(Duration.ofMillis(200).toNanos());
    assertThat(padded(Duration.ofSeconds(13))).isEqualTo(Duration.ofSeconds(13).toNanos());
    assertThat(padded(Duration.ofSeconds(2))).isEqualTo(Duration.ofMillis(3200).toNanos());
  }

  @Test
  void theLotIsAnEighthAtMost() {
    assertThat(padding.padded(0, bound -> bound)).isEqualTo(Duration.ofMillis(50).plusNanos(6_250_000).toNanos());
  }

  @Test
  void whatIsNotThereOrNotToBeReadTakesItsTimeWhereSomeTagsMayBePulled() {
    assertThat(isDue(new Call.GetBlob(PART, BLOB), ABSENT)).isTrue();
    assertThat(isDue(new Call.GetManifest(PART, BLOB), ABSENT)).isTrue();
    assertThat(isDue(new Call.GetCompleteness(PART, BLOB), FOUND)).isTrue();
  }

  @Test
  void contentAndUploadsComeAsTheyCome() {
    assertThat(isDue(new Call.GetBlob(PART, BLOB), FOUND)).isFalse();
    assertThat(isDue(new Call.GetManifest(PART, BLOB), FOUND)).isFalse();
    assertThat(isDue(new Call.UploadStatus(PART, "1"), ABSENT)).isFalse();
  }

  @Test
  void whoMayReadEverythingOrNothingNeverWaits() {
    assertThat(isDue(new Call.GetBlob(WHOLE, BLOB), ABSENT)).isFalse();
    assertThat(isDue(new Call.GetBlob(NONE, BLOB), ABSENT)).isFalse();
  }

  @Test
  void anOriginCountsAsTheRepositoryDoes() {
    assertThat(isDue(new Call.MountBlob(WHOLE, BLOB, PART, false), STARTED)).isTrue();
    assertThat(isDue(new Call.MountBlob(PART, BLOB, null, true), STARTED)).isTrue();
    assertThat(isDue(new Call.MountBlob(WHOLE, BLOB, NONE, false), STARTED)).isFalse();
    trail.from(PART.value());
    assertThat(isDue(new Call.GetUsage(WHOLE), FOUND)).isTrue();
  }

  @Test
  void soDoesAListOfRepositoriesThatLookedIntoSome() {
    assertThat(isDue(new Call.GetUsage(WHOLE), FOUND)).isFalse();
    trail.searched();
    assertThat(isDue(new Call.GetUsage(WHOLE), FOUND)).isTrue();
  }

  @Test
  void theTimeThatABodyTakesToArriveDoesNotCount() {
    assertThat(trail.arrived(7)).isEqualTo(7);
    trail.arrived();
    assertThat(trail.arrived(Long.MIN_VALUE)).isNotEqualTo(Long.MIN_VALUE);
  }
}
