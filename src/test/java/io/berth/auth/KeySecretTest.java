package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

final class KeySecretTest {

  private final SecureRandom random = new SecureRandom();

  @Test
  void aSecretHasAFormThatScannersKnow() {
    assertThat(KeySecret.make(random).reveal()).matches("berth_[0-9A-Za-z]{49}");
  }

  @Test
  void whatWasMadeIsReadAndHasOneHash() {
    for (int i = 0; i < 1_000; i++) {
      KeySecret secret = KeySecret.make(random);
      assertThat(KeySecret.parse(secret.reveal())).hasValueSatisfying(read -> assertThat(read.hash()).isEqualTo(secret.hash()));
    }
  }

  @Test
  void noTwoAreTheSame() {
    var seen = new HashSet<String>();
    for (int i = 0; i < 1_000; i++) {
      assertThat(seen.add(KeySecret.make(random).reveal())).isTrue();
    }
  }

  @Test
  void oneWrongCharacterIsNoticedWhereverItIs() {
    String text = KeySecret.make(random).reveal();
    for (int i = 0; i < text.length(); i++) {
      char other = text.charAt(i) == 'x' ? 'y' : 'x';
      assertThat(KeySecret.parse(text.substring(0, i) + other + text.substring(i + 1))).as("at %d", i).isEmpty();
    }
    assertThat(KeySecret.parse(text.substring(0, text.length() - 1))).isEmpty();
    assertThat(KeySecret.parse(text + "0")).isEmpty();
    assertThat(KeySecret.parse("")).isEmpty();
  }

  @Test
  void itIsNotPrinted() {
    KeySecret secret = KeySecret.make(random);
    assertThat(secret.toString()).doesNotContain(secret.reveal().substring(6, 12));
  }
}
