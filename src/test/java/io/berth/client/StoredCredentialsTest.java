package io.berth.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Credentials as docker and podman store them. */
final class StoredCredentialsTest {

  private static final String HOST = "registry.example.com:5000";
  private static final Credentials ALICE = new Credentials("alice", "s3cret:with:colons");

  @TempDir private Path folder;

  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void emptyHome() throws IOException {
    Files.createDirectories(folder.resolve("home/.docker"));
    Files.createDirectories(folder.resolve("bin"));
    environment.put("PATH", folder.resolve("bin") + ":/bin:/usr/bin");
  }

  private StoredCredentials stored() {
    return new StoredCredentials(null, folder.resolve("home"), environment);
  }

  private static String auth(String text) {
    return "{\"auth\":\"" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "\"}";
  }

  private static String alice(String key) {
    return "{\"auths\":{\"" + key + "\":" + auth("alice:s3cret:with:colons") + "}}";
  }

  private Path docker(String json) throws IOException {
    return Files.writeString(folder.resolve("home/.docker/config.json"), json);
  }

  private void helper(String name, String script) throws IOException {
    Path program = Files.writeString(folder.resolve("bin/docker-credential-" + name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void withoutAFileThereAreNone() {
    assertThat(stored().find(HOST)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {HOST, "https://" + HOST, "https://" + HOST + "/v1/", "https://" + HOST + "/v2/", "http://" + HOST,
    "Registry.Example.com:5000"})
  void theRegistryIsFoundHoweverItWasWritten(String key) throws IOException {
    docker(alice(key));

    assertThat(stored().find(HOST)).contains(ALICE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"registry.example.com", "example.com:5000", HOST + ".evil.example", "https://evil.example/" + HOST, HOST + "/team", "",
        "https://evil.example@" + HOST})
  void whatIsStoredForAnotherIsNotFound(String key) throws IOException {
    docker(alice(key));

    assertThat(stored().find(HOST)).isEmpty();
  }

  @Test
  void nameAndPasswordMayStandByThemselves() throws IOException {
    docker("{\"auths\":{\"" + HOST + "\":{\"username\":\"alice\",\"password\":\"s3cret:with:colons\"}}}");

    assertThat(stored().find(HOST)).contains(ALICE);
  }

  @Test
  void dockerConfigNamesAnotherFolder() throws IOException {
    docker(alice("other.example"));
    Files.createDirectories(folder.resolve("ci"));
    Files.writeString(folder.resolve("ci/config.json"), alice(HOST));
    environment.put("DOCKER_CONFIG", folder.resolve("ci").toString());

    assertThat(stored().find(HOST)).contains(ALICE);
    assertThat(stored().find("other.example")).isEmpty();
  }

  @Test
  void podmansFileComesFirstAndDockersIsAskedForTheRest() throws IOException {
    docker("{\"auths\":{\"" + HOST + "\":" + auth("bob:b") + ",\"other.example\":" + auth("bob:b") + "}}");
    environment.put("REGISTRY_AUTH_FILE", Files.writeString(folder.resolve("auth.json"), alice(HOST)).toString());

    assertThat(stored().find(HOST)).contains(ALICE);
    assertThat(stored().find("other.example")).contains(new Credentials("bob", "b"));
  }

  @Test
  void aFileThatIsNamedIsTheOnlyOne() throws IOException {
    docker(alice(HOST));
    Path named = Files.writeString(folder.resolve("named.json"), "{}");

    assertThat(new StoredCredentials(named, folder.resolve("home"), environment).find(HOST)).isEmpty();
    assertThatThrownBy(() -> new StoredCredentials(folder.resolve("none"), folder, environment)).hasMessageContaining("does not exist");
  }

  @Test
  void aHelperIsAskedForItsRegistryAndTheStoreForAllOthers() throws IOException {
    helper("one", "echo \"{\\\"Username\\\":\\\"$1\\\",\\\"Secret\\\":\\\"$(cat)\\\"}\"");
    helper("all", "cat > /dev/null; echo '{\"Username\":\"alice\",\"Secret\":\"s3cret:with:colons\"}'");
    docker("{\"credHelpers\":{\"" + HOST + "\":\"one\"},\"credsStore\":\"all\",\"auths\":{\"" + HOST + "\":{}}}");

    assertThat(stored().find(HOST)).contains(new Credentials("get", HOST));
    assertThat(stored().find("other.example")).contains(ALICE);
  }

  @Test
  void whatAHelperDoesNotHaveMayStandInTheFile() throws IOException {
    helper("empty", "echo credentials not found in native keychain; exit 1");
    docker("{\"credsStore\":\"empty\"," + alice(HOST).substring(1));

    assertThat(stored().find(HOST)).contains(ALICE);
  }

  @Test
  void aHelperThatFailsIsNotPassedOverAndItsWordsAreNotShown() throws IOException {
    helper("broken", "cat > /dev/null; echo s3cret; exit 4");
    docker("{\"credsStore\":\"broken\"}");

    assertThatThrownBy(() -> stored().find(HOST)).isInstanceOf(RegistryFailure.class).hasMessageContaining("failed with status 4")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void aHelperThatDoesNotAnswerInJsonIsRefusedWithoutItsWords() throws IOException {
    helper("odd", "cat > /dev/null; echo s3cret");
    docker("{\"credsStore\":\"odd\"}");

    assertThatThrownBy(() -> stored().find(HOST)).hasMessageContaining("did not answer in JSON").hasMessageNotContaining("s3cret");
  }

  @Test
  void aHelperThatNeverEndsIsEnded() throws IOException {
    helper("slow", "exec sleep 1000");

    assertThatThrownBy(() -> new CredentialProgram("slow", folder, environment, Duration.ofMillis(200)).get(HOST))
        .hasMessageContaining("gave no answer within");
  }

  @Test
  void aHelperThatTalksWithoutEndIsRefused() throws IOException {
    helper("loud", "cat > /dev/null; exec yes");
    docker("{\"credsStore\":\"loud\"}");

    assertThatThrownBy(() -> stored().find(HOST)).isInstanceOf(RegistryFailure.class)
        .hasMessageContaining("said more than credentials are");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../tmp/evil", "a b", "a;reboot", "A", "$(x)", "a.sh", "a/b"})
  void theNameOfAHelperIsNoPathAndNoCommand(String name) throws IOException {
    docker("{\"credsStore\":\"" + name + "\"}");

    assertThatThrownBy(() -> stored().find(HOST)).hasMessageContaining("names have [a-z0-9_-] only");
  }

  @Test
  void aHelperThatIsNotThereIsNamed() throws IOException {
    docker("{\"credsStore\":\"nowhere\"}");

    assertThatThrownBy(() -> stored().find(HOST)).hasMessageContaining("docker-credential-nowhere").hasMessageContaining("not on the PATH");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"identitytoken\":\"s3cret\"}", "{\"registrytoken\":\"s3cret\"}"})
  void tokensAreSaidToBeUnsupported(String entry) throws IOException {
    docker("{\"auths\":{\"" + HOST + "\":" + entry + "}}");

    assertThatThrownBy(() -> stored().find(HOST)).hasMessageContaining("not supported yet").hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cret", "{\"auths\":{\"" + HOST + "\":{\"auth\":\"s3cret!\"}}}",
    "{\"auths\":{\"" + HOST + "\":{\"auth\":\"czNjcmV0\"}}}",
    "{\"a\":1,\"a\":\"s3cret\"}"})
  void aBrokenFileIsRefusedWithoutQuotingIt(String json) throws IOException {
    Path file = docker(json);

    assertThatThrownBy(() -> stored().find(HOST)).isInstanceOf(RegistryFailure.class).hasMessageContaining(file.toString())
        .hasMessageNotContaining("s3cret").hasMessageNotContaining("czNjcmV0");
  }

  @Test
  void credentialsDoNotShowThemselves() {
    assertThat(ALICE.toString()).doesNotContain("alice", "s3cret");
  }
}
