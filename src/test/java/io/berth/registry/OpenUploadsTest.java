package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.BOB;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.body;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.caughtOrNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many uploads may be unfinished at a time. */
final class OpenUploadsTest {

  @TempDir Path folder;

  private House house;
  private Uploads uploads;

  @BeforeEach
  void begin() {
    house = new House(folder);
    uploads = house.freshUploads(new UploadLimits(5, 3));
  }

  @AfterEach
  void end() {
    house.close();
  }

  private String start(Caller caller, RepositoryName repository) {
    return uploads.start(caller, repository, Digest.Algorithm.SHA256);
  }

  private List<String> start(Caller caller, int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(start(caller, APP));
    }
    return ids;
  }

  private void isRefused(Caller caller, RepositoryName repository, String words) {
    RegistryException refusal = caught(() -> start(caller, repository));
    assertThat(refusal.status()).isEqualTo(429);
    assertThat(refusal.problems().getFirst().code()).isEqualTo(ErrorCode.TOOMANYREQUESTS);
    assertThat(refusal).hasMessageContaining(words);
  }

  @Test
  void oneUserHasNoMoreThanHisShareInWhateverRepository() {
    start(ALICE, 3);

    isRefused(ALICE, LIB, "you have 3 unfinished uploads");
    start(BOB, 2);
  }

  @Test
  void allUsersTogetherHaveNoMoreThanThereIsRoomFor() {
    start(ALICE, 3);
    start(BOB, 2);

    isRefused(BOB, LIB, "too many unfinished uploads");
  }

  @Test
  void thoseThatHaveBegunGoOnAndMakeRoomAsTheyEnd() {
    List<String> ids = start(ALICE, 3);
    isRefused(ALICE, APP, "you have 3");

    assertThat(uploads.append(ALICE, APP, ids.get(0), null, body("hello")).received()).isEqualTo(5);
    uploads.finish(ALICE, APP, ids.get(0), Documents.digest("hello"), null, body());
    uploads.cancel(ALICE, APP, ids.get(1));
    caught(() -> uploads.finish(ALICE, APP, ids.get(2), Documents.digest("other"), null, body("hello")));

    start(ALICE, 3);
    isRefused(ALICE, APP, "you have 3");
  }

  @Test
  void oneRequestThatPushesAWholeBlobIsCountedWhileItLasts() {
    start(ALICE, 2);
    for (int i = 0; i < 5; i++) {
      uploads.push(ALICE, APP, Documents.digest("hello"), body("hello"));
    }
    start(ALICE, 1);

    RegistryException refusal =
        caught(() -> uploads.push(ALICE, APP, Documents.digest("hello"), body("hello")));
    assertThat(refusal.status()).isEqualTo(429);
  }

  @Test
  void thoseFromBeforeARestartCount() {
    start(ALICE, 3);
    uploads = house.freshUploads(new UploadLimits(5, 3));

    isRefused(ALICE, APP, "you have 3");
    start(BOB, 2);
    isRefused(BOB, APP, "too many");
  }

  @Test
  void thoseThatAnotherProcessEndedAreNotCountedForLong() {
    List<String> ids = start(ALICE, 3);
    isRefused(ALICE, APP, "you have 3");
    house.freshUploads().cancel(ALICE, APP, ids.getFirst());

    house.pass(Duration.ofMinutes(1));

    start(ALICE, 1);
    isRefused(ALICE, APP, "you have 3");
  }

  @Test
  void idleOnesMakeRoomWhenTheyExpire() {
    start(ALICE, 3);
    house.pass(Duration.ofDays(1));

    uploads.expire(house.clock.instant(), 100);

    start(ALICE, 3);
  }

  @Test
  void otherLimitsHoldFromTheNextOn() {
    start(ALICE, 3);
    uploads.limits(new UploadLimits(5, 4));
    start(ALICE, 1);
    uploads.limits(new UploadLimits(2, 1));

    isRefused(ALICE, APP, "you have 1 unfinished");
    start(BOB, 1);
    isRefused(BOB, APP, "you have 1 unfinished");
  }

  private static Caller stranger(String address) {
    return new Caller(Rights.open(new Identity.Anonymous()), "test/1", address);
  }

  private boolean goesOn(Caller caller, String id) {
    return caughtOrNull(() -> uploads.status(caller, APP, id)) == null;
  }

  @Test
  void strangersAreCountedByTheirAddress() {
    start(stranger("192.0.2.1"), 3);

    isRefused(stranger("192.0.2.1"), LIB, "you have 3 unfinished uploads");
    start(stranger("192.0.2.2"), 2);
  }

  @Test
  void theyAreSoAfterARestart() {
    start(stranger("192.0.2.1"), 3);
    uploads = house.freshUploads(new UploadLimits(5, 3));

    isRefused(stranger("192.0.2.1"), LIB, "you have 3 unfinished uploads");
    start(stranger("192.0.2.2"), 1);
  }

  @Test
  void aUserIsOneWhereverHeComesFrom() {
    start(ALICE, 2);
    start(new Caller(Rights.open(ALICE.identity()), "test/1", "198.51.100.7"), 1);

    isRefused(ALICE, APP, "you have 3");
  }

  @Test
  void aStrangerGoesOnFromAnotherAddress() {
    String id = start(stranger("192.0.2.1"), APP);

    uploads.finish(stranger("192.0.2.2"), APP, id, Documents.digest("hello"), null, body("hello"));

    start(stranger("192.0.2.1"), 3);
  }

  @Test
  void whoHasTheMostGivesWayWithTheEmptyOneThatRestedLongest() {
    List<String> ids = start(ALICE, 3);
    uploads.append(ALICE, APP, ids.get(0), null, body("hello"));
    house.pass(Duration.ofSeconds(1));
    start(stranger("192.0.2.1"), 2);

    String let = start(BOB, APP);

    assertThat(ids).filteredOn(id -> !goesOn(ALICE, id)).singleElement().isIn(ids.get(1), ids.get(2));
    assertThat(uploads.status(ALICE, APP, ids.get(0))).isEqualTo(5);
    assertThat(goesOn(BOB, let)).isTrue();
    isRefused(ALICE, APP, "too many");
  }

  @Test
  void oneWithBytesEndsWhereNoneIsEmpty() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ids.addAll(start(ALICE, 1));
      uploads.append(ALICE, APP, ids.get(i), null, body("x"));
      house.pass(Duration.ofSeconds(1));
    }
    start(stranger("192.0.2.1"), 2);

    start(BOB, APP);

    assertThat(ids).filteredOn(id -> !goesOn(ALICE, id)).containsExactly(ids.get(0));
    assertThat(house.staged(ids.get(0))).isZero();
  }

  @Test
  void nobodyFromHoweverManyAddressesKeepsTheOthersOut() {
    uploads = house.freshUploads(new UploadLimits(20, 4));
    for (int i = 0; i < 5; i++) {
      start(stranger("192.0.2." + i), 4);
    }

    List<String> ids = start(ALICE, 3);
    for (int i = 0; i < 5; i++) {
      caughtOrNull(() -> start(stranger("192.0.2.1"), APP));
    }

    assertThat(ids).allMatch(id -> goesOn(ALICE, id));
    for (String id : ids) {
      uploads.finish(ALICE, APP, id, Documents.digest("hello"), null, body("hello"));
    }
  }

  @Test
  void oneOnWhichARequestWorksDoesNotEnd() {
    uploads = house.freshUploads(new UploadLimits(2, 2));
    List<String> ids = start(ALICE, 2);

    uploads.append(ALICE, APP, ids.get(0), null, () -> {
      CompletableFuture.runAsync(() -> start(BOB, APP)).join();
      return null;
    });

    assertThat(goesOn(ALICE, ids.get(0))).isTrue();
    assertThat(goesOn(ALICE, ids.get(1))).isFalse();
  }
}
