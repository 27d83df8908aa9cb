package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;

/** A real registry with a few manifests, and people at a terminal who type {@code berth tag} and its like. */
final class TagStand implements AutoCloseable {

  private final Path folder;
  private final Wiring registry;
  private final HttpClient http = HttpClient.newHttpClient();

  /** What a command said. */
  record Said(int status, String out, String err) {}

  TagStand(Path folder, UnaryOperator<ServeConfig> settings) throws Exception {
    this.folder = folder;
    this.registry = Wiring.start(
        settings.apply(ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))));
  }

  String url() {
    return registry.url();
  }

  /** How references name the registry. */
  String host() {
    return URI.create(registry.url()).getRawAuthority();
  }

  /** Pushes an image that is like no other, and gives it tags. */
  Digest push(String repository, String content, String... tags) throws IOException, InterruptedException {
    for (String blob : List.of("{}", content)) {
      send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + Documents.digest(blob), "application/octet-stream", blob);
    }
    String manifest = Documents.image("{}", content);
    Digest digest = Documents.digest(manifest);
    send("PUT", "/v2/" + repository + "/manifests/" + digest, Documents.MANIFEST, manifest);
    for (String tag : tags) {
      send("PUT", "/v2/" + repository + "/manifests/" + tag, Documents.MANIFEST, manifest);
    }
    return digest;
  }

  /** Pushes a manifest whose content is there. */
  Digest putAs(String repository, String name, String type, String manifest) throws IOException, InterruptedException {
    send("PUT", "/v2/" + repository + "/manifests/" + name, type, manifest);
    return Documents.digest(manifest);
  }

  /** Pushes a manifest over what is there, and gives it tags. */
  Digest put(String repository, String manifest, String... tags) throws IOException, InterruptedException {
    Digest digest = Documents.digest(manifest);
    String type = manifest.contains("\"manifests\"") ? Documents.INDEX : Documents.MANIFEST;
    send("PUT", "/v2/" + repository + "/manifests/" + digest, type, manifest);
    for (String tag : tags) {
      send("PUT", "/v2/" + repository + "/manifests/" + tag, type, manifest);
    }
    return digest;
  }

  private void send(String method, String path, String type, String body) throws IOException, InterruptedException {
    var answer = http.send(HttpRequest.newBuilder(URI.create(registry.url() + path)).header("Content-Type", type)
        .method(method, HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  /** Runs {@code berth tag …}. */
  Said run(String... arguments) {
    return type("tag", arguments);
  }

  /** Runs {@code berth COMMAND …}; {@code @} at the beginning of an argument stands for the registry's host and a slash. */
  Said type(String first, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var command = Berth.command().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    var all = new ArrayList<String>(List.of(first));
    for (String argument : arguments) {
      all.add(argument.startsWith("@") ? host() + "/" + argument.substring(1) : argument);
    }
    all.add("--authfile");
    all.add(nobody().toString());
    int status = command.execute(all.toArray(String[]::new));
    command.getOut().flush();
    command.getErr().flush();
    return new Said(status, out.toString(), err.toString());
  }

  /** What it prints, when it ends as it should. */
  String tag(String... arguments) {
    Said said = run(arguments);
    assertThat(said.status()).as(said.toString()).isZero();
    return said.out();
  }

  /** Why it fails, with that status. */
  String refused(int status, String... arguments) {
    Said said = run(arguments);
    assertThat(said.status()).as(said.toString()).isEqualTo(status);
    return said.err();
  }

  /** Stored credentials of nobody, so that those of who runs the tests stay out of them. */
  private Path nobody() {
    try {
      return Files.writeString(folder.resolve("nobody.json"), "{}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a pair of keys, NAME.pem and NAME.pub, and says where the private one is. */
  static String key(Path folder, String name) throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    Files.writeString(folder.resolve(name + ".pub"), pem("PUBLIC KEY", pair.getPublic().getEncoded()));
    return Files.writeString(folder.resolve(name + ".pem"), pem("PRIVATE KEY", pair.getPrivate().getEncoded())).toString();
  }

  private static String pem(String label, byte[] content) {
    return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content)
        + "\n-----END " + label + "-----\n";
  }

  /** Ends the registry but keeps its folder. */
  void stop() {
    registry.close();
  }

  @Override
  public void close() {
    registry.close();
    http.close();
  }
}
