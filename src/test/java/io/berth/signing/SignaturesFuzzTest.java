package io.berth.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.berth.Fuzz;
import io.berth.oci.SignedTag;
import io.berth.oci.SignedTag.Form;
import io.berth.oci.TagObject;

/** Strangers' bytes as tag objects, signed and not: each is refused in words, or says the same again in whatever form. Nobody signs by chance. */
final class SignaturesFuzzTest {

  private static final TrustedKeys KEYS = Signers.trust("ES256", "EdDSA", "PS256");

  @FuzzTest
  void tagObjects(byte[] input) {
    TagObject object = Fuzz.orRefusal(() -> TagObject.parse(input));
    if (object != null) {
      assertThat(TagObject.parse(object.render())).isEqualTo(object);
    }
  }

  @FuzzTest
  void jws(byte[] input) {
    signed(new SignedTag(Form.JWS, input));
  }

  @FuzzTest
  void pretty(byte[] input) {
    TagSignatures tag = signed(new SignedTag(Form.PRETTYJWS, input));
    if (tag != null) {
      assertThat(tag.as(Form.JWS)).isPresent();
      assertThat(new String(input, UTF_8)).startsWith(new String(tag.payload(), UTF_8).stripTrailing().replaceFirst("\\s*}$", ""));
    }
  }

  private static TagSignatures signed(SignedTag document) {
    TagSignatures tag = Fuzz.orRefusal(() -> TagSignatures.parse(document));
    if (tag != null) {
      assertThat(tag.verify(KEYS)).isEmpty();
      assertThat(tag.object().isComplete()).isTrue();
      for (Form form : Form.values()) {
        tag.as(form).ifPresent(other -> assertThat(TagSignatures.parse(other).payload()).isEqualTo(tag.payload()));
      }
    }
    return tag;
  }
}
