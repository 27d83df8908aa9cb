package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.condition.Expression;
import io.berth.config.AccessConfig;
import io.berth.config.Configuration;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.config.StatisticsConfig;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Who;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How often, and on which threads, a running registry asks the conditions of its rules of access. */
@Timeout(120)
final class ConditionsAskedTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final String INDEX = "{\"schemaVersion\":2,\"manifests\":[]}";
  private static final String TYPE = "Content-Type: application/vnd.oci.image.index.v1+json";
  private static final String MANIFEST = "/v2/team/app/manifests/";
  private static final Digest DIGEST = Digest.Algorithm.SHA256.of(INDEX.getBytes(UTF_8));

  @TempDir private Path folder;

  private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
  private Wiring berth;
  private Calls client;

  /** What a condition was asked, and whether nobody else waited for the thread. */
  private record Asked(Condition.Question question, boolean virtual) {}

  /** An expression that tells what it is asked. */
  private final class Told implements Condition {

    private final Expression expression;

    Told(String text) {
      this.expression = Expression.parse(text);
    }

    @Override
    public String text() {
      return expression.text();
    }

    @Override
    public boolean readsTag() {
      return expression.readsTag();
    }

    @Override
    public boolean readsAction() {
      return expression.readsAction();
    }

    @Override
    public Answer judge(Question question) {
      asked.add(new Asked(question, Thread.currentThread().isVirtual()));
      return expression.judge(question);
    }
  }

  private AccessRule rule(String repositories, String when) {
    return new AccessRule(when, List.of(new Who.Anyone()),
        new Grant(List.of(new Glob(repositories)), List.of(), Set.of(Action.PULL, Action.PUSH)), new Told(when));
  }

  @BeforeEach
  void start() throws Exception {
    var file = new Configuration.File("test.yml", "auth: {accounts: {enabled: true}}");
    ServeConfig config = Configuration.read(new Configuration.Sources(Optional.of(file), Map.of(), List.of())).serve();
    AccessConfig access = config.access();
    List<AccessRule> rules = List.of(rule("team/*", "identity.kind == 'anonymous' && repository.startsWith('team/')"),
        rule("tags/*", "tag.startsWith('v')"));
    berth = Wiring.start(config.withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
        .withStatistics(new StatisticsConfig(true, Duration.ofMillis(50), 400))
        .withAccess(new AccessConfig(Optional.of(rules), access.groups(), access.tokens(), access.workloads(), access.certificates(),
            access.people(), access.issuer(), access.padding())));
    client = new Calls(berth.url());
    assertThat(client.call("PUT", MANIFEST + "v1", INDEX, TYPE).status()).isEqualTo(201);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    berth.close();
  }

  private void assertAskedOnceBy(int status, String method, String target, String body, String... fields) throws Exception {
    asked.clear();
    assertThat(client.call(method, target, body, fields).status()).as(target).isEqualTo(status);
    assertThat(asked).as("%s %s", method, target).hasSize(1)
        .allSatisfy(one -> assertThat(one.question().repository()).contains(APP)).allMatch(Asked::virtual);
  }

  @Test
  void oneRequestAsksAConditionOnce() throws Exception {
    assertAskedOnceBy(200, "GET", MANIFEST + "v1", "");
    assertAskedOnceBy(200, "GET", MANIFEST + "v1", ""); // from the cache
    assertAskedOnceBy(200, "GET", MANIFEST + DIGEST, "", "Docker-Manifest-Tag: v1");
    assertAskedOnceBy(201, "PUT", MANIFEST + "v2", INDEX, TYPE, "Docker-Manifest-Tag: v2");
    assertAskedOnceBy(200, "GET", "/v2/team/app/tags/list?n=1", "");
    assertAskedOnceBy(200, "GET", "/v2/team/app/_berth/stats", "");
    assertAskedOnceBy(404, "GET", MANIFEST + "none", "");
    assertAskedOnceBy(200, "GET", "/token?scope=repository:team/app:pull,push,delete", "");
  }

  @Test
  void nobodyWaitsOnTheEventLoopForWhatAConditionSaysOfATag() throws Exception {
    String manifest = "/v2/tags/app/manifests/";
    assertThat(client.call("PUT", manifest + "v1", INDEX, TYPE).status()).isEqualTo(201);

    for (int i = 0; i < 3; i++) {
      assertThat(client.get(manifest + DIGEST, "Docker-Manifest-Tag: v1, v9").status()).isEqualTo(200);
    }

    await().atMost(PATIENCE).until(() -> client.get("/v2/tags/app/_berth/stats").body().contains("\"tag\":\"v1\""));
    assertThat(asked).isNotEmpty().allMatch(Asked::virtual);
  }

  @Test
  void aTagThatIsSetIsNotAskedAboutAgainWhileOthersWaitForTheTransaction() throws Exception {
    asked.clear();
    assertThat(client.call("PUT", "/v2/tags/app/manifests/v1", INDEX, TYPE).status()).isEqualTo(201);

    assertThat(asked).hasSize(2).allMatch(Asked::virtual); // of no tag in particular, and of this one
  }
}
