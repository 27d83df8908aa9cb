package io.berth.signing;

import static io.berth.signing.Signers.PAYLOAD;
import static io.berth.signing.Signers.signature;
import static io.berth.signing.Signers.signer;
import static io.berth.signing.Signers.trust;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.RegistryException;
import io.berth.oci.SignedTag;
import io.berth.oci.SignedTag.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pretty document's payload is, and that nothing else is in it. */
final class PrettyJwsTest {

  private static final String SIGNED = text(TagSignatures.sign(PAYLOAD.getBytes(UTF_8), signer("ES256"), Form.PRETTYJWS));

  private static String text(SignedTag document) {
    return new String(document.bytes(), UTF_8);
  }

  private static TagSignatures parse(String text) {
    return TagSignatures.parse(new SignedTag(Form.PRETTYJWS, text.getBytes(UTF_8)));
  }

  private static void isRefused(String text, String why) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(RegistryException.class).hasMessageContaining(why);
  }

  @Test
  void theDocumentIsThePayloadWithAMemberMore() {
    assertThat(SIGNED).startsWith(PAYLOAD.substring(0, PAYLOAD.lastIndexOf("\n}"))).endsWith("}]\n}\n");
    assertThat(SIGNED.replaceFirst(",\"signatures\":\\[\\{\"protected.*}]", "")).isEqualTo(PAYLOAD);
  }

  @Test
  void whiteSpaceAroundTheMemberIsNobodysConcern() {
    TagSignatures document = parse(SIGNED.replace(",\"signatures\":[{\"prot", " \n, \t\"signatures\" :\r\n [ { \"prot"));

    assertThat(document.payload()).isEqualTo(PAYLOAD.getBytes(UTF_8));
    assertThat(document.verify(trust("ES256"))).containsExactly("ES256");
  }

  @Test
  void nothingHidesBetweenWhatWasSignedAndTheSignatures() {
    isRefused(SIGNED.replace(",\"signatures\":[{\"prot", ",\"more\":1,\"signatures\":[{\"prot"),
        "formatLength does not lead to the signatures");
    isRefused(SIGNED.replace("]\n}\n", "],\"more\":1\n}\n"), "must be the last member");
    isRefused(SIGNED.replace("]\n}\n", "]}\n"), "formatTail is not what stands behind");
    isRefused(SIGNED + " ", "formatTail is not what stands behind");
    isRefused(SIGNED.replace("\"description\": \"first\",", "\"description\": \"fir\","), "formatLength does not lead to the signatures");
  }

  @Test
  void anotherMemberOfThatNameIsNotTakenForIt() {
    String escaped = SIGNED.replace(",\"signatures\":[{\"prot", ",\"\\u0073ignatures\":[{\"prot");
    isRefused(escaped, "without escapes");
    isRefused(SIGNED.replace("{\n  \"name\"", "{\"signatures\":[],\n  \"name\""), "not valid JSON");
    isRefused("{\"signatures\":[" + signature(header(1, "}"), "") + "]}", "not the only or the first one");
    isRefused("{\"signatures\":[" + signature(header(1, "}"), "") + "]," + PAYLOAD.substring(1), "must be the last member");
  }

  private static String header(int length, String tail) {
    return "{\"alg\":\"ES256\",\"formatLength\":" + length + ",\"formatTail\":\"" + Signers.base64(tail) + "\"}";
  }

  private static String pretty(String... headers) {
    String signatures = String.join(",", java.util.Arrays.stream(headers).map(header -> signature(header, "")).toList());
    return PAYLOAD.stripTrailing().replaceFirst("\n}$", "") + ",\"signatures\":[" + signatures + "]\n}\n";
  }

  @Test
  void allSignaturesAreOverTheSamePayload() {
    int length = PAYLOAD.length() - 3;
    String header = header(length, "\n}\n");

    assertThat(parse(pretty(header, header.replace("{", "{ "))).count()).isEqualTo(2);
    isRefused(pretty(header, header(length - 1, "\n}\n")), "do not agree");
    isRefused(pretty(header, header(length, "\n}")), "do not agree");
    isRefused(pretty(header, "{\"alg\":\"ES256\"}"), "do not agree");
    isRefused(pretty("{\"alg\":\"ES256\"}", header), "formatLength and formatTail");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"formatLength\":-1", "\"formatLength\":1.5", "\"formatLength\":\"9\"", "\"formatLength\":99999999999",
    "\"formatLength\":null"})
  void aLengthThatIsNoneIsRefused(String length) {
    isRefused(pretty("{\"alg\":\"ES256\"," + length + ",\"formatTail\":\"" + Signers.base64("\n}\n") + "\"}"),
        "formatLength and formatTail");
  }

  @Test
  void aLengthThatCutsElsewhereIsRefused() {
    for (int length = 0; length < SIGNED.length() + 10; length++) {
      if (length != PAYLOAD.length() - 3) {
        isRefused(pretty(header(length, "\n}\n")), "formatLength does not lead");
      }
    }
    isRefused(pretty(header(Integer.MAX_VALUE, "\n}\n")), "formatLength does not lead");
  }
}
