package io.berth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.auth.Platform;
import io.berth.oci.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/ACCESS.md} shows is what happens; {@link TypedPage} says how it is tried. */
final class AccessPageIT {

  /** Where the page has the platform that vouches for its jobs. */
  private static final String PLATFORM = "http://127.0.0.1:8000";
  private static final Pattern JOB = Pattern.compile("<!-- job -->\n```json\n(.*?)```", Pattern.DOTALL);

  @Test
  void whatThePageShowsIsWhatHappens(@TempDir Path folder) throws Exception {
    try (var platform = new Platform(); var page = new TypedPage("ACCESS.md", folder)) {
      Files.writeString(folder.resolve("job.jwt"), platform.sign(job(platform)));
      assertThat(page.with(PLATFORM, platform.url()).type("bash", "curl", "jq")).as("answers compared").isGreaterThan(35);
    }
  }

  /** What the token of the page's job says, and that it is of this hour. */
  private static Map<String, Object> job(Platform platform) throws Exception {
    String shown = JOB.matcher(Files.readString(Path.of("docs/ACCESS.md"))).results().findFirst().orElseThrow().group(1);
    var claims = new LinkedHashMap<String, Object>();
    Json.parse(shown.replace(PLATFORM, platform.url()).getBytes(UTF_8)).properties()
        .forEach(claim -> claims.put(claim.getKey(), claim.getValue().asString()));
    claims.put("iat", Instant.now().getEpochSecond());
    claims.put("exp", Instant.now().plusSeconds(3600).getEpochSecond());
    return claims;
  }
}
