package io.berth.metadata;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.image;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.DepartureReads.About;
import io.berth.metadata.DepartureReads.Departure;
import io.berth.metadata.DepartureReads.Due;
import io.berth.oci.Departing;
import io.berth.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps of manifests that were deleted while others were about them. */
public abstract class DepartureContract extends StoreUnderTest {

  private static final String IMAGE = image("subject");
  private static final Digest SUBJECT = digest(IMAGE);
  private static final Duration GRACE = Duration.ofHours(1);
  private static final Instant DUE = NOW.plus(GRACE);

  private boolean depart(Digest subject) {
    return store.<Boolean>write(tx -> tx.departures().add(APP, subject, NOW, GRACE, 0));
  }

  private Departure departure() {
    return store.read(tx -> tx.departures().find(APP, SUBJECT)).orElseThrow();
  }

  private List<About> page(long before, int limit) {
    return store.read(tx -> tx.departures().about(APP, SUBJECT, before, limit));
  }

  private Digest referrer(int number) {
    return put(APP, about(IMAGE, "x/signature", "c" + number));
  }

  @Test
  void onlyWhatOthersAreAboutDeparts() {
    put(LIB, about(IMAGE, "x/signature", "c"));
    put(APP, image("c"));
    assertThat(depart(SUBJECT)).isFalse();
    assertThat(depart(digest("c"))).as("a layer").isFalse();
    look(tx -> assertThat(tx.departures().find(APP, SUBJECT)).isEmpty());

    referrer(1);

    assertThat(depart(SUBJECT)).isTrue();
    Departure departure = departure();
    assertThat(departure).isEqualTo(new Departure(departure.number(), departure.number(), DUE, Long.MAX_VALUE, null));
    look(tx -> assertThat(tx.departures().find(LIB, SUBJECT)).isEmpty());
  }

  @Test
  void departuresAreDueInTheirOrder() {
    referrer(1);
    put(LIB, about(IMAGE, "x/signature", "c"));
    depart(SUBJECT);
    write(tx -> tx.departures().add(LIB, SUBJECT, NOW, GRACE.dividedBy(2), 0));

    look(tx -> assertThat(tx.departures().due(DUE.minusMillis(1), 10)).containsExactly(new Due(LIB, SUBJECT)));
    look(tx -> assertThat(tx.departures().due(DUE, 10)).containsExactly(new Due(LIB, SUBJECT), new Due(APP, SUBJECT)));
    look(tx -> assertThat(tx.departures().due(DUE, 1)).hasSize(1));
    look(tx -> assertThat(tx.departures().waiting(DUE.minusMillis(1)))
        .isEqualTo(new Departing(2, 1, NOW.plus(GRACE.dividedBy(2)), 2, 1)));

    write(tx -> tx.departures().end(LIB, SUBJECT));
    reopen();
    look(tx -> assertThat(tx.departures().due(DUE, 10)).containsExactly(new Due(APP, SUBJECT)));
  }

  @Test
  void whatIsAboutItComesInPagesTheNewestFirst() {
    List<Digest> pushed = List.of(referrer(1), referrer(2), referrer(3));
    put(LIB, about(IMAGE, "x/signature", "c"));

    List<About> all = page(Long.MAX_VALUE, 10);
    assertThat(all).extracting(About::manifest).containsExactlyElementsOf(pushed.reversed());
    assertThat(page(all.getFirst().id(), 1)).extracting(About::manifest).containsExactly(pushed.get(1));
    assertThat(page(all.getLast().id(), 10)).isEmpty();
  }

  @Test
  void whatIsPushedKnowsWhichDeparturesWereBefore() {
    referrer(1);
    referrer(2);
    depart(SUBJECT);
    long number = departure().number();
    referrer(2);
    referrer(3);

    assertThat(page(Long.MAX_VALUE, 10)).extracting(About::departure).containsExactly(number, number, 0L);

    write(tx -> tx.departures().spare(APP, digest(about(IMAGE, "x/signature", "c1"))));
    assertThat(page(Long.MAX_VALUE, 10)).extracting(About::departure).containsExactly(number, number, number);
    write(tx -> tx.departures().end(APP, SUBJECT));
    depart(SUBJECT);
    assertThat(departure().number()).as("no number comes twice").isGreaterThan(number);
  }

  @Test
  void aDepartureTakesThePlaceOfAnEarlierOne() {
    referrer(1);
    depart(SUBJECT);
    Departure first = departure();
    write(tx -> tx.departures().advance(APP, SUBJECT, 7, DUE));

    write(tx -> tx.departures().add(APP, SUBJECT, LATER, GRACE, first.number()));

    Departure second = departure();
    assertThat(second).isEqualTo(new Departure(second.number(), first.number(), LATER.plus(GRACE), Long.MAX_VALUE, null));
    assertThat(second.number()).isGreaterThan(first.number());
  }

  @Test
  void howFarItHasComeIsKept() {
    referrer(1);
    write(tx -> tx.departures().add(APP, SUBJECT, NOW, GRACE, 1));
    write(tx -> tx.departures().advance(APP, SUBJECT, 42, LATER));
    assertThat(departure()).extracting(Departure::before, Departure::again, Departure::due).containsExactly(42L, LATER, DUE);

    write(tx -> tx.departures().restart(APP, SUBJECT, NOW, Duration.ofDays(9)));

    long number = departure().number();
    assertThat(departure()).isEqualTo(new Departure(number, number, NOW.plus(Duration.ofDays(9)), Long.MAX_VALUE, null));
  }

  @Test
  void allOfThemArePutOffButNoneForLongerThanItsWholeGrace() {
    referrer(1);
    depart(SUBJECT);

    write(tx -> tx.departures().postpone(NOW.plus(Duration.ofDays(1)), Duration.ofDays(1)));
    assertThat(departure().due()).isEqualTo(DUE.plus(Duration.ofDays(1)));
    write(tx -> tx.departures().postpone(NOW, Duration.ofDays(36_525)));
    assertThat(departure().due()).isEqualTo(DUE);
    write(tx -> tx.departures().postpone(NOW.plus(GRACE.dividedBy(2)), Duration.ZERO));
    assertThat(departure().due()).isEqualTo(DUE);
  }

  @Test
  void aManifestIsLeavingWhoseSubjectHasDeparted() {
    Digest one = referrer(1);
    Digest image = put(APP, image("c"));
    look(tx -> assertThat(tx.departures().isLeaving(APP, one)).isFalse());

    depart(SUBJECT);

    look(tx -> assertThat(tx.departures().isLeaving(APP, one)).isTrue());
    look(tx -> assertThat(tx.departures().isLeaving(APP, image)).isFalse());
    look(tx -> assertThat(tx.departures().isLeaving(LIB, one)).isFalse());
  }

  private static Instant at(int seconds) {
    return NOW.plusSeconds(seconds);
  }

  private void assertUntagged(Digest manifest, Instant expected) {
    look(tx -> assertThat(tx.departures().untagged(APP, manifest).orElse(null)).isEqualTo(expected));
  }

  @Test
  void whenTheLastTagLeftAManifestIsKnown() {
    Digest one = referrer(1);
    Digest two = referrer(2);
    assertUntagged(one, null);

    change(APP, "a", one, at(1));
    assertUntagged(one, Instant.MAX);
    change(APP, "a", two, at(2));
    assertUntagged(one, at(2));
    change(APP, "a", null, at(3));
    assertUntagged(one, at(2));
    assertUntagged(two, at(3));

    change(APP, "a", one, at(4));
    change(APP, "b", one, at(5));
    change(APP, "a", null, at(6));
    assertUntagged(one, Instant.MAX);
    change(APP, "b", two, at(7));
    change(APP, "b", null, at(8));
    assertUntagged(one, at(7));
    look(tx -> assertThat(tx.departures().untagged(LIB, one)).isEmpty());
  }

  @Test
  void withMoreTagsThanCanBeLookedAtItIsAsIfOneWereThere() {
    Digest one = referrer(1);
    for (int i = 0; i < 101; i++) {
      assertUntaggedBefore(one, i);
      change(APP, "t" + i, one, at(2 * i));
      change(APP, "t" + i, null, at(2 * i + 1));
    }
    assertUntagged(one, Instant.MAX);
  }

  private void assertUntaggedBefore(Digest manifest, int number) {
    if (number == 100) {
      assertUntagged(manifest, at(199));
    }
  }

  @Test
  void aRepositoryThatGoesTakesItsDeparturesAlong() {
    referrer(1);
    depart(SUBJECT);

    write(tx -> tx.deleteRepository(APP, LATER));

    look(tx -> assertThat(tx.departures().waiting(LATER)).isEqualTo(new Departing(0, 0, null, 0, 0)));
    referrer(1);
    look(tx -> assertThat(tx.departures().find(APP, SUBJECT)).isEmpty());
  }
}
